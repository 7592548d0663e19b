"""Payment tables land whole, each quarter beside the last, and leave as wholly."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from codingahead.catalog.v1 import events_pb2

from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file, prune, revert
from services.catalog.releases import Release
from shared.errors import Conflict, InvalidInput
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_releases import ROOT, VICTIM, told
from tests.polling import eventually
from tests.unit.catalog.small_payment import AOC_TEXT, mue_text, pfs_text, table_file
from tests.unit.catalog.small_ptp import ROWS, ptp_file, ptp_text
from tests.unit.catalog.test_coverage_importer import ANSWERS, archive

EDITS = """
    SELECT release_id, column_1, column_2, effective_from::text, deleted_on::text, prior_1996,
           modifier_indicator::text, text
    FROM ncci_ptp JOIN ncci_ptp_rationale r USING (release_id)
    WHERE r.id = rationale ORDER BY release_id, column_1, column_2, effective_from
"""


async def import_ptp(catalog: Catalog, *rows: str, name: str = "ccipra-v302r0-f1.txt", setting: str = "") -> Release:
    """Import invented edits."""
    path = ptp_file(catalog.folder, ptp_text(*rows), name)
    choices = Choices(setting=setting)
    return await import_file(
        catalog.database, "ncci-ptp", [path], imported_by="tester", choices=choices, clock=catalog.clock
    )


async def rows_of(catalog: Catalog, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    async with catalog.database.connection() as conn:
        return [tuple(row.values()) for row in await (await conn.execute(statement.encode())).fetchall()]


async def partitions(catalog: Catalog) -> int:
    """Tables that hold a release's edits, attached or not."""
    ((found,),) = await rows_of(catalog, "SELECT count(*) FROM pg_class WHERE relname ~ '^ncci_ptp_[0-9a-f]{16}$'")
    return int(found)


async def test_the_edits_of_a_quarter_are_one_release_of_their_setting(catalog: Catalog) -> None:
    release = await import_ptp(catalog)
    assert (release.setting, release.edition, release.entries, release.in_force) == (
        "practitioner", "v30.2, July 2024", 4, True,
    )  # fmt: skip
    assert await rows_of(catalog, EDITS) == [
        (release.id, "0001A", "J1234", "2022-07-01", "2024-03-31", False, "1", "Invented reason"),
        (release.id, "11111", "22222", "1996-01-01", "2019-12-31", True, "0", "Another invented reason"),
        (release.id, "11111", "22222", "2020-01-01", None, False, "1", "Invented reason"),
        (release.id, "22222", "33333", "2021-04-01", "2021-04-01", False, "9", "Invented reason"),
    ]


async def test_the_next_quarter_stands_beside_the_last_and_names_the_codes_it_changes(catalog: Catalog) -> None:
    await import_ptp(catalog)
    later = await import_ptp(catalog, ROWS[0].replace("*", "20240930"), *ROWS[1:], name="ccipra-v303r0-f1.txt")
    assert later.in_force
    changed = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    assert {c.code for c in changed if isinstance(c, events_pb2.CodeChanged)} == {"11111", "22222"}
    assert await partitions(catalog) == 2
    back, count = await revert(catalog.database, "ncci-ptp", setting="practitioner", clock=catalog.clock)
    assert (back.edition, count) == ("v30.2, July 2024", 2)


async def test_pruned_edits_leave_with_their_partition(catalog: Catalog) -> None:
    for version in range(4):
        await import_ptp(catalog, name=f"ccipra-v30{version}r0-f1.txt")
    (gone,) = await prune(catalog.database, "ncci-ptp", keep=2, clock=catalog.clock)
    assert gone.edition == "v30.0, January 2024"
    assert await partitions(catalog) == 3
    ((left,),) = await rows_of(catalog, "SELECT count(DISTINCT release_id) FROM ncci_ptp_code")
    assert left == 3


async def test_edits_with_defects_leave_nothing(catalog: Catalog) -> None:
    first = await import_ptp(catalog)
    with pytest.raises(ImportRefused, match="line 7, column 25: the modifier indicator"):
        await import_ptp(catalog, ROWS[0].replace("\t1\t", "\t7\t"), name="ccipra-v303r0-f1.txt")
    with pytest.raises(InvalidInput, match="the files say that they are for practitioner, not for outpatient"):
        await import_ptp(catalog, setting="outpatient")
    assert {row[0] for row in await rows_of(catalog, EDITS)} == {first.id}
    assert await partitions(catalog) == 1


