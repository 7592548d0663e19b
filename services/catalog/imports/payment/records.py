"""Records of a table in text, divided by commas or tabs, with their lines: small enough to be read whole."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects

LARGEST_TABLE = 64 * 1024 * 1024
"""Bytes of a table that is read whole; the largest official one is a twentieth of it."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record, which may go over several lines where a value in quotes does."""

    file: str
    line: int
    """Its first line, counted from 1."""
    raw: tuple[str, ...]

    def cell(self, place: int) -> str:
        """A value without blanks around it; empty where the record has fewer."""
        return self.raw[place].strip() if place < len(self.raw) else ""

    @property
    def cells(self) -> list[str]:
        """The values without blanks around them."""
        return [cell.strip() for cell in self.raw]

    @property
    def blank(self) -> bool:
        """Whether it holds nothing."""
        return not any(self.cells)

    def wrong(self, place: int, what: str, defects: Defects) -> None:
        """Note a defect of a value; of one that is missing, where the record ends."""
        missing = place >= len(self.raw)
        column = sum(len(cell) + 1 for cell in self.raw[:place]) + (0 if missing else 1)
        if missing:
            what = f"the line ends after {len(self.raw)} values: {what}"
        defects.add(self.file, self.line, max(column, 1), what)


def records_of(file: SourceFile, defects: Defects, separator: str = ",") -> Iterator[Record]:
    """The records of a file, blank ones left out; what is no table is a defect, and ends the reading."""
    text = _text_of(file, defects)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 0
    try:
        for raw in reader:
            record = Record(file.label, line + 1, tuple(raw))
            line = reader.line_num
            if not record.blank:
                yield record
    except csv.Error as error:
        what = f"the line is no record of a table ({error}); quotes come in pairs"
        defects.add(file.label, max(reader.line_num, 1), 1, what)


def _text_of(file: SourceFile, defects: Defects) -> str | None:
    """The text: UTF-8, or latin-1 as CMS writes it; None when it is none."""
    with file.open_binary() as opened:
        data = opened.read(LARGEST_TABLE + 1)
    if len(data) > LARGEST_TABLE:
        defects.add(file.label, 1, 1, f"the file is larger than {LARGEST_TABLE:,} bytes; no edition of it is")
        return None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        defects.add(file.label, 1, 1, "the file is UTF-16; bring it as published, in latin-1 or UTF-8")
        return None
    if b"\0" in data:
        at = data.index(b"\0")
        place = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
        defects.add(file.label, *place, "the byte 00 is no text; bring the file as it was published")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
