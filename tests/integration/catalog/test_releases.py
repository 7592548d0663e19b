"""An import lands whole or not at all, the old release serves until the new one is committed, and changes are told."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import events_pb2
from google.protobuf.message import Message

from services.catalog.adapters import release_store
from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file, prune, revert
from services.catalog.releases import Release
from services.catalog.rows import Edition
from shared.database import Connection, Database
from shared.errors import Conflict, FailedPrecondition, InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_pages import page
from tests.unit.catalog.small_content import facts, write_facts
from tests.unit.catalog.small_tabular import CODES, SMALL, written

ROOT = Path(__file__).parents[3]
CHANGED = SMALL.replace("Invented spoon", "Invented fork").replace(
    "<diag><name>S09.0</name><desc>Invented scratch</desc></diag>",
    "<diag><name>S09.1</name><desc>Invented itch</desc></diag>",
)


VICTIM = """
import asyncio, sys
from pathlib import Path
from services.catalog.adapters import release_store
from services.catalog.imports.run import import_file
from shared.database import Database

async def held(*_):
    print("copied", flush=True)
    await asyncio.sleep(600)

async def main():
    database = Database(sys.argv[1])
    await database.open()
    await import_file(database, "icd10cm-tabular", [Path(sys.argv[2])], imported_by="victim")

release_store.add_release = held
asyncio.run(main())
"""


async def told(catalog: Catalog, topic: str, kind: type[Message]) -> list[Message]:
    """The events of a topic that wait in the outbox or have left, in order."""
    async with catalog.database.connection() as conn:
        cursor = await conn.execute("SELECT payload FROM outbox WHERE topic = %s ORDER BY id", (topic,))
        return [kind.FromString(bytes(row["payload"])) for row in await cursor.fetchall()]


async def rows_left(database: Database) -> int:
    """Rows of content that belong to no release."""
    async with database.connection() as conn:
        cursor = await conn.execute(
            "SELECT count(*) AS rows FROM code WHERE release_id NOT IN (SELECT id FROM release)"
        )
        row = await cursor.fetchone()
        assert row is not None
        return int(row["rows"])


async def listed(catalog: Catalog, kind: str = "") -> list[pb.DataRelease]:
    """The releases as RPC gives them."""
    request = pb.ListReleasesRequest(kind=kind)
    response = await invoke(catalog.stub.ListReleases, request, timeout=10, token=catalog.token())
    return list(response.releases)


async def test_a_release_records_what_came_from_whom_and_when(catalog: Catalog) -> None:
    await catalog.import_tabular()
    (release,) = await listed(catalog)
    assert (release.kind, release.edition, release.imported_by) == (
        "icd10cm-tabular",
        "FY 2026, April 1, 2026",
        "tester",
    )
    assert release.in_force
    assert release.current
    assert len(release.checksum) == 64
    assert release.imported_at.ToDatetime().date() == catalog.clock.now().date()


async def test_the_first_release_is_told_as_a_whole_and_the_next_code_by_code(catalog: Catalog) -> None:
    first = await catalog.import_tabular()
    assert not await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    second = await catalog.import_tabular(CHANGED)
    published = await told(catalog, "catalog.release-published", events_pb2.ReleasePublished)
    assert [(p.release_id, p.replaced_release_id) for p in published if isinstance(p, events_pb2.ReleasePublished)] == [
        (first, ""), (second, first),
    ]  # fmt: skip
    changed = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    kinds = {c.code: events_pb2.CodeChangeKind.Name(c.kind) for c in changed if isinstance(c, events_pb2.CodeChanged)}
    assert kinds == {
        "S090": "CODE_CHANGE_KIND_DELETED",
        "S091": "CODE_CHANGE_KIND_ADDED",
        "S09": "CODE_CHANGE_KIND_REVISED",
        "S90": "CODE_CHANGE_KIND_REVISED",
        "S90-S99": "CODE_CHANGE_KIND_REVISED",
    }


async def test_a_fact_that_changes_is_told_for_every_code_that_it_is_about(catalog: Catalog) -> None:
    await catalog.import_house()
    sheet = facts()
    sheet["ptp"][0]["modifier_indicator"] = "0"
    await catalog.import_house(lambda folder: write_facts(folder, sheet))
    changed = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    assert {c.code for c in changed if isinstance(c, events_pb2.CodeChanged)} == {"10001", "10002"}


async def test_licensed_texts_that_change_are_told(catalog: Catalog) -> None:
    await catalog.import_house()
    await catalog.import_cpt("10001\tFirst invented wording\n10002\tOther wording\n")
    await catalog.import_cpt("10001\tSecond invented wording\n10002\tOther wording\n", edition="2028")
    changed = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    assert [c.code for c in changed if isinstance(c, events_pb2.CodeChanged)] == ["10001"]


async def test_an_import_with_defects_leaves_nothing_and_the_old_release_serving(catalog: Catalog) -> None:
    first = await catalog.import_tabular()
    broken = CHANGED.replace("Invented tools (S90-S99)", " ")
    with pytest.raises(ImportRefused, match="line 60, column"):
        await catalog.import_tabular(broken)
    assert [release.release_id for release in await listed(catalog)] == [first]
    assert await rows_left(catalog.database) == 0
    assert (await page(catalog, "icd10cm", "S90")).heading.text == "Invented spoon"


async def test_reverting_puts_the_older_release_in_force_and_tells_what_changed(catalog: Catalog) -> None:
    first = await catalog.import_tabular()
    await catalog.import_tabular(CHANGED)
    release, changed = await revert(catalog.database, "icd10cm-tabular", clock=catalog.clock)
    assert (release.id, changed) == (first, 5)
    assert (await page(catalog, "icd10cm", "S90")).heading.text == "Invented spoon"
    with pytest.raises(FailedPrecondition, match="no older release"):
        await revert(catalog.database, "icd10cm-tabular")


class Held:
    """An import that has copied everything and waits before its release is recorded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.copied, self.go_on = asyncio.Event(), asyncio.Event()
        self._add_release = release_store.add_release
        monkeypatch.setattr(release_store, "add_release", self._held)

    async def _held(self, conn: Connection, release: Release, edition: Edition) -> Release:
        self.copied.set()
        await self.go_on.wait()
        return await self._add_release(conn, release, edition)


