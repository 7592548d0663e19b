"""Doses in billing units: the examples of the manual and of the contractors, and every dose against plain counting."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.answers import Statement
from services.catalog.drugs.amounts import Vials, dose_of, vials_of
from services.catalog.drugs.billing_unit import BillingUnit
from services.catalog.drugs.least_waste import least_waste
from services.catalog.drugs.measures import MEASURES
from services.catalog.drugs.notes import notes
from services.catalog.drugs.units import DrugUnits, drug_units
from shared.errors import InvalidInput

TODAY = date(2026, 11, 28)
MG = MEASURES["mg"]


def unit_of(amount: str, measure: str = "mg") -> BillingUnit:
    return BillingUnit(Decimal(amount), MEASURES[measure])


def counted(unit: BillingUnit, dose: str, *vials: str, measure: str = "mg", day: date = TODAY) -> DrugUnits:
    """A dose from single-dose containers."""
    amount = dose_of(dose, measure, unit.measure)
    return drug_units(unit, amount, vials=vials_of(list(vials), measure, unit.measure), day=day)


def lines(result: DrugUnits) -> list[tuple[int, str]]:
    return [(line.units, line.modifier) for line in result.lines]


def test_a_vial_of_100_units_of_which_95_are_given_has_a_line_of_5_with_jw() -> None:
    assert lines(counted(unit_of("1", "units"), "95", "100", measure="units")) == [(95, ""), (5, "JW")]


def test_less_than_a_unit_is_one_unit_with_jz_and_no_line_with_jw() -> None:
    result = counted(unit_of("10"), "7", "10 mg")
    assert lines(result) == [(1, "JZ")]
    assert any("3 mg is thrown away. It is billed already by the rounding" in note.text for note in said(result))


def test_what_the_rounding_has_billed_is_not_billed_again() -> None:
    assert lines(counted(unit_of("10"), "305", "400 mg")) == [(31, ""), (9, "JW")]
    assert lines(counted(unit_of("10"), "375", "4 x 100 mg")) == [(38, ""), (2, "JW")]


def test_a_whole_vial_has_jz_from_july_2023_on() -> None:
    assert lines(counted(unit_of("10"), "400", "100 mg")) == [(40, "JZ")]
    assert lines(counted(unit_of("10"), "400", "100 mg", day=date(2023, 6, 30))) == [(40, "")]
    assert lines(counted(unit_of("10"), "390", "100 mg", day=date(2023, 6, 30))) == [(39, ""), (1, "JW")]


def test_what_is_left_and_less_than_a_unit_is_billed_by_no_line() -> None:
    result = counted(unit_of("10"), "20", "25 mg")
    assert lines(result) == [(2, "JZ")]
    assert [result.left, result.unbilled] == [Decimal(5), Decimal(5)]
    result = counted(unit_of("10"), "20", "45 mg")
    assert lines(result) == [(2, ""), (2, "JW")]
    assert any("5 mg of what is thrown away is less than a unit" in note.text for note in said(result))


def test_the_sizes_that_leave_least_are_chosen_and_the_opened_ones_are_compared_with_them() -> None:
    result = counted(unit_of("10"), "420", "400 mg", "100 mg")
    assert [(each.count, each.words) for each in result.opened] == [(1, "400 mg"), (1, "100 mg")]
    assert lines(result) == [(42, ""), (8, "JW")]
    wasteful = counted(unit_of("10"), "300", "1 x 400 mg", "2 x 100 mg")
    assert lines(wasteful) == [(30, ""), (30, "JW")]
    assert any("would hold the dose and leave less" in note.text for note in said(wasteful))


def test_without_a_size_or_from_a_container_of_several_doses_only_the_dose_is_counted() -> None:
    result = counted(unit_of("10"), "750")
    assert lines(result) == [(75, "")]
    assert any("Say what one container holds" in note.text for note in said(result))
    several = [note.text for note in notes(unit_of("10"), result, single_dose=False, day=TODAY)]
    assert any("neither JW nor JZ" in text for text in several)


def test_any_dose_up_to_the_amount_is_one_unit() -> None:
    unit = BillingUnit(Decimal(80), MG, up_to=True)
    assert lines(counted(unit, "60")) == [(1, "")]
    assert lines(counted(unit, "240", "80 mg")) == [(3, "JZ")]


@pytest.mark.parametrize(
    ("dose", "measure", "vials", "sentence"),
    [
        ("", "mg", (), "dose: “” is no amount"),
        ("0", "mg", (), "dose: an amount is more than 0"),
        ("-5", "mg", (), "dose: “-5” is no amount"),
        ("1e9", "mg", (), "is no amount"),
        ("nan", "mg", (), "is no amount"),
        ("1,5", "mg", (), "is no amount"),
        ("\u0665", "mg", (), "is no amount"),
        ("5", "", (), "measure: say what the dose is measured in: mcg, mg or g"),
        ("5", "ml", (), "cannot be counted in them: how much of the drug is in one depends on the product"),
        ("5", "spoons", (), "measure: “spoons” is no measure"),
        ("5", "mg", ("100 ml",), "cannot be counted in them"),
        ("5", "mg", ("big",), "vials: “big” is no size"),
        ("5", "mg", ("0 mg",), "vials: an amount is more than 0"),
        ("5", "mg", ("0 x 5 mg",), "containers can be opened"),
        ("5", "mg", ("1 x 5 mg", "10 mg"), "or of none"),
        ("500", "mg", ("2 x 100 mg",), "these containers hold 200 mg, which is less than the dose of 500 mg"),
        ("5000", "g", ("1 mg",), "more than 1,000 of these"),
        ("999999999", "g", (), "units of 10 mg: look at the dose"),
    ],
)
def test_what_cannot_be_counted_is_said_with_its_field(
    dose: str, measure: str, vials: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        counted(unit_of("10"), dose, *vials, measure=measure)
    assert sentence in refused.value.message
    assert refused.value.message.startswith(f"{refused.value.metadata['field']}: ")


@given(
    dose=st.integers(1, 20_000),
    unit=st.sampled_from(["0.25", "1", "2.5", "5", "10", "12.5", "1000"]),
    sizes=st.lists(st.sampled_from([50, 62, 75, 100, 125, 400, 1000]), min_size=1, max_size=3, unique=True),
)
def test_every_dose_is_counted_as_by_hand(dose: int, unit: str, sizes: list[int]) -> None:
    amount, of = Fraction(dose, 4), Fraction(unit)
    result = counted(unit_of(unit), f"{Decimal(dose) / 4}", *(f"{size} mg" for size in sizes))
    held = sum(each.count * Fraction(each.words.replace(",", "").split()[0]) for each in result.opened)
    given_units = ceil(amount / of)
    thrown = max(0, floor((held - given_units * of) / of))
    assert held >= amount
    assert lines(result) == ([(given_units, ""), (thrown, "JW")] if thrown else [(given_units, "JZ")])
    assert result.given * of >= amount > (result.given - 1) * of
    assert sum(line.units for line in result.lines) * of <= max(held, given_units * of)


@given(dose=st.integers(1, 60), sizes=st.lists(st.integers(2, 25), min_size=1, max_size=3, unique=True))
def test_no_other_choice_of_containers_leaves_less_or_opens_fewer(dose: int, sizes: list[int]) -> None:
    counts = least_waste(Decimal(dose), [Decimal(size) for size in sizes])
    assert counts is not None
    held = sum(count * size for count, size in zip(counts, sizes, strict=True))
    best = min(
        (total, sum(others))
        for others in product(*(range(dose // size + 2) for size in sizes))
        if (total := sum(count * size for count, size in zip(others, sizes, strict=True))) >= dose
    )
    assert (held, sum(counts)) == best


def test_sizes_are_read_as_people_write_them() -> None:
    read = vials_of(["2 x 1,000 mg", "3X0.5g"], "mg", MG)
    assert [(each.opened, each.words) for each in read] == [(2, "1,000 mg"), (3, "0.5 g")]
    assert vials_of(["100", " "], "mg", MG) == [Vials(Decimal(100_000), "100 mg", None)]


def said(result: DrugUnits, day: date = TODAY) -> list[Statement]:
    """The notes on a dose from single-dose containers of 10 mg a unit."""
    return list(notes(unit_of("10"), result, single_dose=True, day=day))
