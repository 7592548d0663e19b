"""What differs between two entries of a code set is named: a title, a fact, a note, or that only the order is new."""

from decimal import Decimal

import pytest

from services.catalog.revised_entries import Entry, in_words, row_facts, values_in_words

NOTES = [["excludes1", ["invented bite"]], ["inclusion", ["spoon", "fork"]]]
CASES = [
    ({"coverage": "D"}, {"coverage": "C"}, "Ride · coverage code: D", "Ride · coverage code: C"),
    ({}, {"terminated": "2024-06-30"}, "Ride", "Ride · last day: 2024-06-30"),
    ({"action": "N"}, {"action": "C", "pricing": ["51"]}, "Ride", "Ride · pricing indicator: 51"),
    ({"notes": NOTES}, {"notes": NOTES[:1]}, "Ride · inclusion term: spoon · inclusion term: fork", "Ride"),
    ({"seven": [["A", "first"]]}, {"seven": [["A", "next"]]}, "Ride · seventh character A: first",
     "Ride · seventh character A: next"),
    ({}, {"placeholder": True}, "Ride", "Ride · placeholder"),
    ({"labels": {"4": {"Z": "none"}}}, {}, "Ride · labels 4 Z: none", "Ride"),
    ({}, {"notes": [["note", [str(n) for n in range(7)]]]}, "Ride",
     "Ride · note: 0 · note: 1 · note: 2 · note: 3 · note: 4; and 2 more"),
    ({"notes": NOTES}, {"notes": NOTES[::-1]}, "Ride", "Ride · its notes are in another order"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "before", "after"), CASES)
def test_each_side_names_the_facts_that_the_other_lacks(old: object, new: object, before: str, after: str) -> None:
    assert in_words(Entry("Ride", True, True, old), Entry("Ride", True, True, new)) == (before, after)  # type: ignore[arg-type]


def test_a_new_title_or_standing_tells_enough_and_one_that_is_lacking_is_empty() -> None:
    old, new = Entry("Ride", True, True, {"short": "r"}), Entry("Long ride", False, True, {"short": "l"})
    assert in_words(old, new) == ("Ride", "Long ride · not reportable")
    assert in_words(None, new) == ("", "Long ride · not reportable")
    assert in_words(old, None) == ("Ride", "")
    assert in_words(Entry("Ours", True, False, {}), Entry("Ours", True, False, {})) == (
        "Ours", "Ours · our text of it is another one",
    )  # fmt: skip


def test_rows_of_many_values_tell_those_that_differ_by_the_names_of_their_columns() -> None:
    columns = ("modifier", "status", "work", "facility_na", "endoscopic_base")
    row = {"modifier": "26", "status": "A", "work": Decimal("1.50"), "facility_na": True, "endoscopic_base": ""}
    old = row_facts(row, columns, ("modifier",))
    assert old == ["26 status A", "26 work RVU 1.50", "26 facility not applicable"]
    new = row_facts(row | {"work": Decimal("1.60"), "facility_na": False}, columns, ("modifier",))
    assert values_in_words(old, new) == ("26 work RVU 1.50 · 26 facility not applicable", "26 work RVU 1.60")
    assert row_facts({"work": Decimal("0.00"), "units": 0}, ("work", "units"), ()) == ["work RVU 0.00", "units 0"]
    assert values_in_words((), row_facts({"units": 2, "mai": 3}, ("units", "mai"), ())) == ("", "units 2 · MAI 3")
