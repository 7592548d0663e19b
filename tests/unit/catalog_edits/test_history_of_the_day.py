"""What the same provider billed before for the same day counts with the claim for pairs and for units."""

from datetime import date, timedelta

import pytest

from services.catalog.edits.claim import Claim, Line, PastLine, Setting
from services.catalog.edits.finding import Finding, Kind, Outcome
from tests.unit.catalog_edits.small_tables import DAY, Row, add_on, checked, findings, line, mue, ptp_table

PROCEDURE, OTHER = "11055", "11720"
BY = "1234567893"


def claim(*lines: Line, history: list[PastLine]) -> Claim:
    """A claim of one provider."""
    return Claim("c", Setting.PRACTITIONER, DAY, lines, history=tuple(history), rendering_provider=BY)


def pairs(*lines: Line, history: list[PastLine], indicator: str = "1") -> list[Finding]:
    """What PTP finds; the row is known since 2020."""
    row: Row = (PROCEDURE, OTHER, date(2020, 1, 1), None, indicator)
    return findings(checked(claim(*lines, history=history), ptp=ptp_table([row])), Kind.PTP)


def test_column_2_on_the_claim_is_denied_beside_column_1_in_the_history() -> None:
    (finding,) = pairs(line(1, "99999"), line(2, OTHER), history=[PastLine("99998", DAY), PastLine(PROCEDURE, DAY)])
    assert (finding.outcome, finding.lines, finding.other_lines) == (Outcome.DENIED, (2,), ())
    assert finding.history_lines == (2,)
    assert "11055 on history line 2, billed before" in finding.message


def test_column_2_in_the_history_denies_no_line_of_the_claim_and_is_for_review() -> None:
    (finding,) = pairs(line(1, PROCEDURE), history=[PastLine(OTHER, DAY)], indicator="0")
    assert (finding.outcome, finding.lines, finding.code) == (Outcome.REVIEW, (1,), OTHER)
    assert finding.history_lines == (1,)
    assert "billed before (history line 1)" in finding.message


@pytest.mark.parametrize("on_claim", [True, False])
def test_a_modifier_on_either_line_sets_the_edit_aside(on_claim: bool) -> None:
    own, before = (("59",), ()) if on_claim else ((), ("59",))
    (finding,) = pairs(line(1, OTHER, *own), history=[PastLine(PROCEDURE, DAY, modifiers=before)])
    assert (finding.outcome, finding.lines, finding.history_lines) == (Outcome.BYPASSED, (1,), (1,))


@pytest.mark.parametrize(
    "past", [PastLine(PROCEDURE, DAY - timedelta(1)), PastLine(PROCEDURE, DAY, rendering_provider="9999999999")]
)
def test_another_day_or_another_provider_does_not_meet_the_claim(past: PastLine) -> None:
    assert not pairs(line(1, OTHER), history=[past])


def test_two_lines_of_the_history_say_nothing_of_the_claim() -> None:
    assert not pairs(line(1, "99999"), history=[PastLine(PROCEDURE, DAY), PastLine(OTHER, DAY)])


@pytest.mark.parametrize(("mai", "outcome"), [(2, Outcome.DENIED), (3, Outcome.REVIEW)])
def test_units_billed_before_count_with_the_sum_of_the_day(mai: int, outcome: Outcome) -> None:
    history = [PastLine("10002", DAY, 1), PastLine("10002", DAY - timedelta(1), 9)]
    for units, exceeds in ((1, False), (2, True)):
        asked = claim(line(1, "10002", units=units), history=history)
        found = findings(checked(asked, mue=mue(_10002=(2, mai))), Kind.MUE)
        assert bool(found) is exceeds
        if found:
            assert (found[0].outcome, found[0].lines, found[0].history_lines) == (outcome, (1,), (1,))
            assert "3 units" in found[0].message
            assert "history line 1" in found[0].message


def test_an_edit_of_lines_looks_at_lines_of_the_claim_alone() -> None:
    asked = claim(line(1, "10001", units=2), history=[PastLine("10001", DAY, 5)])
    assert not findings(checked(asked, mue=mue(_10001=(2, 1))), Kind.MUE)


def test_units_of_the_history_alone_are_not_told() -> None:
    asked = claim(line(1, "10001"), history=[PastLine("10002", DAY, 50)])
    assert not findings(checked(asked, mue=mue(_10001=(2, 1), _10002=(2, 2))), Kind.MUE)


def test_an_add_on_code_is_denied_when_its_primary_code_was_billed_for_another_day() -> None:
    rows = add_on(("99292", "99291", 1))
    for day, outcome in ((DAY, Outcome.REVIEW), (DAY - timedelta(1), Outcome.DENIED)):
        (finding,) = findings(
            checked(claim(line(1, "99292"), history=[PastLine("99291", day)]), add_on=rows), Kind.ADD_ON
        )
        assert finding.outcome is outcome
