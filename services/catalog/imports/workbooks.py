"""The rows of an official workbook (xlsx) as text, within bounds: no formula is computed, no link is followed."""

import math
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects

MOST_COLUMNS = 64
MOST_ROWS = 1_048_576
"""As many as a sheet of such a program holds."""
MOST_EMPTY = 10_000
"""Empty rows after which nothing more is expected; a cell far below would otherwise be a million rows away."""
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    SyntaxError,  # of XML
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the library raises on a workbook that is none."""


def workbook_rows(file: SourceFile, defects: Defects) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The rows of the first sheet that are not empty, with their numbers; a broken workbook is a defect.

    A cell is its value as text: a whole number without a point, a day as yyyy-mm-dd, an empty cell as nothing.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - a quarter of a second of every start, for one kind of file
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    number = 0
    try:
        with file.open_seekable() as whole, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about headers, footers and styles, of which nothing is read
            workbook = load_workbook(whole, read_only=True, data_only=True, keep_links=False)
            sheet: Any = workbook.worksheets[0]
            sheet.reset_dimensions()  # the size that a sheet states may be wrong
            empty = 0
            for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
                row = tuple(map(_text, cells))
                empty = 0 if any(row) else empty + 1
                if number > MOST_ROWS or empty > MOST_EMPTY:
                    return
                if not empty:
                    yield number, row
    except (InvalidFileException, *_BROKEN) as error:
        what = f"this is no whole workbook (xlsx): {_reason(error)}; bring the file as it was published"
        defects.add(file.label, number + 1, 1, what)


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())
    return "".join(c for c in said[:120] if c.isprintable()) or type(error).__name__


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value.is_integer() else str(value)
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return str(value).replace("\0", "")