async def test_an_import_that_is_killed_leaves_the_old_release_and_no_table(catalog: Catalog, catalog_url: str) -> None:
    first = await import_ptp(catalog)
    many = (f"{10_000 + number}\t99999\t\t20200101\t*\t1\tInvented reason" for number in range(8_000))
    path = ptp_file(catalog.folder, ptp_text(*many), "ccipra-v303r0-f1.txt")
    victim = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", VICTIM.replace("icd10cm-tabular", "ncci-ptp"), catalog_url, str(path)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
    )
    try:
        assert victim.stdout is not None
        assert (await asyncio.to_thread(victim.stdout.readline)).strip() == b"copied"
    finally:
        victim.send_signal(signal.SIGKILL)
        await asyncio.to_thread(victim.wait)
    assert {row[0] for row in await rows_of(catalog, EDITS)} == {first.id}

    landed: list[Release] = []

    async def again() -> bool:
        with contextlib.suppress(Conflict):
            release = await import_file(catalog.database, "ncci-ptp", [path], imported_by="tester", clock=catalog.clock)
            landed.append(release)
        return bool(landed)

    await eventually(again, "the dead import's lock is free")
    assert landed[0].entries == 8_000
    assert await partitions(catalog) == 2


async def test_the_other_tables_land_each_in_its_slot(catalog: Catalog) -> None:
    files = {
        "ncci-mue": [table_file(catalog.folder, mue_text(), "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv")],
        "ncci-aoc": [table_file(catalog.folder, AOC_TEXT, "AOC_V2024Q3-MCR.txt")],
        "pfs-rvu": [table_file(catalog.folder, pfs_text(), "PPRRVU24_JUL.csv")],
    }
    for kind, paths in files.items():
        release = await import_file(catalog.database, kind, paths, imported_by="tester", clock=catalog.clock)
        assert (release.edition, release.in_force) == ("July 2024", True)
    mue = await rows_of(catalog, "SELECT code, units, mai FROM ncci_mue ORDER BY code")
    assert mue == [("0001U", 90_000, 3), ("11111", 2, 1), ("J1234", 0, 2)]
    add_on = await rows_of(catalog, "SELECT add_on, primary_code, type, deleted_on::text FROM ncci_aoc ORDER BY 1, 2")
    assert add_on == [
        ("0001T", None, 2, None), ("11111", "22222", 1, None), ("11111", "33333", 1, "2019-12-31"),
        ("G1234", "22222", 3, None),
    ]  # fmt: skip
    fees = await rows_of(catalog, "SELECT code, modifier, work::text, status FROM pfs_rvu ORDER BY code, modifier")
    assert fees == [("11111", "", "1.50", "A"), ("11111", "26", "0.50", "A"), ("G1234", "", "0.00", "X")]
    changed = mue_text().replace("J1234,0", "J1234,5")
    again = table_file(catalog.folder, changed, "MCR_MUE_PractitionerServices_Eff_10-01-2024.csv")
    await import_file(catalog.database, "ncci-mue", [again], imported_by="tester", clock=catalog.clock)
    told_of = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    assert {(c.system, c.code) for c in told_of if isinstance(c, events_pb2.CodeChanged)} == {("hcpcs", "J1234")}


async def test_coverage_documents_land_with_their_codes(catalog: Catalog) -> None:
    path = archive(catalog.folder, ANSWERS)
    release = await import_file(catalog.database, "coverage", [path], imported_by="tester", clock=catalog.clock)
    assert (release.edition, release.entries) == ("as of November 15, 2026", 7)
    documents = await rows_of(
        catalog,
        "SELECT display_id, contractors, related FROM coverage_article WHERE document_type = 'article' ORDER BY 1",
    )
    assert documents == [
        ("A50001", ["Invented Contractor"], ["lcd/30001", "ncd/108"]),
        ("A50002", ["Invented Contractor (A and B MAC)"], []),
    ]
    changed = {**ANSWERS, "article/hcpc-code": ANSWERS["article/hcpc-code"][:1]}
    changed["metadata/local-data-schedule"] = [{"data_captured_through": "20261122"}]
    later = archive(catalog.folder, changed)
    await import_file(catalog.database, "coverage", [later], imported_by="tester", clock=catalog.clock)
    told_of = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    assert {(c.system, c.code) for c in told_of if isinstance(c, events_pb2.CodeChanged)} == {("hcpcs", "J1234")}
