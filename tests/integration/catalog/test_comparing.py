"""Two releases are compared code by code, with what each says; the comparison agrees with a plain one in Python."""

from datetime import date
from pathlib import Path

import pytest
from codingahead.catalog.v1 import events_pb2, releases_pb2

from services.catalog.comparing import COMPARED_OF_BOTH, WITHHELD
from services.catalog.imports.importer import Choices
from shared.errors import Denied, InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_commands import run
from tests.integration.catalog.test_editions import imported, pairs
from tests.integration.catalog.test_releases import CHANGED, listed
from tests.unit.catalog.code_set_files import HCPCS_CSV, RIGHT, order_line

__all__ = ["pairs"]
NAMES = events_pb2.CodeChangeKind.Name


async def compared(
    catalog: Catalog, old: str, new: str, *roles: str, change: str = "", size: int = 0, token: str = ""
) -> releases_pb2.CompareReleasesResponse:
    """A page of a comparison over RPC."""
    request = releases_pb2.CompareReleasesRequest(
        old_release_id=old, new_release_id=new, change=change, page_size=size, page_token=token
    )
    return await invoke(catalog.releases.CompareReleases, request, timeout=20, token=catalog.token(*roles))


def words(found: releases_pb2.CompareReleasesResponse) -> list[tuple[str, str, str, str]]:
    """Change, code and both texts."""
    return [
        (NAMES(each.change).removeprefix("CODE_CHANGE_KIND_").lower(), each.display_code, each.old_text, each.new_text)
        for each in found.differences
    ]


async def test_codes_that_are_added_deleted_and_revised_are_told_with_both_names(catalog: Catalog) -> None:
    old, new = await catalog.import_tabular(), await catalog.import_tabular(CHANGED)
    found = await compared(catalog, old, new)
    assert (found.added, found.deleted, found.revised) == (1, 1, 1)
    assert (found.old_release.release_id, found.new_release.release_id) == (old, new)
    assert words(found) == [
        ("deleted", "S09.0", "Invented scratch", ""),
        ("added", "S09.1", "", "Invented itch"),
        ("revised", "S90", "Invented spoon", "Invented fork"),
    ]
    back = await compared(catalog, new, old, change="deleted")
    assert words(back) == [("deleted", "S09.1", "Invented itch", "")]
    assert (await compared(catalog, new, new)).added == 0


async def test_pages_of_a_comparison_go_on_where_the_one_before_ended(catalog: Catalog) -> None:
    old, new = await catalog.import_tabular(), await catalog.import_tabular(CHANGED)
    codes, token = [], ""
    while True:
        page = await compared(catalog, old, new, size=2, token=token)
        codes += [each.code for each in page.differences]
        token = page.next_page_token
        if not token:
            break
    assert codes == [each.code for each in (await compared(catalog, old, new)).differences]
    first = await compared(catalog, old, new, size=2)
    with pytest.raises(InvalidInput, match="page_token"):
        await compared(catalog, new, old, token=first.next_page_token)


async def test_rows_of_a_table_are_compared_for_both_codes_of_a_pair(pairs: Catalog) -> None:
    many = "".join(f"20001\t3000{n}\t0\n" for n in range(8))
    old = await imported(pairs, "pra-1.txt", "10001\t10002\t0\n10001\t10003\t1\n", None)
    new = await imported(pairs, "pra-2.txt", "10001\t10002\t1\n10001\t10003\t1\n" + many, None)
    found = await compared(pairs, old.id, new.id)
    assert (found.added, found.deleted, found.revised) == (9, 0, 2)
    assert words(found)[:2] == [
        ("revised", "10001", "10001 · 10002 · 0", "10001 · 10002 · 1"),
        ("revised", "10002", "10001 · 10002 · 0", "10001 · 10002 · 1"),
    ]
    assert words(found)[2][3].endswith("20001 · 30004 · 0; and 3 more")


async def test_texts_that_are_licensed_are_shown_to_operators_alone(catalog: Catalog) -> None:
    old = await catalog.import_cpt("10001\tFirst invented wording\n10002\tOther\n")
    new = await catalog.import_cpt("10001\tSecond invented wording\n10002\tOther\n", edition="2028")
    assert words(await compared(catalog, old, new)) == [("revised", "10001", WITHHELD, WITHHELD)]
    assert words(await compared(catalog, old, new, "operator")) == [
        ("revised", "10001", "First invented wording", "Second invented wording")
    ]


