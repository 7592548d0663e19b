"""Procedure-to-procedure edits: which row applies on a day, what it denies, and which modifier sets it aside where."""

from datetime import date, timedelta

import pytest

from services.catalog.edits.claim import Setting
from services.catalog.edits.finding import Finding, Kind, Outcome, State
from tests.unit.catalog_edits.small_tables import DAY, Row, checked, claim, findings, line, ptp_table, state

VISIT, PROCEDURE, OTHER, TEST, PANEL = "99213", "11055", "11720", "82310", "80047"
ONE: Row = (PROCEDURE, OTHER, date(2020, 1, 1), None, "1")


def found(*lines: object, rows: list[Row], setting: Setting = Setting.PRACTITIONER) -> list[Finding]:
    """What PTP finds on a claim of lines."""
    answer = checked(claim(*lines, setting=setting), ptp=ptp_table(rows))  # type: ignore[arg-type]
    return findings(answer, Kind.PTP)


def test_column_2_is_denied_whatever_the_order_of_the_lines() -> None:
    for first, second, denied, paid in ((PROCEDURE, OTHER, 2, 1), (OTHER, PROCEDURE, 1, 2)):
        (finding,) = found(line(1, first), line(2, second), rows=[ONE])
        assert finding.outcome is Outcome.DENIED
        assert (finding.column_1, finding.column_2, finding.indicator) == (PROCEDURE, OTHER, "1")
        assert (finding.lines, finding.other_lines, finding.code) == ((denied,), (paid,), OTHER)
        assert f"Line {denied}" in finding.message


def test_a_pair_without_a_row_is_told_as_checked_and_nothing_more() -> None:
    answer = checked(claim(line(1, VISIT), line(2, TEST)), ptp=ptp_table([ONE]))
    assert not findings(answer, Kind.PTP)
    assert state(answer, Kind.PTP) == {State.CHECKED}


@pytest.mark.parametrize(
    ("day", "applies"),
    [(date(2019, 12, 31), False), (date(2020, 1, 1), True), (date(2021, 6, 30), True), (date(2021, 7, 1), False)],
)
def test_a_row_applies_from_its_effective_date_through_its_deletion_date(day: date, *, applies: bool) -> None:
    rows: list[Row] = [(PROCEDURE, OTHER, date(2020, 1, 1), date(2021, 6, 30), "0")]
    assert bool(found(line(1, PROCEDURE, day=day), line(2, OTHER, day=day), rows=rows)) is applies


def test_indicator_9_never_applied_not_even_on_its_only_day() -> None:
    day = date(2020, 1, 1)
    rows: list[Row] = [(PROCEDURE, OTHER, day, day, "9"), (PROCEDURE, OTHER, None, day, "9")]
    assert not found(line(1, PROCEDURE, day=day), line(2, OTHER, day=day), rows=rows)


def test_without_effective_dates_the_earliest_row_not_yet_deleted_counts_and_says_so() -> None:
    rows: list[Row] = [
        (PROCEDURE, OTHER, None, None, "1"),
        (PROCEDURE, OTHER, None, date(2019, 12, 31), "0"),
        (PROCEDURE, OTHER, None, date(2021, 3, 31), "9"),
        (PROCEDURE, OTHER, None, date(2010, 3, 31), "0"),
    ]
    for day, indicator in ((date(2010, 3, 31), "0"), (date(2019, 12, 31), "0"), (date(2020, 1, 1), "1"), (DAY, "1")):
        (finding,) = found(line(1, PROCEDURE, day=day), line(2, OTHER, day=day), rows=rows)
        assert (finding.indicator, finding.outcome) == (indicator, Outcome.DENIED), day
        assert "start date unknown" in finding.message


def test_both_orders_of_a_pair_are_looked_for() -> None:
    rows: list[Row] = [
        (PROCEDURE, OTHER, date(2010, 1, 1), date(2015, 12, 31), "0"),
        (OTHER, PROCEDURE, date(2016, 1, 1), None, "1"),
    ]
    for day, denied in ((date(2015, 12, 31), OTHER), (date(2016, 1, 1), PROCEDURE)):
        (finding,) = found(line(1, PROCEDURE, day=day), line(2, OTHER, day=day), rows=rows)
        assert finding.code == denied


def test_lines_of_different_days_do_not_meet() -> None:
    assert not found(line(1, PROCEDURE), line(2, OTHER, day=DAY + timedelta(1)), rows=[ONE])


def test_a_line_over_several_days_meets_what_falls_into_them_once() -> None:
    week = line(1, PROCEDURE, ends=DAY + timedelta(6))
    (finding,) = found(week, line(2, OTHER, day=DAY + timedelta(3), ends=DAY + timedelta(9)), rows=[ONE])
    assert str(DAY + timedelta(3)) in finding.message


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU"])
@pytest.mark.parametrize("on", [1, 2])
def test_distinct_services_bypass_on_either_line(modifier: str, on: int) -> None:
    lines = [line(n, code, *([modifier] if n == on else [])) for n, code in ((1, PROCEDURE), (2, OTHER))]
    (finding,) = found(*lines, rows=[ONE])
    assert finding.outcome is Outcome.BYPASSED
    assert f"{modifier} on line {on}" in finding.message
    assert "record shows" in finding.resolve


