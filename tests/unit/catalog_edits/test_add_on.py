"""Add-on codes: with which codes they are paid, and what is left to a person."""

from datetime import timedelta

from services.catalog.edits.claim import Claim, PastLine
from services.catalog.edits.finding import Finding, Kind, Outcome
from tests.unit.catalog_edits.small_tables import DAY, add_on, checked, claim, findings, line

ROWS = add_on(("99292", "99291", 1), ("15777", None, 2), ("90785", None, 3), ("90785", "90791", 3))


def found(asked: Claim) -> list[Finding]:
    """What is found on a claim."""
    return findings(checked(asked, add_on=ROWS), Kind.ADD_ON)


def test_type_1_beside_a_listed_primary_code_passes() -> None:
    assert not found(claim(line(1, "99292"), line(2, "99291")))


def test_type_1_without_one_is_denied_and_names_what_would_be_right() -> None:
    (finding,) = found(claim(line(1, "99213"), line(2, "99292"), line(3, "99292", "59")))
    assert (finding.outcome, finding.code, finding.lines) == (Outcome.DENIED, "99292", (2, 3))
    assert "99291" in finding.resolve
    assert "another physician of the same specialty and group" in finding.resolve


def test_type_1_with_its_primary_code_on_another_day_is_for_review() -> None:
    (other_day,) = found(claim(line(1, "99291"), line(2, "99292", day=DAY + timedelta(1))))
    (before,) = found(claim(line(1, "99292"), history=[PastLine("99291", DAY)]))
    assert (other_day.outcome, before.outcome) == (Outcome.REVIEW, Outcome.REVIEW)


def test_type_2_is_for_review_whatever_stands_beside_it() -> None:
    (finding,) = found(claim(line(1, "15777"), line(2, "19303")))
    assert finding.outcome is Outcome.REVIEW
    assert "contractor" in finding.message


def test_type_3_is_for_review_unless_a_listed_primary_code_is_there() -> None:
    (finding,) = found(claim(line(1, "90785"), line(2, "90839")))
    assert finding.outcome is Outcome.REVIEW
    assert not found(claim(line(1, "90785"), line(2, "90791")))