async def test_of_two_imports_of_a_kind_at_once_one_is_refused_in_a_sentence(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    first = asyncio.create_task(catalog.import_tabular())
    await asyncio.wait_for(held.copied.wait(), 20)
    with pytest.raises(Conflict, match="Another import of icd10cm-tabular is running"):
        await catalog.import_tabular(CHANGED)
    held.go_on.set()
    landed = await first
    assert [release.release_id for release in await listed(catalog)] == [landed]


async def test_readers_get_the_old_release_until_the_new_one_is_committed(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await catalog.import_tabular()
    held = Held(monkeypatch)
    importing = asyncio.create_task(catalog.import_tabular(CHANGED))
    await asyncio.wait_for(held.copied.wait(), 20)
    assert (await page(catalog, "icd10cm", "S90")).heading.text == "Invented spoon"
    held.go_on.set()
    await importing
    assert (await page(catalog, "icd10cm", "S90")).heading.text == "Invented fork"


async def test_an_import_that_is_killed_leaves_nothing_and_a_retry_works(
    catalog: Catalog, catalog_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await catalog.import_tabular()
    spoons = "".join(
        f"<diag><name>S9{n}.{m}</name><desc>Spoon {n} {m}</desc></diag>" for n in range(1, 2) for m in range(10)
    )
    many = SMALL.replace(
        "<diag><name>S90<", f"<diag><name>S91</name><desc>Spoons</desc>{spoons}</diag><diag><name>S90<"
    )
    path = written(catalog.folder, many)
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"}
    victim = await asyncio.to_thread(
        subprocess.Popen,
        [sys.executable, "-c", VICTIM, catalog_url, str(path)],
        stdout=subprocess.PIPE,
        env=environment,
    )
    try:
        assert victim.stdout is not None
        assert (await asyncio.to_thread(victim.stdout.readline)).strip() == b"copied"
    finally:
        victim.send_signal(signal.SIGKILL)
        await asyncio.to_thread(victim.wait)
    assert await _eventually(lambda: _retry(catalog, many))
    assert await rows_left(catalog.database) == 0
    assert (await page(catalog, "icd10cm", "S91.3")).heading.text == "Spoon 1 3"


async def _retry(catalog: Catalog, text: str) -> bool:
    try:
        await catalog.import_tabular(text)
    except Conflict:
        return False
    return True


async def _eventually(attempt: Callable[[], Awaitable[bool]]) -> bool:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if await attempt():
            return True
        await asyncio.sleep(0.05)
    return False


async def test_the_same_bytes_are_not_loaded_twice_when_that_is_asked_for(catalog: Catalog) -> None:
    path = written(catalog.folder)
    first = await import_file(catalog.database, "icd10cm-tabular", [path], imported_by="a", skip_if_loaded=True)
    again = await import_file(catalog.database, "icd10cm-tabular", [path], imported_by="b", skip_if_loaded=True)
    assert again == first


async def test_a_licensed_file_needs_somebody_who_accepts_the_licence(catalog: Catalog) -> None:
    with pytest.raises(FailedPrecondition, match="--accept-licence-by"):
        await catalog.import_cpt("10001\tInvented\n", accepted_by="")
    await catalog.import_cpt("10001\tInvented\n", accepted_by="A. Tester")
    async with catalog.database.connection() as conn:
        row = await (await conn.execute("SELECT licence_accepted_by FROM release WHERE kind = 'cpt'")).fetchone()
    assert row is not None
    assert row["licence_accepted_by"] == "A. Tester"


async def test_wrong_kinds_files_and_dates_are_refused_in_sentences(catalog: Catalog) -> None:
    path = written(catalog.folder)

    async def refused(kind: str, *paths: Path, choices: Choices | None = None) -> str:
        with pytest.raises(InvalidInput) as error:
            await import_file(catalog.database, kind, paths, imported_by="x", choices=choices or Choices())
        return error.value.message

    assert "the kinds are icd10cm-tabular" in await refused("klingon", path)
    assert "cannot be read" in await refused("icd10cm-tabular", catalog.folder / "missing.xml")
    assert "2 were named" in await refused("icd10cm-tabular", path, written(catalog.folder, name="other.xml"))
    early = Choices(effective_to=catalog.clock.now().replace(year=2020).date())
    assert "end before it begins" in await refused("icd10cm-tabular", path, choices=early)
    assert not await listed(catalog)


async def test_lists_page_through_children_in_order_and_stay_with_one_release(catalog: Catalog) -> None:
    await catalog.import_tabular()

    async def part(token: str, size: int = 2) -> pb.ListCodesResponse:
        request = pb.ListCodesRequest(system="icd10cm", parent="S060", page_size=size, page_token=token)
        return await invoke(catalog.stub.ListCodes, request, timeout=10, token=catalog.token())

    first = await part("")
    sequela = '<extension char="S">sequela</extension>\n          <note>left over</note>'
    await catalog.import_tabular(SMALL.replace(sequela, ""))
    rest = await part(first.next_page_token)
    assert [ref.code for ref in (*first.codes, *rest.codes)] == ["S060XXA", "S060XXD", "S060XXS"]
    assert not rest.next_page_token
    assert first.parent.code == "S060"
    assert [ref.display_code for ref in first.ancestors] == ["Chapter 19", "S00-S99", "S00-S09", "S06"]
    with pytest.raises(InvalidInput, match="page_token"):
        await part("made-up")
    with pytest.raises(InvalidInput, match="page_size"):
        await part("", size=1001)
    other = pb.ListCodesRequest(system="icd10cm", parent="S06", page_token=first.next_page_token)
    with pytest.raises(InvalidInput, match="page_token"):
        await invoke(catalog.stub.ListCodes, other, timeout=10, token=catalog.token())
    with pytest.raises(NotFound):
        await invoke(
            catalog.stub.ListCodes,
            pb.ListCodesRequest(system="icd10cm", parent="X1"),
            timeout=10,
            token=catalog.token(),
        )


async def test_systems_are_those_with_codes(catalog: Catalog) -> None:
    async def systems() -> dict[str, int]:
        answer = await invoke(catalog.stub.ListSystems, pb.ListSystemsRequest(), timeout=10, token=catalog.token())
        return {system.system: system.pages for system in answer.systems}

    assert await systems() == {}
    await catalog.import_house()
    assert await systems() == {"cpt": 2, "hcpcs": 1}


async def test_the_export_gives_every_page_once_in_order_with_its_last_change(catalog: Catalog) -> None:
    await catalog.import_tabular()
    await catalog.import_house()
    first_day = catalog.clock.now()
    catalog.clock.step(first_day.replace(day=2) - first_day)
    await catalog.import_tabular(CHANGED)
    metadata = (("authorization", f"Bearer {catalog.token()}"),)
    parts = [part async for part in catalog.stub.ExportCodes(pb.ExportCodesRequest(), timeout=20, metadata=metadata)]
    codes = [code for part in parts for code in part.codes]
    keys = [(code.ref.system, code.ref.code) for code in codes]
    assert keys == sorted(set(keys))
    assert {key for key in keys if key[0] == "cpt"} == {("cpt", "10001"), ("cpt", "10002")}
    days = {code.ref.code: code.changed_at.ToDatetime().day for code in codes}
    assert days["S90"] == days["S091"] == 2
    assert days["S060XXA"] == days["10001"] == 1
    assert {c for c in CODES if c != "S090"} <= {code for _, code in keys}


def test_every_row_of_content_names_its_release(catalog_url: str) -> None:
    with psycopg.connect(catalog_url) as conn:
        tables = conn.execute(
            "SELECT table_name FROM information_schema.columns WHERE column_name = 'release_id'"
        ).fetchall()
    assert {name for (name,) in tables} >= {
        "code",
        "official_text",
        "our_text",
        "code_facts",
        "add_on",
        "ptp_edit",
        "hcc",
    }


async def test_pruning_keeps_the_release_in_force_and_the_newest_others(catalog: Catalog) -> None:
    ids = [await catalog.import_tabular(SMALL.replace("spoon", f"spoon{n}")) for n in range(5)]
    await revert(catalog.database, "icd10cm-tabular", release_id=ids[0], clock=catalog.clock)
    gone = await prune(catalog.database, "", keep=1, clock=catalog.clock)
    assert sorted(release.id for release in gone) == sorted(ids[1:4])
    assert [release.release_id for release in await listed(catalog)] == [ids[4], ids[0]]
    assert (await page(catalog, "icd10cm", "S06.0")).releases[0].release_id == ids[0]
    async with catalog.database.connection() as conn:
        cursor = await conn.execute("SELECT DISTINCT release_id FROM code ORDER BY 1")
        assert [row["release_id"] for row in await cursor.fetchall()] == sorted([ids[0], ids[4]])
    with pytest.raises(FailedPrecondition):
        await revert(catalog.database, "icd10cm-tabular", release_id=ids[1])


async def test_pruning_leaves_a_way_back(catalog: Catalog) -> None:
    await catalog.import_tabular()
    await catalog.import_tabular(CHANGED)
    with pytest.raises(InvalidInput, match="1 or more"):
        await prune(catalog.database, "", keep=0)
    with pytest.raises(InvalidInput, match="kinds are"):
        await prune(catalog.database, "icd-10", keep=1)
    assert not await prune(catalog.database, "", keep=1)
    assert len(await listed(catalog)) == 2
