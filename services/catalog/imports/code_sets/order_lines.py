"""The lines of the ICD-10-CM and ICD-10-PCS order files, which share one layout of fixed width.

Columns (1-based), as the files' own description says: 1-5 order number, 7-13 code without dot, 15 whether it is valid
for submission (1) or a header (0), 17-76 short title, 78 on long title. The short title is the long one where that has
60 characters or fewer, and an abbreviation of it otherwise (so in every line of FY 2025, FY 2026 and ICD-10-PCS 2026).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.catalog.imports.defects import Defects

VALID, HEADER = "1", "0"
_NUMBER = re.compile(r"[0-9]{5}", re.ASCII)
_FLAG, _SHORT, _LONG = 14, 16, 77


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order file."""

    line: int
    code: str
    valid: bool
    short: str
    long: str


def order_lines(
    label: str, lines: Iterable[tuple[int, str]], shape: re.Pattern[str], example: str, defects: Defects
) -> Iterator[OrderLine]:
    """Every line that is right; the others are defects. `shape` is of the codes, `example` shows one."""
    seen: dict[str, int] = {}
    before = 0
    for line, text in lines:
        if not text.strip():
            continue
        before = _order_number(label, line, text, before, defects)
        wrong = _wrong(text, shape, example)
        found = OrderLine(line, text[6:13].strip(), text[_FLAG] == VALID, *_titles(text)) if wrong is None else None
        if wrong is not None:
            defects.add(label, line, *wrong)
        elif found is not None and found.code in seen:
            what = f"{found.code} stands twice, first in line {seen[found.code]}; each code stands once"
            defects.add(label, line, 7, what)
        elif found is not None:
            seen[found.code] = line
            yield found
    if not seen and not defects.count:
        defects.add(label, 1, 1, "the file holds no code; lines such as those of the official order file are expected")


def _order_number(label: str, line: int, text: str, before: int, defects: Defects) -> int:
    """The number that the line bears; lines are numbered without a gap."""
    if not _NUMBER.fullmatch(text[:5]) or text[5:6] != " ":
        defects.add(label, line, 1, "an order number of five digits and a blank are expected in columns 1 to 6")
        return before + 1
    number = int(text[:5])
    if number != before + 1:
        what = f"order number {number:05d} stands where {before + 1:05d} is expected; lines are missing or moved"
        defects.add(label, line, 1, what)
    return number


def _wrong(text: str, shape: re.Pattern[str], example: str) -> tuple[int, str] | None:
    """The column and sentence of what is wrong with the fields behind the order number."""
    code = text[6:13].strip()
    if not shape.fullmatch(code):
        return 7, f'"{code}" is no code without its dot, such as {example}'
    if text[13:14] != " " or text[_FLAG : _FLAG + 1] not in {VALID, HEADER} or text[15:16] != " ":
        return 15, "column 15 must be 1 (valid for submission) or 0 (header), between blanks"
    short, long = _titles(text)
    if not short or text[76:77].strip():
        return 17, "a short title is expected in columns 17 to 76, and a blank behind it"
    if not long:
        return 78, "the line ends before column 78, where the long title begins; it may be cut off"
    if len(long) < len(short):
        return 78, f'the long title, "{long[:60]}", is shorter than the short one; it may be cut off'
    return None


def _titles(text: str) -> tuple[str, str]:
    return text[_SHORT:76].strip(), text[_LONG:].strip()
