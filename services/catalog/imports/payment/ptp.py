"""Kind `ncci-ptp`: procedure-to-procedure edits of one setting and quarter, in one or several parts."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.payment.files import files_of, stated_setting
from services.catalog.imports.payment.ptp_blocks import Rationales, read_block
from services.catalog.imports.payment.ptp_layout import Layout, open_layout
from services.catalog.imports.payment.ptp_lines import PtpLine, read_line
from services.catalog.imports.payment.ptp_once import RowsOnce
from services.catalog.imports.payment.ptp_writing import CodeDigests, as_copied
from services.catalog.imports.payment.quarters import edition_of
from services.catalog.payment_rows import NcciPtpRationaleRow
from services.catalog.rows import Block, Blocks, Rows
from shared.errors import InvalidInput

AT_ONCE = 2 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
_OFFICIAL = r"(?:.*[-_])?{}-(v\d+r\d+)(?:-f\d+)?(?:\.txt|\.csv|\.zip)(?:\.gz)?"
_PART = re.compile(r"-f(\d+)\.\w+$", re.ASCII)


class NcciPtpEdits:
    """Reads CMS's text files of a quarter, or a CSV edition of them that has no effective dates."""

    kind = "ncci-ptp"
    title = "NCCI procedure-to-procedure edits"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("cpt", "hcpcs")
    subject = "ncci_ptp_code"
    settings = ("practitioner", "outpatient")
    recognised = (
        called(_OFFICIAL.format("ccipra"), "practitioner"),
        called(_OFFICIAL.format("ccioph"), "outpatient"),
        called(r"ncci_ptp_prac.*\.csv(?:\.gz)?", "practitioner"),
        called(r"ncci_ptp_out.*\.csv(?:\.gz)?", "outpatient"),
    )
    files = "the parts of one quarter and setting, e.g. ccipra-v302r0-f1.txt to -f4.txt, zipped or not"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the parts, one after the other."""
        parts = files_of(self, paths)
        numbers = sorted(int(found[1]) for part in parts if (found := _PART.search(part.name)))
        if numbers and numbers != list(range(1, len(numbers) + 1)):
            said = ", ".join(f"f{number}" for number in numbers)
            raise InvalidInput("FILES_WRONG", f"The parts are {said}; expected are all of a quarter, f1 and on, once.")
        names, around = [part.name for part in parts], [path.name for path in paths]
        edition = edition_of(names, around, choices, stated_setting(self, parts))
        return Reading(rows=_Import(parts, defects, progress).rows(), edition=lambda: edition)


class _Import:
    """Parts on their way to rows."""

    def __init__(self, parts: list[SourceFile], defects: Defects, progress: Progress) -> None:
        self._parts = parts
        self._defects = defects
        self._progress = progress
        self._rationales = Rationales()
        self._digests = CodeDigests()
        self._once = RowsOnce()
        self._read = 0
        self._total = sum(part.size for part in parts)

    def rows(self) -> Rows:
        yield "ncci_ptp", Blocks(self._blocks())
        self._once.tell(self._defects)
        self._progress("reading PTP edits", 1, 1)
        sentences = enumerate(self._rationales.texts)
        yield "ncci_ptp_rationale", (NcciPtpRationaleRow(number, text) for number, text in sentences)
        yield "ncci_ptp_code", self._digests.rows()

    def _blocks(self) -> Iterator[Block]:
        for part in self._parts:
            before = self._defects.count
            found = 0
            with part.open_binary() as file:
                for block in self._blocks_of(file, part.label):
                    found += block.rows
                    yield block
            if not found and self._defects.count == before:
                self._defects.add(part.label, 1, 1, "there is no edit in the file")

    def _blocks_of(self, file: IO[bytes], name: str) -> Iterator[Block]:
        head = file.read(AT_ONCE)
        opened = open_layout(head, name, self._defects)
        if opened is None:
            return
        line = opened.lines + 1
        for whole in _whole_lines(head[opened.length :], file):
            yield self._block(whole, opened.layout, (name, line))
            line += whole.count(b"\n")

    def _block(self, lines: bytes, layout: Layout, place: tuple[str, int]) -> Block:
        edits = read_block(lines, layout, self._rationales, lambda text, n: self._careful(text, n, layout, place))
        file, first = place
        self._once.add(self._digests.add(edits, self._rationales.texts), file, edits.line + first)
        self._read += len(lines)
        self._progress("reading PTP edits", self._read, max(self._total, self._read))
        return Block(as_copied(edits), len(edits))

    def _careful(self, text: bytes, number: int, layout: Layout, place: tuple[str, int]) -> PtpLine | None:
        file, first = place
        line = read_line(text, layout, (file, first + number), self._defects)
        if line is not None and self._rationales.id_of(line.rationale) is None:
            what = f'the rationale "{line.rationale[:40]}" is one of too many different ones; no edition has so many'
            self._defects.add(file, first + number, 1, what)
            return None
        return line


def _whole_lines(begun: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file in blocks of whole lines, each ended by a line feed.

    The last one gets it; a line without an end is cut and ends the reading, for no edit is so long.
    """
    rest = begun
    while len(rest) <= LONGEST_LINE or b"\n" in rest:
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
        chunk = file.read(AT_ONCE)
        rest = rest[end:] + chunk
        if not chunk:
            break
    if rest:
        yield rest[:LONGEST_LINE] + b"\n"
