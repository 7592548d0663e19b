"""Claims over RPC: the tables of the database answer, follow releases, and bad claims are refused with their places."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from codingahead.catalog.v1 import edits_pb2 as pb
from codingahead.catalog.v1 import edits_pb2_grpc
from google.type.date_pb2 import Date

from services.catalog.imports.importer import Choices
from shared.errors import InvalidInput, Unauthenticated
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.payment_tables import publish_add_on, publish_mue, publish_ptp
from tests.unit.catalog.small_tabular import SMALL

DAY = date(2024, 7, 15)
PAIR = ("11055", "11720", date(2020, 1, 1), None, "1")
Ask = Callable[..., Any]


@pytest.fixture
def ask(catalog: Catalog) -> Ask:
    """Checks one claim of codes and gives the answer."""
    stub: edits_pb2_grpc.EditsServiceAsyncStub = edits_pb2_grpc.EditsServiceStub(catalog.channel)

    async def asked(*lines: pb.ClaimLine | str, token: str | None = None, **claim: Any) -> pb.CheckedClaim:
        given = [line if isinstance(line, pb.ClaimLine) else pb.ClaimLine(code=line, units=1) for line in lines]
        day = claim.pop("day", DAY)
        request = pb.CheckEditsRequest(
            claims=[
                pb.Claim(
                    **{
                        "id": "A-17",
                        "setting": pb.CLAIM_SETTING_PRACTITIONER,
                        "lines": given,
                        "date": Date(year=day.year, month=day.month, day=day.day),
                        **claim,
                    }
                )
            ]
        )
        answer = await invoke(stub.CheckEdits, request, timeout=10, token=catalog.token() if token is None else token)
        return answer.claims[0]

    return asked


def of(answer: pb.CheckedClaim, kind: str) -> list[pb.Finding]:
    return [finding for finding in answer.findings if finding.kind == kind]


def state(answer: pb.CheckedClaim, rule: str) -> str:
    return pb.RuleState.Name(next(asked.state for asked in answer.asked if asked.rule == rule)).removeprefix(
        "RULE_STATE_"
    )


async def test_an_empty_catalog_says_of_every_table_that_it_is_not_loaded(ask: Ask) -> None:
    answer = await ask("11055", "11720", diagnoses=["E11.9"])
    assert answer.id == "A-17"
    for rule in ("ptp", "mue", "add_on", "fee_schedule", "icd10cm"):
        assert state(answer, rule) == "NOT_LOADED", rule
    assert not answer.findings


async def test_tables_of_the_database_answer(catalog: Catalog, ask: Ask) -> None:
    await publish_ptp(catalog.database, [PAIR, ("11055", "99213", None, date(2023, 12, 31), "0")])
    await publish_mue(catalog.database, [("11720", 1, 2)])
    await publish_add_on(catalog.database, [("99292", "99291", 1), ("15777", None, 2)])
    answer = await ask(" 11055", pb.ClaimLine(code="11720", units=2), "99292", "15777")
    (pair,) = of(answer, "ptp")
    assert (pair.column_1, pair.column_2, pair.indicator, list(pair.lines)) == ("11055", "11720", "1", [2])
    assert pair.outcome == pb.FINDING_OUTCOME_DENIED
    assert "Mutually exclusive" in pair.message
    units = next(finding for finding in of(answer, "mue") if finding.HasField("value"))
    assert (units.code, units.value, units.mai, units.outcome) == ("11720", 1, 2, pb.FINDING_OUTCOME_DENIED)
    assert {f.code: f.outcome for f in of(answer, "add_on")} == {
        "99292": pb.FINDING_OUTCOME_DENIED, "15777": pb.FINDING_OUTCOME_REVIEW,
    }  # fmt: skip
    before = await ask("11055", "99213", day=date(2023, 12, 31))
    assert "start date unknown" in of(before, "ptp")[0].message
    assert state(before, "mue") == "NOT_CHECKED"


async def test_a_new_release_answers_when_its_import_returns_and_older_days_keep_theirs(
    catalog: Catalog, ask: Ask
) -> None:
    await publish_mue(catalog.database, [("11720", 1, 2)])
    assert of(await ask(pb.ClaimLine(code="11720", units=2)), "mue")[0].value == 1
    await publish_mue(catalog.database, [("11720", 5, 2)], 2, (date(2024, 10, 1), date(2024, 12, 31)))
    assert not of(await ask(pb.ClaimLine(code="11720", units=2), day=date(2024, 10, 1)), "mue")
    assert of(await ask(pb.ClaimLine(code="11720", units=2)), "mue")[0].value == 1
    late = await ask(pb.ClaimLine(code="11720", units=6), day=date(2026, 1, 5))
    assert "not current" in of(late, "mue")[0].edition
    await publish_ptp(catalog.database, [])
    await publish_ptp(catalog.database, [PAIR], 2)
    assert of(await ask("11055", "11720"), "ptp")


async def test_claims_are_answered_while_tables_change(catalog: Catalog, ask: Ask) -> None:
    await publish_ptp(catalog.database, [PAIR])
    publishing = asyncio.ensure_future(publish_ptp(catalog.database, [PAIR, *_many()], 2))
    answers = 0
    while not publishing.done():
        assert of(await ask("11055", "11720"), "ptp")
        answers += 1
    await publishing
    assert answers


def _many() -> list[Any]:
    return [("11055", f"{number:05}", None, None, "0") for number in range(300)]


async def test_diagnoses_are_looked_up_in_the_edition_of_the_day(catalog: Catalog, ask: Ask) -> None:
    await catalog.import_tabular(SMALL)
    day = date(2026, 5, 4)
    answer = await ask("99213", day=day, diagnoses=["s06.0", "S09.0", "S06.0XXA", "S060A", "S06", "Q99"])
    said = {tuple(f.diagnoses): f for f in of(answer, "icd10cm")}
    assert set(said) == {(1,), (4,), (5,), (6,)}
    assert "seventh character is missing" in said[1,].message
    assert "S06.0XXA" in said[4,].resolve
    pairs = {tuple(f.diagnoses) for f in of(answer, "excludes1") if f.outcome == pb.FINDING_OUTCOME_REVIEW}
    assert pairs == {(2, 3)}
    again = await ask("99213", day=day, diagnoses=["S09.0", "S06.0XXA"])
    assert [tuple(f.diagnoses) for f in of(again, "excludes1")] == [(1, 2)]
    assert state(await ask("99213", diagnoses=["S09.0"]), "icd10cm") == "NOT_CHECKED"


async def test_each_day_is_answered_by_the_notes_of_its_own_edition_whichever_was_imported_last(
    catalog: Catalog, ask: Ask
) -> None:
    apart, note = ["S09.0", "S06.0XXA"], "<excludes1><note>invented scratch (S09.0)</note></excludes1>"

    async def excluded(day: date) -> bool:
        found = of(await ask("99213", day=day, diagnoses=apart), "excludes1")
        return any(f.outcome == pb.FINDING_OUTCOME_REVIEW for f in found)

    async def load(text: str, begins: date, ends: date) -> None:
        choices = Choices(effective_from=begins, effective_to=ends)
        await catalog.import_files("icd10cm-tabular", {"icd10cm-tabular-2026.xml": text.encode()}, choices)

    await load(SMALL.replace(note, ""), date(2026, 4, 1), date(2026, 9, 30))
    assert not await excluded(date(2026, 5, 4))
    await load(SMALL, date(2025, 10, 1), date(2026, 3, 31))
    assert [await excluded(day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [True, False]
    assert state(await ask("99213", day=date(2025, 9, 30), diagnoses=apart), "excludes1") == "NOT_CHECKED"
    await load(SMALL, date(2026, 4, 1), date(2026, 9, 30))
    assert await excluded(date(2026, 4, 1)), "a correction of an edition takes its place when its import returns"
    late = of(await ask("99213", day=date(2027, 1, 4), diagnoses=apart), "excludes1")
    assert "not current on 2027-01-04" in late[0].edition


async def test_defects_are_named_with_claim_line_and_field(ask: Ask) -> None:
    bad = pb.ClaimLine(code="11055", units=0, modifiers=["5X9"], diagnoses=[2], date=Date(year=2024, month=2, day=31))
    with pytest.raises(InvalidInput) as refused:
        await ask("11055", bad, diagnoses=["E11.9"], setting=pb.CLAIM_SETTING_UNSPECIFIED)
    assert refused.value.reason == "CLAIM_INVALID"
    for part in (
        'claim 1 ("A-17"), line 2, units',
        "line 2, modifiers",
        "points to no diagnosis",
        "2024-02-31",
        "setting",
    ):
        assert part in refused.value.message
    assert "claims.0.lines.1.units" in refused.value.metadata["defects"]
    with pytest.raises(InvalidInput):
        await ask()


async def test_nobody_is_answered_without_a_token(ask: Ask) -> None:
    with pytest.raises(Unauthenticated):
        await ask("11055", token="")
