"""The whole of NCCI, imported, against straight scans of its files and against a plain checker."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.catalog.adapters.edit_tables import PostgresEditTables
from services.catalog.edits.checker import check
from services.catalog.edits.claim import Claim, Line, Setting
from services.catalog.edits.finding import CheckedClaim, Finding, Kind
from services.catalog.edits.keeper import Keeper
from services.catalog.edits.shelf import Shelf
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file
from shared.database import Database, migrate
from tests.integration.catalog.claims_by_hand import CASES, Case, said
from tests.integration.catalog.conftest import MIGRATIONS
from tests.integration.catalog.plain_checker import (
    PairRow,
    PlainLine,
    check_add_ons,
    check_pairs,
    check_units,
    row_on,
    rows_of_file,
    scan_pairs,
)
from tests.servers.postgres import create_database, drop_database

pytestmark = [pytest.mark.long, pytest.mark.timeout(1500)]

PAIRS, CLAIMS = 100_000, 10_000
SEED = int(os.environ.get("SEED", "20240701"))
QUARTER = (date(2024, 7, 1), date(2024, 9, 30))
MODIFIERS = (
    *("59", "XE", "XS", "XP", "XU", "24", "25", "57", "27", "58", "78", "79", "91", "22", "76", "77", "50", "51", "26"),
    *("LT", "RT", "E1", "E4", "FA", "F5", "T1", "T6", "LC", "RC", "GY"),
)


@dataclass(frozen=True)
class Loaded:
    """The tables in memory, and the files they came from."""

    shelf: Shelf
    folder: Path

    def pairs(self, setting: str) -> Path:
        """The file of pairs of a setting."""
        return (
            self.folder
            / {"practitioner": "ncci_ptp_prac_2024-07-01.csv.gz", "outpatient": "ncci_ptp_out_2024-07-01.csv.gz"}[
                setting
            ]
        )

    def values(self, setting: str) -> dict[str, tuple[int, int]]:
        """The published values of a setting: units and MAI by code."""
        name = {"practitioner": "prac", "outpatient": "out", "dme": "dme"}[setting]
        rows = rows_of_file(self.folder / f"ncci_mue_{name}_2024-07.csv.gz")
        return {code: (int(units), int(mai)) for code, units, mai, *_ in rows}

    def primaries(self) -> dict[str, tuple[int, set[str]]]:
        """Type and listed primary codes by add-on code."""
        found: dict[str, tuple[int, set[str]]] = {}
        for primary, add_on, kind in rows_of_file(self.folder / "ncci_aoc_2024-07.csv.gz"):
            found.setdefault(add_on, (int(kind), set()))[1].update({primary} - {"CCCCC"})
        return found


@pytest.fixture(scope="module")
def loaded(postgres_url: str, data_dir: Path) -> Iterator[Loaded]:
    """Every NCCI file and the fee schedule imported as an operator does, and loaded as the service does."""
    name = f"edits_{uuid.uuid4().hex[:8]}"
    url = create_database(postgres_url, name)
    migrate(url, MIGRATIONS)
    folder = data_dir / "ncci"

    async def load() -> Shelf:
        database = Database(url)
        await database.open()
        for kind, setting, file in (
            ("ncci-ptp", "practitioner", "ncci_ptp_prac_2024-07-01.csv.gz"),
            ("ncci-ptp", "outpatient", "ncci_ptp_out_2024-07-01.csv.gz"),
            ("ncci-mue", "practitioner", "ncci_mue_prac_2024-07.csv.gz"),
            ("ncci-mue", "outpatient", "ncci_mue_out_2024-07.csv.gz"),
            ("ncci-mue", "dme", "ncci_mue_dme_2024-07.csv.gz"),
            ("ncci-aoc", "", "ncci_aoc_2024-07.csv.gz"),
        ):
            choices = Choices(setting=setting, effective_from=QUARTER[0], effective_to=QUARTER[1])
            await import_file(database, kind, [folder / file], imported_by="tester", choices=choices)
        quarter = Choices(effective_from=QUARTER[0], effective_to=QUARTER[1])
        fees = [data_dir / "pfs" / f"pfs_rvu_{part}_2024-07.csv.gz" for part in ("amt", "ind")]
        await import_file(database, "pfs-rvu", fees, imported_by="tester", choices=quarter)
        keeper = Keeper(PostgresEditTables(database))
        await keeper.refresh()
        shelf = await keeper.shelf([])
        await database.close()
        return shelf

    yield Loaded(asyncio.run(load()), folder)
    drop_database(postgres_url, name)


def checked(loaded: Loaded, setting: str, lines: list[PlainLine]) -> CheckedClaim:
    """What the product says of lines."""
    claim_lines = tuple(
        Line(number, line.code, line.units, line.day, line.day, line.modifiers) for number, line in enumerate(lines, 1)
    )
    return check(Claim("c", Setting(setting), lines[0].day, claim_lines), loaded.shelf)


def said_of_pair(finding: Finding) -> tuple[object, ...]:
    return ("ptp", finding.column_1, finding.column_2, finding.indicator, str(finding.outcome), finding.lines)


@pytest.mark.parametrize("setting", ["practitioner", "outpatient"])
def test_random_pairs_and_days_agree_with_a_scan_of_the_file(loaded: Loaded, setting: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable
    path = loaded.pairs(setting)
    some = [(row[0], row[1], row[2]) for row in rows_of_file(path) if chance.random() < 0.05]
    codes = sorted({code for row in some for code in row[:2]})
    asked = []
    for _ in range(PAIRS // 2):
        one, two, deleted = chance.choice(some)
        if chance.random() < 0.2:
            one, two = chance.choice(codes), chance.choice(codes)
        near = (
            date.fromisoformat(deleted) + timedelta(chance.randint(-1, 1))
            if deleted and chance.random() < 0.4
            else None
        )
        day = near or date(1996, 1, 1) + timedelta(chance.randrange(365 * 31))
        asked.append((two, one, day) if chance.random() < 0.5 else (one, two, day))
    wanted = {pair for one, two, _ in asked for pair in ((one, two), (two, one))}
    by_pair: dict[tuple[str, str], list[PairRow]] = {}
    for row in scan_pairs(path, wanted=wanted):
        by_pair.setdefault((row.column_1, row.column_2), []).append(row)
    applied = 0
    for one, two, day in asked:
        if one == two:
            continue
        rows = [row_on(by_pair.get(pair, ()), *pair, day) for pair in ((one, two), (two, one))]
        expected = {(row.column_1, row.column_2, row.indicator) for row in rows if row is not None}
        lines = [PlainLine(one, 1, (), day), PlainLine(two, 1, (), day)]
        found = [f for f in checked(loaded, setting, lines).findings if f.kind is Kind.PTP]
        assert {(f.column_1, f.column_2, f.indicator) for f in found} == expected, (one, two, day)
        assert all("start date unknown" in f.message and f.outcome == "denied" for f in found)
        applied += bool(expected)
    assert applied * 2 > PAIRS // 5


def test_random_claims_agree_with_a_plain_checker(loaded: Loaded) -> None:
    chance = random.Random(SEED + 1)  # noqa: S311 - repeatable
    primaries = loaded.primaries()
    seen: dict[str, int] = {}
    for setting in ("practitioner", "outpatient", "dme"):
        values = loaded.values(setting)
        pool = _pool(chance, loaded, setting, primaries)
        rows = scan_pairs(loaded.pairs(setting), codes=set(pool)) if setting != "dme" else []
        between: dict[str, list[PairRow]] = {}
        for row in rows:
            between.setdefault(row.column_1, []).append(row)
        for _ in range(CLAIMS // 3 + 1):
            lines = _lines(chance, pool, primaries)
            of_claim = [row for code in {line.code for line in lines} for row in between.get(code, ())]
            expected = (
                check_pairs(lines, of_claim, setting) | check_units(lines, values) | check_add_ons(lines, primaries)
            )
            found = {
                _said(f)
                for f in checked(loaded, setting, lines).findings
                if f.kind in (Kind.PTP, Kind.MUE, Kind.ADD_ON)
            }
            assert found == expected, (setting, found ^ expected, lines)
            for verdict in expected:
                name = f"{verdict[0]} {verdict[4] if verdict[0] == 'ptp' else verdict[2]}"
                seen[name] = seen.get(name, 0) + 1
    for name in (
        "ptp denied",
        "ptp bypassed",
        "mue denied",
        "mue review",
        "mue info",
        "add_on denied",
        "add_on review",
    ):
        assert seen.get(name, 0) > 100, (name, seen)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_claims_that_were_looked_up_by_hand_are_told_what_the_files_say(loaded: Loaded, case: Case) -> None:
    answer = check(case.claim(), loaded.shelf)
    assert sorted(said(f) for f in answer.findings if f.kind is case.rule) == sorted(case.expected)


def _said(finding: Finding) -> tuple[object, ...]:
    if finding.kind is Kind.PTP:
        return said_of_pair(finding)
    if finding.kind is Kind.MUE:
        return ("mue", finding.code, str(finding.outcome), finding.value, finding.mai, finding.lines)
    return ("add_on", finding.code, str(finding.outcome), finding.lines)


def _pool(chance: random.Random, loaded: Loaded, setting: str, primaries: dict[str, tuple[int, set[str]]]) -> list[str]:
    """Codes that have to do with one another: dense in pairs, with add-on codes and visits."""
    values = sorted(loaded.values(setting))
    if setting == "dme":
        return chance.sample(values, 300)
    pairs = [row[:2] for row in rows_of_file(loaded.pairs(setting)) if chance.random() < 0.002 and row[3] != "9"]
    codes = {code for pair in chance.sample(pairs, 150) for code in pair}
    for add_on in chance.sample(sorted(primaries), 60):
        codes |= {add_on, *chance.sample(sorted(primaries[add_on][1]), min(2, len(primaries[add_on][1])))}
    return sorted(codes | {"99213", "99214", "99285", "92014", "80053", "82310", "36415", "96372", "ZZ999"})


def _lines(chance: random.Random, pool: list[str], primaries: dict[str, tuple[int, set[str]]]) -> list[PlainLine]:
    day = date(2024, 7, 1) + timedelta(chance.randrange(120))
    codes = [chance.choice(pool) for _ in range(chance.randint(2, 14))]
    listed = [sorted(primaries[code][1].intersection(pool)) for code in codes if code in primaries]
    codes += [chance.choice(some) for some in listed if some and chance.random() < 0.5]
    return [
        PlainLine(
            code,
            chance.choice((1, 1, 1, 2, 3, 6, 50)),
            tuple(dict.fromkeys(chance.sample(MODIFIERS, chance.choice((0, 0, 0, 1, 1, 2))))),
            day if chance.random() < 0.9 else day + timedelta(1),
        )
        for code in codes
    ]
