"""The lines of an official text file with their numbers; what cannot be text is a defect with its place."""

import codecs
import re
from collections.abc import Callable, Iterator

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects

LONGEST_LINE = 64 * 1024
"""Bytes; the longest of the official files are a tenth of it."""
TOLD_EVERY = 512 * 1024
END_OF_FILE = "\x1a"
"""What old systems write behind the last line."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def numbered_lines(
    file: SourceFile, encoding: str, defects: Defects, read: Callable[[int, int], None] = lambda _done, _size: None
) -> Iterator[tuple[int, str]]:
    """Every line that is text, without its end; `read` is told the bytes read and the size of the whole.

    A mark of byte order is passed over. A wrong byte or a control character is a defect, and the line is left out.
    """
    done = told = 0
    with file.open_binary() as lines:
        number = 0
        while raw := lines.readline(LONGEST_LINE + 1):
            number += 1
            done += len(raw)
            if done - told >= TOLD_EVERY:
                told = done
                read(done, file.size)
            if len(raw) > LONGEST_LINE:
                what = f"the line is longer than {LONGEST_LINE:,} bytes, as no line of such a file is"
                defects.add(file.label, number, LONGEST_LINE, what)
                return
            begin = len(codecs.BOM_UTF8) if number == 1 and raw.startswith(codecs.BOM_UTF8) else 0
            line = _text(raw[begin:].rstrip(b"\r\n"), encoding, file.label, number, defects)
            if line is not None and line != END_OF_FILE:
                yield number, line
    read(done, file.size)


def _text(raw: bytes, encoding: str, label: str, number: int, defects: Defects) -> str | None:
    try:
        line = raw.decode(encoding)
    except UnicodeDecodeError as error:
        what = f"the byte {raw[error.start]:02x} is not {encoding.upper()}; bring the file as it was published"
        defects.add(label, number, error.start + 1, what)
        return None
    wrong = _NO_TEXT.search(line)
    if wrong and line != END_OF_FILE:
        what = f"the character {ord(wrong[0]):02x} (hexadecimal) is no text; bring the file as it was published"
        defects.add(label, number, wrong.start() + 1, what)
        return None
    return line
