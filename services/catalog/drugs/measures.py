"""Measures of drugs: what a descriptor or a person may call them, and which can be counted in which."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure, e.g. the milligram."""

    id: str
    """As contracts and forms name it, e.g. "mg"."""
    one: str
    """As sentences name one of it, e.g. "mg", "vial"."""
    many: str
    """As sentences name several."""
    kind: str
    """What it measures: mass, volume, activity, charge, radioactivity, area or pieces. Kinds cannot be counted in
    each other: how many mg are in an ml is a matter of the product."""
    size: Decimal
    """How many of the smallest measure of its kind it is."""
    spellings: tuple[str, ...]
    """As descriptors and people write it, in small letters without dots."""


MEASURES = {
    measure.id: measure
    for measure in (
        Measure("mcg", "mcg", "mcg", "mass", Decimal(1), ("mcg", "ug", "microgram", "micrograms")),
        Measure("mg", "mg", "mg", "mass", Decimal(1_000), ("mg", "milligram", "milligrams")),
        Measure("g", "g", "g", "mass", Decimal(1_000_000), ("g", "gm", "gms", "gram", "grams")),
        Measure("ml", "ml", "ml", "volume", Decimal(1), ("ml", "cc", "milliliter", "milliliters", "cubic centimeter")),
        Measure("l", "l", "l", "volume", Decimal(1_000), ("l", "liter", "liters")),
        Measure(
            "units",
            "unit of the drug",
            "units of the drug",
            "activity",
            Decimal(1),
            ("unit", "units", "iu", "usp unit", "usp units", "international unit", "international units"),
        ),
        Measure("meq", "mEq", "mEq", "charge", Decimal(1), ("meq", "milliequivalent", "milliequivalents")),
        Measure("uci", "microcurie", "microcuries", "radioactivity", Decimal(1), ("uci", "microcurie", "microcuries")),
        Measure(
            "mci", "millicurie", "millicuries", "radioactivity", Decimal(1_000), ("mci", "millicurie", "millicuries")
        ),
        Measure(
            "cm2",
            "square centimeter",
            "square centimeters",
            "area",
            Decimal(1),
            ("cm2", "sq cm", "square centimeter", "square centimeters"),
        ),
        Measure(
            "vials", "vial", "vials", "vials", Decimal(1), ("vial", "vials", "single use vial", "single dose vial")
        ),
        Measure("doses", "dose", "doses", "doses", Decimal(1), ("dose", "doses", "therapeutic dose", "study dose")),
        Measure(
            "treatments",
            "treatment",
            "treatments",
            "treatments",
            Decimal(1),
            ("treatment", "treatments", "instillation"),
        ),
    )
}
"""By id."""

SPELT = {spelling: measure for measure in MEASURES.values() for spelling in measure.spellings}
"""By spelling."""


def counted(amount: Decimal, measure: Measure) -> str:
    """An amount in words, e.g. "10 mg", "1 vial", "2.5 square centimeters"."""
    return f"{plain(amount)} {measure.one if amount == 1 else measure.many}"


def plain(amount: Decimal) -> str:
    """An amount as people write it: no zeros at its end, thousands apart."""
    return f"{amount.normalize():,f}"


def like(measure: Measure) -> tuple[Measure, ...]:
    """The measures that can be counted in one, itself among them."""
    return tuple(other for other in MEASURES.values() if other.kind == measure.kind)
