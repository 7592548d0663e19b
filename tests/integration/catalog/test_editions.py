"""Releases of a kind answer beside each other, each for its days; a large table is a partition a release."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

import psycopg
import pytest
from codingahead.catalog.v1 import events_pb2

from services.catalog.adapters.library import PostgresLibrary
from services.catalog.adapters.releases import PostgresReleases
from services.catalog.imports import registry
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, FilePattern, Progress, Reading, called
from services.catalog.imports.run import import_file, prune, revert
from services.catalog.imports.source_files import members
from services.catalog.releases import Release
from services.catalog.rows import COLUMNS, PROCEDURE, SUBJECTS, Block, Blocks, Edition, Row, Subject, content
from shared.errors import FailedPrecondition, InvalidInput
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_releases import CHANGED, listed, told
from tests.unit.catalog.small_tabular import SMALL, written

JULY, OCTOBER = date(2024, 7, 1), date(2024, 10, 1)


@dataclass(frozen=True, slots=True)
class PairRow(Row):
    """An invented pair of codes."""

    table: ClassVar[str] = "invented_pair"
    subject: ClassVar[Subject | None] = Subject(
        content=("indicator",), codes=("column_1", "column_2"), system=PROCEDURE
    )
    column_1: str
    column_2: str
    indicator: str | None


class InventedPairs:
    """Reads lines `column_1 TAB column_2 TAB indicator` as blocks, or as rows when the name says so."""

    kind = "invented-pairs"
    title = "Invented pairs"
    publisher = "Nobody"
    systems = ("cpt", "hcpcs")
    subject = "invented_pair"
    settings: tuple[str, ...] = ("practitioner", "outpatient")
    recognised: tuple[FilePattern, ...] = (
        called(r"(?:rows-)?pra-.*", "practitioner"),
        called(r"oph-.*", "outpatient"),
    )
    files = "pra-*.txt or oph-*.txt"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Each file is a block."""

        def blocks() -> Iterator[Block]:
            for file in members(paths, *self.recognised, wanted=self.files):
                with file.open_binary() as opened:
                    data = opened.read()
                if b"broken" in data:
                    defects.add(file.label, 1, 1, "it says broken")
                yield Block(data, data.count(b"\n"))
                progress("reading pairs", 1, 1)

        def rows() -> Iterator[Row]:
            for block in blocks():
                for line in block.data.decode().splitlines():
                    one, two, indicator = line.split("\t")
                    yield PairRow(one, two, None if indicator == r"\N" else indicator)

        edition = Edition("invented", choices.effective_from)
        by_rows = paths[0].name.startswith("rows-")
        return Reading(iter([("invented_pair", rows() if by_rows else Blocks(blocks()))]), lambda: edition)


@pytest.fixture
async def pairs(catalog: Catalog, catalog_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Catalog]:
    """The catalog with a kind of invented pairs, whose table is partitioned by release."""
    with psycopg.connect(catalog_url, autocommit=True) as conn:
        conn.execute(
            "CREATE TABLE invented_pair (release_id text NOT NULL, column_1 text NOT NULL, column_2 text NOT NULL,"
            " indicator text) PARTITION BY LIST (release_id);"
            "CREATE INDEX ON invented_pair (release_id, column_1)"
        )
    content(PairRow)
    monkeypatch.setitem(registry.IMPORTERS, "invented-pairs", InventedPairs())
    yield catalog
    del COLUMNS["invented_pair"], SUBJECTS["invented_pair"]


async def imported(catalog: Catalog, name: str, text: str, day: date | None, setting: str = "") -> Release:
    """Import a file of pairs."""
    path = written(catalog.folder, text, name)
    choices = Choices(effective_from=day, setting=setting)
    return await import_file(
        catalog.database, "invented-pairs", [path], imported_by="tester", choices=choices, clock=catalog.clock
    )


async def stored(catalog: Catalog, release: Release) -> list[tuple[str, str, str | None]]:
    """The pairs of a release in the database."""
    async with catalog.database.connection() as conn:
        cursor = await conn.execute("SELECT * FROM invented_pair WHERE release_id = %s ORDER BY 2, 3", (release.id,))
        return [(row["column_1"], row["column_2"], row["indicator"]) for row in await cursor.fetchall()]


async def changed_codes(catalog: Catalog) -> dict[tuple[str, str], str]:
    """The codes that were told to be changed."""
    events = await told(catalog, "catalog.code-changed", events_pb2.CodeChanged)
    names = events_pb2.CodeChangeKind.Name
    return {(e.system, e.code): names(e.kind)[17:] for e in events if isinstance(e, events_pb2.CodeChanged)}


