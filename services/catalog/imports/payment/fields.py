"""Reads the values of a record as what they are; what is wrong becomes a defect that names the value's column."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TypeVar

from services.catalog.imports.defects import Defects
from services.catalog.imports.payment.procedure_codes import EXPECTED, is_code
from services.catalog.imports.payment.records import Record

SHOWN = 40
LONGEST_TEXT = 200
_NUMBER = re.compile(r"-?(?:\d{1,6}|\d{1,3}(?:,\d{3})*)(?:\.\d+)?|\.\d+", re.ASCII)
_NOISE = Decimal("0.000001")
Value = TypeVar("Value")


class Fields:
    """The values of one record. After any of them was wrong, `right` is False and the record counts for nothing."""

    def __init__(self, record: Record, defects: Defects) -> None:
        """Take the record."""
        self.record = record
        self.right = True
        self._defects = defects

    def wrong(self, place: int, what: str) -> None:
        """Note that a value is wrong."""
        if self.right:  # one defect a record is enough to find it
            self.record.wrong(place, what, self._defects)
        self.right = False

    def code(self, place: int, name: str) -> str:
        """A CPT, HCPCS Level II or CDT code."""
        code = self.record.cell(place)
        if not is_code(code):
            self.wrong(place, f'{name} is "{short(code)}"; expected is {EXPECTED}')
        return code

    def one_of(self, place: int, name: str, allowed: Callable[[str], bool], expected: str) -> str:
        """A value that must be allowed."""
        value = self.record.cell(place)
        if not allowed(value):
            self.wrong(place, f'{name} is "{short(value)}"; {expected} is expected')
        return value

    def text(self, place: int, name: str) -> str:
        """A line of text, which may be empty."""
        value = " ".join(self.record.cell(place).split())
        if len(value) > LONGEST_TEXT or not value.isprintable():
            self.wrong(place, f"{name} is no line of up to {LONGEST_TEXT} printable characters")
        return value

    def count(self, place: int, name: str, most: int) -> int:
        """A whole number from 0 on."""
        value = self.record.cell(place)
        found = re.fullmatch(r"\d{1,9}", value, re.ASCII)
        if found is None or int(value) > most:
            self.wrong(place, f'{name} is "{short(value)}"; a whole number from 0 to {most:,} is expected')
            return 0
        return int(value)

    def decimal(self, place: int, name: str, places: int = 2) -> Decimal:
        """A decimal number; what spreadsheets add behind its last place is taken off."""
        value = self.record.cell(place)
        try:
            number = Decimal(value.replace(",", "")) if _NUMBER.fullmatch(value) else None
        except InvalidOperation:
            number = None
        if number is not None:
            exact = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
            if abs(exact - number) <= _NOISE:
                return exact
        self.wrong(place, f'{name} is "{short(value)}"; a number with up to {places} decimals is expected')
        return Decimal(0)


def short(text: str) -> str:
    """The value fit to be quoted in a sentence."""
    shown = "".join(character for character in text if character.isprintable())
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
