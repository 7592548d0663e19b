"""How a dose becomes billing units, and what of opened containers is billed as thrown away.

The rules are those of the Medicare Claims Processing Manual, chapter 17, and hold for drugs that Medicare Part B pays
separately:

- Units are multiples of the amount in the HCPCS descriptor, and a dose in between is rounded up to the next unit.
- What is left of a single-dose container and thrown away is billed on a line of its own with JW, in whole units (sec.
  40). What the rounding of the dose has billed already is not billed again, and no line bills less than a unit.
- For dates of service from 1 July 2023 on the line of a single-dose container has JZ when nothing is left to bill
  (sec. 40); JW is required from 1 January 2017 on.
- Containers of several doses have neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from services.catalog.drugs.amounts import MOST_OPENED, Vials
from services.catalog.drugs.billing_unit import BillingUnit
from services.catalog.drugs.least_waste import least_waste
from services.catalog.drugs.measures import Measure, counted
from shared.errors import InvalidInput

MOST_UNITS = 1_000_000
JW, JZ = "JW", "JZ"
JW_REQUIRED, JZ_REQUIRED = date(2017, 1, 1), date(2023, 7, 1)


@dataclass(frozen=True, slots=True)
class Opened:
    """Containers of one size that hold the dose."""

    count: int
    words: str


@dataclass(frozen=True, slots=True)
class BilledLine:
    """One line of the claim."""

    units: int
    modifier: str
    """JW, JZ or none."""


@dataclass(frozen=True, slots=True)
class DrugUnits:
    """A dose in billing units."""

    given: int
    """Units of the dose."""
    exact: Decimal
    """The dose by the unit, before rounding."""
    lines: tuple[BilledLine, ...]
    opened: tuple[Opened, ...] = ()
    chosen: bool = False
    """Whether the containers are our choice of the least waste."""
    left: Decimal = Decimal(0)
    """What is left in the containers, in the unit's measure."""
    unbilled: Decimal = Decimal(0)
    """What of it no line bills, because it is less than a unit or was billed with the dose."""
    less_waste: tuple[Opened, ...] = ()
    """Containers of the same sizes that would have left less."""


def drug_units(unit: BillingUnit, dose: Decimal, *, vials: Sequence[Vials], day: date) -> DrugUnits:
    """Count a dose, given in the smallest measure of the unit's kind, on a day of service.

    `vials` are single-dose containers; without any only the dose is counted. InvalidInput when it cannot be.
    """
    exact = dose / unit.base
    given = int(exact.to_integral_value(ROUND_CEILING))
    if given > MOST_UNITS:
        raise _wrong("dose", f"that would be {given:,} units of {unit.words}: look at the dose and its measure again.")
    if not vials:
        return DrugUnits(given, exact, (BilledLine(given, ""),))
    counted_only = DrugUnits(given, exact, (BilledLine(given, JZ if day >= JZ_REQUIRED else ""),))
    return _with_waste(unit, dose, counted_only, vials)


def _with_waste(unit: BillingUnit, dose: Decimal, whole: DrugUnits, vials: Sequence[Vials]) -> DrugUnits:
    best = _least(dose, vials)
    chosen = vials[0].opened is None
    counts = best if chosen else [each.opened or 0 for each in vials]
    held = _held(counts, vials)
    if held < dose:
        raise _wrong(
            "vials",
            f"these containers hold {_words(held, unit.measure)}, which is less than the dose of"
            f" {_words(dose, unit.measure)}: say of more of them that they were opened, or correct the dose.",
        )
    left = held - dose
    uncovered = max(Decimal(0), held - whole.given * unit.base)
    thrown = int((uncovered / unit.base).to_integral_value(ROUND_FLOOR))
    size = unit.measure.size
    return replace(
        whole,
        lines=(BilledLine(whole.given, ""), BilledLine(thrown, JW)) if thrown else whole.lines,
        opened=_opened(counts, vials),
        chosen=chosen,
        left=left / size,
        unbilled=(uncovered - thrown * unit.base) / size,
        less_waste=_opened(best, vials) if _held(best, vials) < held else (),
    )


def _least(dose: Decimal, vials: Sequence[Vials]) -> list[int]:
    counts = least_waste(dose, [each.size for each in vials])
    if counts is None or sum(counts) > MOST_OPENED:
        raise _wrong(
            "vials", f"the dose would take more than {MOST_OPENED:,} of these: look at the dose and the sizes again."
        )
    return counts


def _held(counts: Sequence[int], vials: Sequence[Vials]) -> Decimal:
    return sum((count * each.size for count, each in zip(counts, vials, strict=True)), Decimal(0))


def _opened(counts: Sequence[int], vials: Sequence[Vials]) -> tuple[Opened, ...]:
    return tuple(Opened(count, each.words) for count, each in zip(counts, vials, strict=True) if count)


def _words(amount: Decimal, measure: Measure) -> str:
    return counted(amount / measure.size, measure)


def _wrong(field: str, sentence: str) -> InvalidInput:
    return InvalidInput("DOSE_INVALID", f"{field}: {sentence}", metadata={"field": field})
