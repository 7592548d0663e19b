"""The entries of an answer of CMS's Coverage API, `{"meta": {...}, "data": [{...}, ...]}`, each with its line."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.imports.payment.fields import LONGEST_TEXT, short

LARGEST_ANSWER = 64 * 1024 * 1024
MOST_TITLE = 500
_NOTHING = ("", "N/A", "null")
_BLANK = re.compile(r"[ \t\n\r]*")


@dataclass(slots=True)
class Entry:
    """An entry of an answer. After any of its fields was wrong, `right` is False and it counts for nothing."""

    file: str
    line: int
    fields: Mapping[str, Any]
    defects: Defects
    right: bool = True

    def wrong(self, name: str, expected: str) -> None:
        """Note that a field is wrong."""
        if self.right:
            said = short(json.dumps(self.fields.get(name), ensure_ascii=False))
            self.defects.add(self.file, self.line, 1, f"the field {name} is {said}; {expected} is expected")
        self.right = False

    def has(self, name: str) -> bool:
        """Whether a field is there and says something."""
        value = self.fields.get(name)
        return value is not None and str(value).strip() not in _NOTHING

    def text(self, name: str, most: int = LONGEST_TEXT) -> str:
        """A line of text; empty where the field says nothing."""
        value = self.fields.get(name)
        if not self.has(name):
            return ""
        line = " ".join(str(value).split())
        if not isinstance(value, str | int) or len(line) > most or not line.isprintable():
            self.wrong(name, f"a line of up to {most} characters")
        return line

    def number(self, name: str) -> int:
        """A whole number, as such or in quotes."""
        value = self.fields.get(name)
        if isinstance(value, bool) or not re.fullmatch(r"\d{1,9}", str(value).strip(), re.ASCII):
            self.wrong(name, "a whole number")
            return 0
        return int(value)  # type: ignore[arg-type]

    def day(self, *names: str) -> date | None:
        """The first of some fields that says a day, as MM/DD/YYYY."""
        name = next((name for name in names if self.has(name)), "")
        return self._day(name, "%m/%d/%Y", "MM/DD/YYYY") if name else None

    def compact_day(self, name: str) -> date | None:
        """A day as YYYYMMDD."""
        return self._day(name, "%Y%m%d", "YYYYMMDD")

    def _day(self, name: str, how: str, shown: str) -> date | None:
        try:
            return datetime.strptime(str(self.fields[name]).strip(), how).date()  # noqa: DTZ007 - a day
        except ValueError:
            self.wrong(name, f"a day as {shown}")
            return None


def entries_of(file: SourceFile, defects: Defects) -> Iterator[Entry]:
    """The entries of a file; what is no such answer is a defect."""
    with file.open_binary() as opened:
        data = opened.read(LARGEST_ANSWER + 1)
    try:
        text = data.decode("utf-8-sig")
        if len(data) > LARGEST_ANSWER:
            defects.add(file.label, 1, 1, f"the file is larger than {LARGEST_ANSWER:,} bytes; no answer is")
            return
        found = list(_entries(text))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        defects.add(file.label, line, 1, f"the byte {data[error.start]:02x} is not UTF-8, which JSON is")
        return
    except json.JSONDecodeError as error:
        defects.add(file.label, error.lineno, error.colno, f"this is no JSON ({error.msg}); bring the answer whole")
        return
    except RecursionError:
        defects.add(file.label, 1, 1, "the JSON is nested deeper than any answer")
        return
    place = line = 0
    for start, value in found:
        line += text.count("\n", place, start)
        place = start
        if isinstance(value, dict):
            yield Entry(file.label, line + 1, value, defects)
        else:
            defects.add(file.label, line + 1, 1, "an entry of data is no object with fields")


def _entries(text: str) -> Iterator[tuple[int, Any]]:
    """The values in the array `data`, each with where it begins; JSONDecodeError where the text is no such answer."""
    decoder = json.JSONDecoder()
    answer = json.loads(text)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise json.JSONDecodeError('an object with an array "data" is expected', text, 0)
    place = text.index("{") + 1
    while True:  # over the names of the object, until `data`: the whole is known to be right
        name, place = decoder.raw_decode(text, _after(text, place))
        place = _after(text, _after(text, place) + 1)
        if name == "data" and text[place] == "[":
            break
        _, place = decoder.raw_decode(text, place)
        place = _after(text, place) + 1
    place = _after(text, place + 1)
    while text[place] != "]":
        value, end = decoder.raw_decode(text, place)
        yield place, value
        place = _after(text, end)
        if text[place] == ",":
            place = _after(text, place + 1)


def _after(text: str, place: int) -> int:
    """The next place that is not blank."""
    found = _BLANK.match(text, place)
    return found.end() if found else place