async def test_the_order_file_is_compared_with_the_tabular_list_by_what_both_state(
    catalog: Catalog, catalog_url: str
) -> None:
    tabular = await catalog.import_tabular()
    lines = [("S09", 0, "Other invented wound"), ("S090", 1, "Invented scratch"), ("S90", 1, "Invented fork")]
    lines += [("S91", 0, "Invented bowl"), ("S910", 1, "Invented bowl of wood")]
    text = "\n".join(order_line(number, *fields) for number, fields in enumerate(lines, 1))
    order = await catalog.import_files("icd10cm-order", {"icd10cm_order_2026.txt": text.encode()})
    said = words(await compared(catalog, tabular, order))
    assert {change for change, code, *_ in said if code.startswith("S06")} == {"deleted"}
    assert [each for each in said if not each[1].startswith("S06")] == [
        ("revised", "S90", "Invented spoon", "Invented fork"),
        ("added", "S91", "", "Invented bowl · not reportable"),
        ("added", "S91.0", "", "Invented bowl of wood"),
    ]
    shown = run(catalog_url, "releases", "diff", tabular, order)
    assert COMPARED_OF_BOTH in " ".join(shown.stderr.split())


async def test_what_cannot_be_compared_is_refused_in_sentences(catalog: Catalog) -> None:
    tabular, house = await catalog.import_tabular(), await catalog.import_house()
    with pytest.raises(InvalidInput, match="Releases of one kind are compared"):
        await compared(catalog, tabular, house)
    with pytest.raises(NotFound, match="new_release_id: there is no such release"):
        await compared(catalog, tabular, "made-up")
    with pytest.raises(InvalidInput, match="expected are added, deleted, revised"):
        await compared(catalog, tabular, tabular, change="new")


async def test_an_operator_reverts_over_rpc_once_for_a_request_id(catalog: Catalog) -> None:
    old, new = await catalog.import_tabular(), await catalog.import_tabular(CHANGED)
    request = releases_pb2.RevertReleaseRequest(request_id="r1", kind="icd10cm-tabular")
    with pytest.raises(Denied):
        await invoke(catalog.releases.RevertRelease, request, timeout=20, token=catalog.token("editor"))
    for _ in range(2):
        answer = await invoke(catalog.releases.RevertRelease, request, timeout=20, token=catalog.token("operator"))
        assert (answer.release.release_id, answer.release.in_force, answer.changed) == (old, True, 5)
    assert {r.release_id: r.answering for r in await listed(catalog)} == {old: True, new: False}


async def test_the_command_shows_the_difference_and_writes_all_of_it_as_csv(
    catalog: Catalog, catalog_url: str, tmp_path: Path
) -> None:
    old, new = await catalog.import_tabular(), await catalog.import_tabular(CHANGED)
    shown = run(catalog_url, "releases", "diff", old, new, "--change", "revised")
    assert "1 added, 1 deleted, 1 revised." in shown.stderr
    assert "Invented fork" in shown.stdout
    assert "S09.1" not in shown.stdout
    file = tmp_path / "difference.csv"
    assert run(catalog_url, "releases", "diff", old, new, "--csv", file).returncode == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "change,system,code,old_text,new_text"
    assert "deleted,icd10cm,S09.0,Invented scratch," in lines
    assert len(lines) == 4


async def test_a_mark_of_when_a_record_was_worked_on_revises_no_code_and_another_fact_does(catalog: Catalog) -> None:
    name, text = next(iter(RIGHT["hcpcs"].items()))
    ride = next(line for line in text.split(b"\n") if line.startswith(b"A002100100"))
    worked_on = ride[:276] + b"20190101" + ride[284:292] + b"C" + ride[293:]
    covered = worked_on[:229] + b"C" + worked_on[230:]
    releases = [
        await catalog.import_files("hcpcs", {name: text.replace(ride, line)}, Choices(effective_from=date(2019, n, 1)))
        for n, line in enumerate((ride, worked_on, covered), 1)
    ]
    assert (await compared(catalog, releases[0], releases[1])).revised == 0
    assert words(await compared(catalog, releases[1], releases[2])) == [
        ("revised", "A0021", "Invented ride, per mile · coverage code: I", "Invented ride, per mile · coverage code: C")
    ]


async def test_a_release_without_the_modifiers_deletes_none_and_a_heading_of_ours_is_not_revised(
    catalog: Catalog,
) -> None:
    old = await catalog.import_files("hcpcs", RIGHT["hcpcs"])
    later = HCPCS_CSV + HCPCS_CSV.splitlines()[1].replace("A0021", "A0022") + "\n"
    new = await catalog.import_files("hcpcs", {"hcpcs_level2_2024-07.csv": later.encode()})
    found = await compared(catalog, old, new)
    changes = [(change, code) for change, code, *_ in words(found)]
    assert ("added", "A0022") in changes
    assert not {code for _, code in changes} & {"A1", "A0000 to A3999"}
    assert all(old_text != new_text for _, _, old_text, new_text in words(found))
