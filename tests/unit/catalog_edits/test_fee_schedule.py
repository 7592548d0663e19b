"""The Physician Fee Schedule: statuses, modifiers that indicators do not allow, and global periods."""

from datetime import timedelta

import pytest

from services.catalog.edits.claim import PastLine, Setting
from services.catalog.edits.finding import Kind, Outcome, State
from tests.unit.catalog_edits.small_tables import DAY, checked, claim, fee, fees, findings, line, state

SURGERY, MINOR, VISIT = "27447", "11042", "99213"
SCHEDULE = fees(
    fee(SURGERY, global_days="090", co_surgeons="1", assistant="2", bilateral="1", multiple="2"),
    fee(MINOR, global_days="010", pc_tc="0", assistant="1", multiple="0", bilateral="0", co_surgeons="0", team="0"),
    fee(VISIT, pc_tc="0"),
    fee("71046", pc_tc="1"),
    fee("71046", modifier="26", pc_tc="1"),
    fee("88305", pc_tc="6"),
)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("A", None),
        ("R", Outcome.REVIEW),
        ("C", Outcome.REVIEW),
        ("T", None),
        ("B", Outcome.DENIED),
        ("P", Outcome.DENIED),
        ("I", Outcome.DENIED),
        ("N", Outcome.DENIED),
        ("X", Outcome.INFO),
        ("E", Outcome.INFO),
        ("M", Outcome.INFO),
        ("J", Outcome.INFO),
    ],
)
def test_a_status_says_what_becomes_of_the_line(status: str, outcome: Outcome | None) -> None:
    answer = checked(claim(line(1, "10000")), fees=fees(fee("10000", status)))
    assert [finding.outcome for finding in findings(answer, Kind.FEE_SCHEDULE)] == ([outcome] if outcome else [])


def test_what_another_schedule_pays_is_never_denied() -> None:
    answer = checked(claim(line(1, "80053"), line(2, "J1100")), fees=fees(fee("80053", "X"), fee("J1100", "E")))
    said = findings(answer, Kind.FEE_SCHEDULE)
    assert len(said) == 2
    assert all("not paid under this schedule" in finding.message for finding in said)


def test_an_injection_beside_a_paid_service_is_told() -> None:
    answer = checked(claim(line(1, "96523"), line(2, VISIT)), fees=fees(fee("96523", "T"), fee(VISIT)))
    assert [finding.code for finding in findings(answer, Kind.FEE_SCHEDULE)] == ["96523"]


@pytest.mark.parametrize("setting", [Setting.OUTPATIENT, Setting.DME])
def test_other_claims_are_not_held_to_it(setting: Setting) -> None:
    answer = checked(claim(line(1, VISIT, "26"), setting=setting), fees=SCHEDULE)
    for kind in (Kind.FEE_SCHEDULE, Kind.MODIFIER, Kind.GLOBAL_PERIOD):
        assert state(answer, kind) == {State.NOT_APPLICABLE}
        assert not findings(answer, kind)


@pytest.mark.parametrize(
    ("code", "modifier", "outcome"),
    [
        (VISIT, "26", Outcome.DENIED),
        (VISIT, "TC", Outcome.DENIED),
        ("71046", "26", None),
        ("71046", "TC", None),
        ("88305", "26", None),
        ("88305", "TC", Outcome.DENIED),
        (MINOR, "50", Outcome.REVIEW),
        (SURGERY, "50", None),
        (MINOR, "51", Outcome.REVIEW),
        (SURGERY, "51", None),
        (MINOR, "62", Outcome.DENIED),
        (SURGERY, "62", Outcome.REVIEW),
        (MINOR, "66", Outcome.DENIED),
        (MINOR, "80", Outcome.DENIED),
        (SURGERY, "82", None),
        (VISIT, "25", None),
    ],
)
def test_modifiers_are_held_to_the_indicators(code: str, modifier: str, outcome: Outcome | None) -> None:
    answer = checked(claim(line(1, code, modifier)), fees=SCHEDULE)
    assert [finding.outcome for finding in findings(answer, Kind.MODIFIER)] == ([outcome] if outcome else [])


@pytest.mark.parametrize(
    ("operation", "days", "modifier", "outcome"),
    [
        (SURGERY, 30, "", Outcome.DENIED),
        (SURGERY, 90, "", Outcome.DENIED),
        (SURGERY, 91, "", None),
        (SURGERY, 30, "24", Outcome.BYPASSED),
        (SURGERY, 30, "25", Outcome.DENIED),
        (SURGERY, 0, "57", Outcome.BYPASSED),
        (SURGERY, -1, "57", Outcome.BYPASSED),
        (SURGERY, -1, "", Outcome.DENIED),
        (SURGERY, -2, "", None),
        (MINOR, 10, "", Outcome.DENIED),
        (MINOR, 11, "", None),
        (MINOR, 0, "25", Outcome.BYPASSED),
        (MINOR, 0, "57", Outcome.DENIED),
        (MINOR, -1, "", None),
        ("71046", 1, "", None),
    ],
)
def test_a_visit_within_a_global_period_needs_its_modifier(
    operation: str, days: int, modifier: str, outcome: Outcome | None
) -> None:
    visit = line(1, VISIT, *([modifier] if modifier else []))
    answer = checked(claim(visit, history=[PastLine(operation, DAY - timedelta(days))]), fees=SCHEDULE)
    assert [finding.outcome for finding in findings(answer, Kind.GLOBAL_PERIOD)] == ([outcome] if outcome else [])


@pytest.mark.parametrize(
    ("modifier", "outcome"),
    [("", Outcome.DENIED), ("58", Outcome.BYPASSED), ("78", Outcome.BYPASSED), ("79", Outcome.BYPASSED)],
)
def test_a_procedure_within_a_global_period_needs_its_modifier(modifier: str, outcome: Outcome) -> None:
    procedure = line(1, MINOR, *([modifier] if modifier else []))
    answer = checked(claim(procedure, history=[PastLine(SURGERY, DAY - timedelta(20))]), fees=SCHEDULE)
    assert [finding.outcome for finding in findings(answer, Kind.GLOBAL_PERIOD)] == [outcome]


def test_an_operation_of_another_day_of_the_claim_counts_as_one_billed_before() -> None:
    for days, outcomes in ((-1, [Outcome.DENIED]), (0, []), (30, [Outcome.DENIED]), (91, [])):
        asked = claim(line(1, SURGERY), line(2, VISIT, day=DAY + timedelta(days)))
        assert [f.outcome for f in findings(checked(asked, fees=SCHEDULE), Kind.GLOBAL_PERIOD)] == outcomes, days


def test_an_image_within_a_global_period_is_paid() -> None:
    answer = checked(claim(line(1, "71046"), history=[PastLine(SURGERY, DAY - timedelta(20))]), fees=SCHEDULE)
    assert not findings(answer, Kind.GLOBAL_PERIOD)


def test_without_history_global_periods_are_not_checked_and_say_so() -> None:
    answer = checked(claim(line(1, VISIT)), fees=SCHEDULE)
    assert state(answer, Kind.GLOBAL_PERIOD) == {State.NOT_CHECKED}
