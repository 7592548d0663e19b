"""Medically unlikely edits: what is counted, what is denied, and what can be said where no value is published."""

from datetime import date, timedelta

import pytest

from services.catalog.edits.claim import Claim, Setting
from services.catalog.edits.finding import Finding, Kind, Outcome, State
from tests.unit.catalog_edits.small_tables import DAY, checked, claim, findings, line, mue, state

VALUES = mue(_10001=(2, 1), _10002=(2, 2), _10003=(2, 3), _10004=(0, 2))


def found(asked: Claim) -> list[Finding]:
    """What MUE finds."""
    return findings(checked(asked, mue=VALUES), Kind.MUE)


@pytest.mark.parametrize("code", ["10001", "10002", "10003"])
def test_units_up_to_the_value_pass(code: str) -> None:
    assert not found(claim(line(1, code, units=2)))


@pytest.mark.parametrize(
    ("code", "outcome"), [("10001", Outcome.DENIED), ("10002", Outcome.DENIED), ("10003", Outcome.REVIEW)]
)
def test_more_units_are_denied_whole_or_reviewed(code: str, outcome: Outcome) -> None:
    (finding,) = found(claim(line(1, code, units=3)))
    assert (finding.outcome, finding.value, finding.code, finding.lines) == (outcome, 2, code, (1,))
    assert finding.mai == int(code[-1])
    assert "not only those above" in finding.message


def test_a_line_edit_looks_at_each_line() -> None:
    assert not found(claim(line(1, "10001", units=2), line(2, "10001", "76", units=2)))
    (finding,) = found(claim(line(1, "10001"), line(2, "10001", units=3)))
    assert finding.lines == (2,)


def test_lines_that_nothing_tells_apart_pass_a_line_edit_and_are_told() -> None:
    (finding,) = found(claim(line(1, "10001", units=2), line(2, "10001")))
    assert (finding.outcome, finding.lines, finding.value, finding.mai) == (Outcome.INFO, (1, 2), 2, 1)
    assert "duplicates" in finding.message
    assert not found(claim(line(1, "10001"), line(2, "10001")))


@pytest.mark.parametrize("code", ["10002", "10003"])
@pytest.mark.parametrize("modifier", ["59", "76", "91", "LT", "50"])
def test_an_edit_of_the_day_adds_all_lines_whatever_their_modifiers(code: str, modifier: str) -> None:
    (finding,) = found(claim(line(1, code, units=2), line(2, code, modifier)))
    assert finding.lines == (1, 2)
    assert "3 units" in finding.message


def test_a_line_for_each_side_leads_to_one_line_with_modifier_50() -> None:
    (both,) = found(claim(line(1, "10002", "RT"), line(2, "10002", "LT", units=2)))
    assert "on one line with modifier 50 and one unit" in both.resolve
    (one,) = found(claim(line(1, "10002", "RT"), line(2, "10002", "RT", units=2)))
    assert "50" not in one.resolve


def test_lines_of_other_days_are_not_added() -> None:
    assert not found(claim(line(1, "10002", units=2), line(2, "10002", units=2, day=DAY + timedelta(1))))


@pytest.mark.parametrize(("units", "exceeds"), [(14, False), (17, False), (18, True)])
def test_units_over_several_days_are_divided_and_rounded(units: int, *, exceeds: bool) -> None:
    assert bool(found(claim(line(1, "10002", units=units, ends=DAY + timedelta(6))))) is exceeds


def test_a_value_of_zero_denies_the_first_unit() -> None:
    assert found(claim(line(1, "10004")))[0].outcome is Outcome.DENIED


def test_a_code_without_a_row_has_no_published_value_which_is_not_no_limit() -> None:
    (finding,) = found(claim(line(1, "99999", units=500)))
    assert (finding.outcome, finding.value, finding.mai) == (Outcome.INFO, None, None)
    assert "no published value" in finding.message
    assert "does not mean" in finding.message


def test_before_its_first_day_the_table_tells_nothing() -> None:
    answer = checked(claim(line(1, "10002", units=9, day=date(2024, 6, 30))), mue=VALUES)
    assert state(answer, Kind.MUE) == {State.NOT_CHECKED}
    assert not findings(answer, Kind.MUE)


def test_suppliers_of_equipment_have_values_of_their_own() -> None:
    answer = checked(claim(line(1, "10002", units=3), setting=Setting.DME), mue=VALUES)
    assert findings(answer, Kind.MUE)[0].edition.startswith("ncci-mue-dme")
