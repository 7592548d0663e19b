"""What one billing unit of a drug code is, read from the official HCPCS descriptor.

A descriptor ends its drug with an amount ("Injection, abatacept, 10 mg"), which is one unit (Medicare Claims Processing
Manual, ch. 17: units are multiples of the dosage in the descriptor). Where it names several amounts, a band of doses or
none at all, nothing is guessed: there is no unit then that a dose can be counted in.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from services.catalog.drugs.measures import SPELT, Measure, counted

_NUMBER = r"(?<![\w.])(?<!\d,)(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_TIMES = r"(?:\s*(?P<times>million|thousand))?"
_SPELLINGS = "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in sorted(SPELT, key=len, reverse=True))
_MEASURE = rf"(?P<measure>{_SPELLINGS})(?![\w²])"
_QUANTITY = re.compile(rf"{_NUMBER}{_TIMES}[\s-]*{_MEASURE}(?P<per>\s*/\s*(?:ml|cc|kg)\b)?")
_ONE = re.compile(rf"\bper\s+(?:factor\s+(?:viii|ix)\s+)?{_MEASURE}")
_BAND = re.compile(r"\b(?:less|greater|more) than\b|\bover \d")
_SAME_AGAIN = re.compile(r"\(\s*(?:up to\s+)?[\d,.]+\s*(?:iu|(?:usp\s+)?units?)\s*\)")
"""The amount in another measure, or the bound of what a code is for, in brackets behind the amount."""
_CONTAINER = re.compile(r"\bprovided in [\d.]+ mg vial")
_EQUAL_ONE = re.compile(r"\((?P<amount>[\d,]+)\s*ml\s*=\s*1\s*unit\)")
_TOTAL = re.compile(r"(?P<a>\S+\s*[a-z]*)/(?P<b>\S+\s*[a-z]*)\s*\((?P<total>[^()]+)\)\s*$")
_TIMES_SIZES = {None: 1, "thousand": 1_000, "million": 1_000_000}


@dataclass(frozen=True, slots=True)
class BillingUnit:
    """One billing unit."""

    amount: Decimal
    measure: Measure
    up_to: bool = False
    """Whether it is any dose up to the amount."""

    @property
    def base(self) -> Decimal:
        """The amount in the smallest measure of its kind."""
        return self.amount * self.measure.size

    @property
    def words(self) -> str:
        """The unit in words, e.g. "10 mg", "up to 80 mg"."""
        return f"{'up to ' if self.up_to else ''}{counted(self.amount, self.measure)}"


def is_drug(code: str, descriptor: str) -> bool:
    """Whether a HCPCS code is a drug's: the J codes are, and what is injected of the C, Q and S codes."""
    return code.startswith("J") or (code[:1] in "CQS" and descriptor.lower().startswith("injection,"))


def billing_unit_of(descriptor: str) -> BillingUnit | None:
    """The billing unit that a long descriptor names; None when it names none, or more than one amount."""
    text = " ".join(descriptor.lower().replace("i.u.", "iu").split())
    if _BAND.search(text):
        return None
    if equal := _EQUAL_ONE.search(text):
        return BillingUnit(_decimal(equal["amount"]), SPELT["ml"])
    if (total := _of_both(text)) is not None:
        return total
    text = _SAME_AGAIN.sub("", _CONTAINER.sub("", text))
    found = [each for each in _QUANTITY.finditer(text) if each["per"] is None]
    if len(found) == 1:
        return _unit(found[0], up_to=text[: found[0].start()].rstrip().endswith("up to"))
    if found:
        return None
    ones = list(_ONE.finditer(text))
    return BillingUnit(Decimal(1), _measure(ones[0])) if len(ones) == 1 else None


def _of_both(text: str) -> BillingUnit | None:
    """The unit of two drugs in one, "1 gram/0.125 grams (1.125 grams)", where their sum is given and right."""
    if (given := _TOTAL.search(text)) is None:
        return None
    parts = [_QUANTITY.fullmatch(given[name].strip()) for name in ("a", "b", "total")]
    first, second, total = (_unit(part) if part else None for part in parts)
    if first and second and total and first.base + second.base == total.base:
        return total
    return None


def _unit(found: re.Match[str], *, up_to: bool = False) -> BillingUnit:
    return BillingUnit(_decimal(found["number"]) * _TIMES_SIZES[found["times"]], _measure(found), up_to)


def _measure(found: re.Match[str]) -> Measure:
    return SPELT[" ".join(found["measure"].split())]


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))