@pytest.mark.parametrize("modifier", ["24", "25", "57"])
def test_modifiers_of_visits_bypass_on_the_visit_alone(modifier: str) -> None:
    rows: list[Row] = [(PROCEDURE, VISIT, date(2020, 1, 1), None, "1")]
    (aside,) = found(line(1, PROCEDURE), line(2, VISIT, modifier), rows=rows)
    (denied,) = found(line(1, PROCEDURE, modifier), line(2, VISIT), rows=rows)
    assert (aside.outcome, denied.outcome) == (Outcome.BYPASSED, Outcome.DENIED)
    assert f"{modifier} on line 1 does not" in denied.message
    assert "25 on line 2" in denied.resolve


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        (("LT",), ("RT",), Outcome.BYPASSED),
        (("TA",), ("T5",), Outcome.BYPASSED),
        (("E1",), ("E2",), Outcome.BYPASSED),
        (("LC",), ("RC",), Outcome.BYPASSED),
        (("LT",), ("F7",), Outcome.BYPASSED),
        (("LT",), ("LT",), Outcome.DENIED),
        (("LT",), ("F2",), Outcome.DENIED),
        (("E4",), ("RT",), Outcome.DENIED),
        (("LT",), (), Outcome.DENIED),
        ((), ("RT",), Outcome.DENIED),
        (("50",), ("RT",), Outcome.DENIED),
        (("LT", "RT"), ("RT",), Outcome.DENIED),
        (("LT",), ("LD",), Outcome.DENIED),
    ],
)
def test_anatomic_modifiers_bypass_only_where_sites_differ(
    one: tuple[str, ...], other: tuple[str, ...], outcome: Outcome
) -> None:
    (finding,) = found(line(1, PROCEDURE, *one), line(2, OTHER, *other), rows=[ONE])
    assert finding.outcome is outcome


@pytest.mark.parametrize("modifier", ["22", "76", "77", "50", "51", "RT", "GY"])
def test_other_modifiers_never_bypass(modifier: str) -> None:
    (finding,) = found(line(1, PROCEDURE, modifier), line(2, OTHER, modifier), rows=[ONE])
    assert finding.outcome is Outcome.DENIED


@pytest.mark.parametrize("modifier", ["58", "78", "79"])
def test_modifiers_of_later_procedures_bypass_on_a_procedure(modifier: str) -> None:
    (aside,) = found(line(1, PROCEDURE, modifier), line(2, OTHER), rows=[ONE])
    rows: list[Row] = [(PROCEDURE, VISIT, date(2020, 1, 1), None, "1")]
    (denied,) = found(line(1, PROCEDURE), line(2, VISIT, modifier), rows=rows)
    assert (aside.outcome, denied.outcome) == (Outcome.BYPASSED, Outcome.DENIED)


def test_91_bypasses_on_a_laboratory_test_alone() -> None:
    rows: list[Row] = [(PANEL, TEST, date(2020, 1, 1), None, "1"), (PROCEDURE, OTHER, date(2020, 1, 1), None, "1")]
    (aside,) = found(line(1, PANEL), line(2, TEST, "91"), rows=rows)
    (denied,) = found(line(1, PROCEDURE), line(2, OTHER, "91"), rows=rows)
    assert (aside.outcome, denied.outcome) == (Outcome.BYPASSED, Outcome.DENIED)


def test_27_bypasses_between_two_visits_to_an_outpatient_hospital_alone() -> None:
    rows: list[Row] = [("99285", "G0463", date(2020, 1, 1), None, "1"), (PROCEDURE, "G0463", None, None, "1")]
    visits = (line(1, "99285"), line(2, "G0463", "27"))
    (aside,) = found(*visits, rows=rows, setting=Setting.OUTPATIENT)
    (elsewhere,) = found(*visits, rows=rows)
    (procedure,) = found(line(1, PROCEDURE), line(2, "G0463", "27"), rows=rows, setting=Setting.OUTPATIENT)
    assert (aside.outcome, elsewhere.outcome, procedure.outcome) == (
        Outcome.BYPASSED, Outcome.DENIED, Outcome.DENIED,
    )  # fmt: skip


@pytest.mark.parametrize("modifier", ["59", "XU", "25", "LT"])
def test_with_indicator_0_no_modifier_helps_and_the_finding_says_so(modifier: str) -> None:
    rows: list[Row] = [(PROCEDURE, VISIT, date(2020, 1, 1), None, "0")]
    (finding,) = found(line(1, PROCEDURE), line(2, VISIT, modifier), rows=rows)
    assert finding.outcome is Outcome.DENIED
    assert "No modifier helps" in finding.resolve


def test_of_several_lines_those_are_denied_that_no_modifier_frees_from_every_line_of_column_1() -> None:
    lines = (line(1, PROCEDURE), line(2, OTHER, "59"), line(3, OTHER), line(4, PROCEDURE, "76"))
    by_outcome = {finding.outcome: finding.lines for finding in found(*lines, rows=[ONE])}
    assert by_outcome == {Outcome.DENIED: (3,), Outcome.BYPASSED: (2,)}


def test_a_claim_for_equipment_has_no_such_edits() -> None:
    answer = checked(claim(line(1, PROCEDURE), line(2, OTHER), setting=Setting.DME), ptp=ptp_table([ONE]))
    assert state(answer, Kind.PTP) == {State.NOT_APPLICABLE}
    assert not findings(answer, Kind.PTP)


def test_without_the_table_it_says_so_and_finds_nothing() -> None:
    assert state(checked(claim(line(1, PROCEDURE), line(2, OTHER))), Kind.PTP) == {State.NOT_LOADED}


def test_the_release_answers_earlier_days_and_later_ones_as_not_current() -> None:
    for day, current in ((date(2021, 1, 1), True), (DAY, True), (date(2026, 1, 1), False)):
        (finding,) = found(line(1, PROCEDURE, day=day), line(2, OTHER, day=day), rows=[ONE])
        assert ("not current" not in finding.edition) is current