async def test_an_older_edition_is_imported_beside_and_answers_its_days(catalog: Catalog) -> None:
    newer = await catalog.import_tabular()
    path = written(catalog.folder, SMALL.replace(">2026<", ">2025<").replace("spoon", "ladle"))
    older = await import_file(
        catalog.database,
        "icd10cm-tabular",
        [path],
        imported_by="tester",
        clock=catalog.clock,
        choices=Choices(effective_from=date(2024, 10, 1), effective_to=date(2025, 9, 30)),
    )
    assert (older.answering, older.in_force) == (True, False)
    assert [(r.release_id, r.in_force, r.answering) for r in await listed(catalog)] == [
        (older.id, False, True), (newer, True, True),
    ]  # fmt: skip
    editions = await PostgresLibrary(catalog.database).editions()
    first_day = editions.on()["icd10cm-tabular"].effective_from
    assert first_day is not None
    assert editions.on(first_day)["icd10cm-tabular"].id == newer
    assert editions.on(date(2024, 10, 1))["icd10cm-tabular"].id == older.id
    assert not editions.on(date(2024, 9, 30))
    assert not await changed_codes(catalog)
    published = await told(catalog, "catalog.release-published", events_pb2.ReleasePublished)
    assert [(p.release_id, p.replaced_release_id, p.in_force) for p in published
            if isinstance(p, events_pb2.ReleasePublished)] == [(newer, "", True), (older.id, "", False)]  # fmt: skip


async def test_a_correction_takes_the_place_of_what_it_corrects_and_can_be_taken_back(catalog: Catalog) -> None:
    first = await catalog.import_tabular()
    correction = await catalog.import_tabular(CHANGED)
    assert {r.release_id: r.answering for r in await listed(catalog)} == {correction: True, first: False}
    release, _ = await revert(catalog.database, "icd10cm-tabular")
    assert (release.id, release.in_force) == (first, True)
    assert {r.release_id: r.answering for r in await listed(catalog)} == {correction: False, first: True}


@pytest.mark.parametrize("prefix", ["", "rows-"])
async def test_blocks_and_rows_land_in_a_partition_of_their_release(pairs: Catalog, prefix: str) -> None:
    text = "10001\t10002\t0\n10001\tJ1000\t\\N\n"
    release = await imported(pairs, f"{prefix}pra-1.txt", text, JULY)
    assert (release.setting, release.slot, release.title) == (
        "practitioner", "invented-pairs/practitioner", "Invented pairs, practitioner",
    )  # fmt: skip
    assert release.entries == 2
    assert await stored(pairs, release) == [("10001", "10002", "0"), ("10001", "J1000", None)]
    async with pairs.database.connection() as conn:
        rows = await (await conn.execute(
            "SELECT tablename FROM pg_indexes WHERE tablename LIKE 'invented_pair\\_%'"
        )).fetchall()  # fmt: skip
    assert len(rows) == 1  # the partition has the table's index


async def test_settings_are_held_released_and_reverted_on_their_own(pairs: Catalog) -> None:
    july = await imported(pairs, "pra-1.txt", "10001\t10002\t0\n", JULY)
    outpatient = await imported(pairs, "oph-1.txt", "10001\t10003\t0\n", JULY)
    october = await imported(pairs, "pra-2.txt", "10001\t10002\t1\n10001\tJ1000\t0\n", OCTOBER)
    assert await changed_codes(pairs) == {
        ("cpt", "10001"): "REVISED", ("cpt", "10002"): "REVISED", ("hcpcs", "J1000"): "ADDED",
    }  # fmt: skip
    in_force = await PostgresLibrary(pairs.database).releases_in_force()
    assert {slot: r.id for slot, r in in_force.items()} == {
        "invented-pairs/practitioner": october.id, "invented-pairs/outpatient": outpatient.id,
    }  # fmt: skip
    with pytest.raises(FailedPrecondition, match="no older release of invented-pairs/outpatient"):
        await revert(pairs.database, "invented-pairs", setting="outpatient")
    with pytest.raises(InvalidInput, match="has the settings practitioner, outpatient"):
        await revert(pairs.database, "invented-pairs")
    back, changed = await revert(pairs.database, "invented-pairs", setting="practitioner")
    assert (back.id, changed) == (july.id, 3)


async def test_a_setting_that_is_not_said_is_asked_for(pairs: Catalog) -> None:
    with pytest.raises(InvalidInput, match="say one of practitioner, outpatient"):
        await imported(pairs, "unnamed.txt", "10001\t10002\t0\n", JULY)
    with pytest.raises(InvalidInput, match='no setting "dme"; its settings are practitioner, outpatient'):
        await imported(pairs, "pra-1.txt", "10001\t10002\t0\n", JULY, setting="dme")


async def test_blocks_with_a_defect_leave_neither_rows_nor_a_partition(pairs: Catalog) -> None:
    with pytest.raises(InvalidInput, match="it says broken"):
        await imported(pairs, "pra-1.txt", "broken\tb\t0\n", JULY)
    async with pairs.database.connection() as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM pg_inherits")).fetchone()
    assert row is not None
    assert row["n"] == 0


async def test_pruning_drops_the_partition_of_a_release(pairs: Catalog) -> None:
    gone, *kept = [await imported(pairs, "pra-1.txt", f"10001\t10002\t{n}\n", JULY) for n in range(3)]
    assert [r.id for r in await prune(pairs.database, "invented-pairs", keep=1)] == [gone.id]
    assert not await stored(pairs, gone)
    assert [len(await stored(pairs, release)) for release in kept] == [1, 1]
    assert [r.id for r in await PostgresReleases(pairs.database).releases()] == [r.id for r in reversed(kept)]
