"""Amounts as people type them: a dose with its measure, the sizes of vials. Nothing is guessed that was not said."""

import re
from dataclasses import dataclass
from decimal import Decimal

from services.catalog.drugs.measures import MEASURES, SPELT, Measure, counted, like
from services.catalog.systems import printable
from shared.errors import InvalidInput

LONGEST = 40
MOST_SIZES = 6
MOST_OPENED = 1_000
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.\d{1,6})?|\.\d{1,6}", re.ASCII)
_VIAL = re.compile(
    rf"(?:(?P<opened>\d{{1,5}})\s*[x×*]\s*)?(?P<number>{_NUMBER.pattern})\s*(?P<measure>[a-zµ ]*)",  # noqa: RUF001
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Vials:
    """Containers of one size."""

    size: Decimal
    """What the label says that one holds, in the smallest measure of its kind."""
    words: str
    """The size in words, e.g. "100 mg"."""
    opened: int | None
    """How many were opened; None when only the size was said."""


def dose_of(text: str, measure: str, unit: Measure) -> Decimal:
    """Give a dose in the smallest measure of the unit's kind; InvalidInput says what is wrong and would be right."""
    if not measure.strip():
        raise _wrong("measure", f"say what the dose is measured in: {_choice(unit)}.")
    return _amount("dose", text) * measured("measure", measure, unit).size


def vials_of(texts: list[str], measure: str, unit: Measure) -> list[Vials]:
    """Give containers as they were typed, "250 mg", "2 x 100 mg"; a size without a measure has that of the dose."""
    given = [text for text in texts if text.strip()]
    if len(given) > MOST_SIZES:
        raise _wrong("vials", f"up to {MOST_SIZES} sizes fit.")
    vials = [_vial(text, measure, unit) for text in given]
    if len({each.opened is None for each in vials}) > 1:
        raise _wrong("vials", "say of every size how many were opened, as in 2 x 100 mg, or of none.")
    return vials


def measured(field: str, text: str, unit: Measure) -> Measure:
    """Give the measure that a text names; it must be one that the code's unit can be counted in."""
    spelt = " ".join(text.lower().replace(".", "").split())
    measure = MEASURES.get(spelt) or SPELT.get(spelt)
    if measure is None:
        raise _wrong(field, f"“{printable(text, LONGEST)}” is no measure; {_choice(unit)} is right.")
    if measure.kind != unit.kind:
        raise _wrong(
            field,
            f"the code counts {unit.many}, and {measure.many} cannot be counted in them: how much of the drug is in one"
            f" depends on the product. Give {_choice(unit)}.",
        )
    return measure


def _vial(text: str, measure: str, unit: Measure) -> Vials:
    typed = " ".join(text.lower().split())
    found = _VIAL.fullmatch(typed) if len(typed) <= LONGEST else None
    if found is None:
        raise _wrong("vials", f"“{printable(text, LONGEST)}” is no size; write 100 mg, or 2 x 100 mg for two opened.")
    opened = int(found["opened"]) if found["opened"] else None
    if opened is not None and not 1 <= opened <= MOST_OPENED:
        raise _wrong("vials", f"1 to {MOST_OPENED:,} containers can be opened.")
    size = _amount("vials", found["number"])
    of = measured("vials", found["measure"] or measure, unit)
    return Vials(size * of.size, counted(size, of), opened)


def _amount(field: str, text: str) -> Decimal:
    typed = text.strip()
    if not _NUMBER.fullmatch(typed):
        raise _wrong(
            field,
            f"“{printable(text, LONGEST)}” is no amount; write a number such as 750 or 0.25, with up to 6 decimals.",
        )
    amount = Decimal(typed.replace(",", ""))
    if amount <= 0:
        raise _wrong(field, "an amount is more than 0.")
    return amount


def _choice(unit: Measure) -> str:
    names = [measure.id for measure in like(unit)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _wrong(field: str, sentence: str) -> InvalidInput:
    return InvalidInput("DOSE_INVALID", f"{field}: {sentence}", metadata={"field": field})
