"""Invented PTP files in CMS's layout: codes and days of nobody's edits."""

import gzip
import zipfile
from pathlib import Path

NOTICE = "An invented notice of rights.\t\t\t\t\t\t\r\nColumn1/Column2 Edits\t\t\t\t\t\t\r\n"
HEADER = (
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
FIRST_LINE = 7
ROWS = (
    "11111\t22222\t\t20200101\t*\t1\tInvented reason",
    "11111\t22222\t*\t19960101\t20191231\t0\tAnother invented reason",
    "22222\t33333\t\t20210401\t20210401\t9\tInvented reason",
    "0001A\tJ1234\t \t20220701\t20240331\t1\tInvented reason",
)
CSV_HEADER = "column_1,column_2,deletion_date,modifier_indicator,rationale\r\n"
CSV_ROWS = ("11111,22222,,1,Invented reason", "11111,22222,2019-12-31,0,Another invented reason")


def ptp_text(*rows: str, end: str = "\r\n") -> str:
    """A file of these rows, or of the usual ones."""
    return (NOTICE + HEADER).replace("\r\n", end) + "".join(row + end for row in rows or ROWS)


def ptp_file(folder: Path, text: str | bytes | None = None, name: str = "ccipra-v302r0-f1.txt") -> Path:
    """A file as an operator brings it: plain, or packed as its name says."""
    data = ptp_text() if text is None else text
    data = data if isinstance(data, bytes) else data.encode("latin-1")
    path = folder / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name.replace(".zip", ".txt"), data)
            archive.writestr(name.replace(".zip", ".xlsx"), b"no workbook")
    else:
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path
