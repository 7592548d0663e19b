"""Reads claim lines as people paste them: lists of codes, lines of a spreadsheet with or without its headings.

What is not understood is given back by its words, never guessed at. The same lines are written as one short text for
links, e.g. "11720-59-LT*2:1,2@2024-07-15".
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

MOST_UNREAD = 10
_PROCEDURE = re.compile(r"([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})((?:-[0-9A-Z]{2})*)(?:[X*]([0-9]{1,7}))?", re.ASCII)
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?", re.ASCII)
_MODIFIER = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_UNITS = re.compile(r"(?:[X*]([0-9]{1,7})|([0-9]{1,7}))(?:U|UNITS?)?", re.ASCII)
_POINTERS = re.compile(r"[A-L](?:,[A-L])*", re.ASCII)
_NUMERIC_MODIFIER = re.compile(r"2[2-7]|3[23]|47|5[0-9]|6[236]|7[346-9]|8[0-2]|9[0-35-79]", re.ASCII)
"""Two digits that stand for a modifier where a heading does not say that they are units."""
_SHORT = re.compile(
    r"([^-*:@~;]+)((?:-[^-*:@~;]+)*)(?:\*([^-*:@~;]+))?(?::([^*:@~;]*))?(?:@([0-9-]{0,10}))?(?:~([0-9-]{0,10}))?"
)
_SPLIT = re.compile(r"[\s,;|]+")
_HEADINGS = {
    "code": "code", "cpt": "code", "hcpcs": "code", "procedure": "code", "cpthcpcs": "code", "proc": "code",
    "procedurecode": "code", "cptcode": "code", "hcpcscode": "code",
    "units": "units", "unit": "units", "qty": "units", "quantity": "units", "uos": "units",
    "modifiers": "modifiers", "modifier": "modifiers", "mod": "modifiers", "mods": "modifiers",
    "diagnosis": "diagnoses", "diagnoses": "diagnoses", "dx": "diagnoses", "icd": "diagnoses", "icd10": "diagnoses",
    "icd10cm": "diagnoses", "pointer": "pointers", "pointers": "pointers", "dxpointer": "pointers",
    "dxptr": "pointers", "ptr": "pointers",
    "date": "date", "dos": "date", "from": "date", "dateofservice": "date", "servicedate": "date",
    "to": "date_to", "dateto": "date_to", "through": "date_to", "thru": "date_to",
    "serviceunits": "units", "unitsofservice": "units", "billedunits": "units", "diagnosispointer": "pointers",
    "fromdate": "date", "dosfrom": "date", "servicefrom": "date", "todate": "date_to", "dosto": "date_to",
    "serviceto": "date_to", "diag": "diagnoses", "icd10dx": "diagnoses",
}  # fmt: skip
_OF_NO_USE = re.compile(r"|no|nr|line|lineno|linenumber|charges?|amount|fees?|price|total|description|place|pos")
"""Headings of what is no part of a check, or has a field of its own."""


@dataclass(frozen=True, slots=True)
class LineText:
    """A line as its fields of the form are filled."""

    code: str
    units: str = "1"
    modifiers: str = ""
    """With blanks between."""
    pointers: str = ""
    """Positions of diagnoses, with commas between."""
    date: str = ""
    date_to: str = ""


@dataclass(slots=True)
class Pasted:
    """What was read of a pasted text."""

    lines: list[LineText] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def note_unread(self, words: str) -> None:
        """Keep words that were not understood."""
        if len(self.unread) < MOST_UNREAD:
            self.unread.append(words)

    def change_last(self, **changes: str) -> None:
        """Fill further fields of the last line."""
        self.lines[-1] = replace(self.lines[-1], **changes)

    def add_diagnosis(self, code: str) -> int:
        """Keep a diagnosis; gives its position from 1."""
        if code not in self.diagnoses:
            self.diagnoses.append(code)
        return self.diagnoses.index(code) + 1


def read(text: str) -> Pasted:
    """Read a pasted text, line by line."""
    pasted = Pasted()
    headings: list[str] | None = None
    mark = ""
    for row in text.splitlines():
        between = mark or next((one for one in "\t;" if one in row), ",")
        cells = _cells(row, between)
        found = _headings(cells)
        if found is not None:
            headings, mark = found, between
            _tell_left_out(pasted, cells, headings)
        elif headings is not None and len(cells) > 1:
            _read_cells(pasted, headings, cells)
        elif row.strip():
            _read_words(pasted, row.replace('"', " "))
    return pasted


def _cells(row: str, mark: str) -> list[str]:
    """The cells of a row of a spreadsheet; one that holds the mark itself stands between quotation marks."""
    if '"' not in row:
        return [cell.strip() for cell in row.split(mark)]
    return [cell.strip() for cell in next(csv.reader([row], delimiter=mark, skipinitialspace=True), [])]


def _tell_left_out(pasted: Pasted, cells: Sequence[str], headings: Sequence[str]) -> None:
    """Note headings that were not understood, with what stands below them."""
    for cell, heading in zip(cells, headings, strict=True):
        if not heading and not _OF_NO_USE.fullmatch(_letters(cell)):
            pasted.note_unread(cell)


def _letters(cell: str) -> str:
    return re.sub(r"[^a-z0-9]", "", cell.lower())


def _headings(cells: Sequence[str]) -> list[str] | None:
    """What the cells of a heading stand for; None when they are no heading."""
    named = [_meaning(_letters(cell)) for cell in cells]
    return named if "code" in named and not any(_PROCEDURE.fullmatch(cell.upper()) for cell in cells) else None


def _meaning(heading: str) -> str:
    """What a heading stands for, in the singular or plural, numbered or not; empty when it is not known."""
    for form in (heading, heading.rstrip("1234")):
        for ending in ("", "s", "code", "codes"):
            if form.endswith(ending) and (known := _HEADINGS.get(form.removesuffix(ending))):
                return known
    return ""


def _read_cells(pasted: Pasted, headings: Sequence[str], cells: Sequence[str]) -> None:
    """A row below headings."""
    of: dict[str, list[str]] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if cell:
            of.setdefault(heading, []).append(cell)
    code = "".join(of.get("code", [])).upper().replace(" ", "")
    if not code:
        if any(cells):
            pasted.note_unread(" ".join(filter(None, cells)))
        return
    shape = _PROCEDURE.fullmatch(code)
    modifiers = _SPLIT.split(" ".join([*(shape[2].split("-") if shape else []), *of.get("modifiers", [])]).upper())
    numbers = [
        str(pasted.add_diagnosis(dx)) for cell in of.get("diagnoses", []) for dx in _SPLIT.split(cell.upper()) if dx
    ]
    pasted.lines.append(
        LineText(
            code=shape[1] if shape else code,
            units=_whole((of.get("units") or [shape[3] if shape and shape[3] else "1"])[0]),
            modifiers=" ".join(filter(None, modifiers)),
            pointers=",".join(numbers) or _numbers(",".join(of.get("pointers", []))),
            date=day_of(of.get("date", [""])[0]),
            date_to=day_of(of.get("date_to", [""])[0]),
        )
    )


def _whole(units: str) -> str:
    """A whole number without the decimals that spreadsheets write behind it."""
    return re.sub(r"\.0*$", "", units)


def _read_words(pasted: Pasted, row: str) -> None:
    """A row without headings: each code begins a line, and what follows belongs to it."""
    begun = len(pasted.lines)
    for word in filter(None, _SPLIT.split(row.strip())):
        upper = word.upper().replace("\u00d7", "X")
        procedure = _PROCEDURE.fullmatch(upper)
        day = day_of(word)
        if procedure:
            pasted.lines.append(
                LineText(procedure[1], procedure[3] or "1", " ".join(filter(None, procedure[2].split("-"))))
            )
        elif _DIAGNOSIS.fullmatch(upper):
            pasted.add_diagnosis(upper)
        elif len(pasted.lines) == begun:
            pasted.note_unread(word)
        elif is_day(day):
            pasted.change_last(**{"date_to" if pasted.lines[-1].date else "date": day})
        elif not _read_detail(pasted, upper):
            pasted.note_unread(word)


def _read_detail(pasted: Pasted, word: str) -> bool:
    """A modifier, units or pointers behind a code."""
    last = pasted.lines[-1]
    units = _UNITS.fullmatch(word)
    if _MODIFIER.fullmatch(word) and (not word.isdigit() or _NUMERIC_MODIFIER.fullmatch(word)) and not units_word(word):
        pasted.change_last(modifiers=f"{last.modifiers} {word}".strip())
    elif units:
        pasted.change_last(units=units[1] or units[2])
    elif _POINTERS.fullmatch(word):
        pasted.change_last(pointers=",".join(filter(None, [last.pointers, _numbers(word)])))
    else:
        return word in {"UNIT", "UNITS", "U", "X"}
    return True


def units_word(word: str) -> bool:
    """Whether two characters say units, as in X2 or 2U."""
    return (word[0] == "X" and word[1].isdigit()) or (word[1] == "U" and word[0].isdigit())


def _numbers(pointers: str) -> str:
    """Letters of the paper form as positions; positions as they are."""
    parts = (part.strip().upper() for part in re.split(r"[\s,;/]+", pointers) if part.strip())
    return ",".join(str(ord(part) - ord("A") + 1) if re.fullmatch(r"[A-L]", part) else part for part in parts)


def day_of(word: str) -> str:
    """A day as YYYY-MM-DD where it is one in a form that is known; the word itself otherwise."""
    for shape, order in (
        (r"(\d{4})-(\d\d)-(\d\d)", (1, 2, 3)),
        (r"(\d{4})(\d\d)(\d\d)", (1, 2, 3)),
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 1, 2)),
    ):
        found = re.fullmatch(shape, word, re.ASCII)
        if found:
            try:
                return date(*(int(found[place]) for place in order)).isoformat()
            except ValueError:
                return word
    return word


def is_day(text: str) -> bool:
    """Whether a text is a day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def short(line: LineText) -> str:
    """A line as a short text for a link."""
    text = line.code + "".join(f"-{modifier}" for modifier in line.modifiers.split())
    text += f"*{line.units}" if line.units != "1" else ""
    text += f":{line.pointers}" if line.pointers else ""
    text += f"@{line.date}" if line.date else ""
    return text + (f"~{line.date_to}" if line.date_to else "")


def from_short(text: str) -> Iterator[LineText]:
    """The lines of a link; what has not its form is a line whose code says so."""
    for part in filter(None, text.split(";")):
        found = _SHORT.fullmatch(part)
        if found is None:
            yield LineText(part)
            continue
        code, modifiers, units, pointers, first, last = found.groups(default="")
        yield LineText(code, units or "1", " ".join(filter(None, modifiers.split("-"))), pointers, first, last)
