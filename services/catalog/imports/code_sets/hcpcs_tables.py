"""HCPCS Level II as a table: the official workbook, or the CSV edition with one line a code."""

import csv
from collections.abc import Iterable, Iterator, Mapping

from services.catalog.imports.code_sets.hcpcs_record import HcpcsRecord
from services.catalog.imports.defects import Defects

Header = Mapping[str, int]
WORKBOOK_VALUES = {
    "MULT_PI": "multiple_pricing",
    "STATUTE": "statute",
    "COV": "coverage",
    "ASC_GRP": "asc_group",
    "ASC_DT": "asc_from",
    "PROCNOTE": "processing_note",
    "BETOS": "betos",
    "ANEST_BU": "base_units",
    "ADD DT": "added",
    "ACT EFF DT": "action_date",
    "TERM DT": "terminated",
    "ACTION CD": "action",
}
WORKBOOK_LISTS = {
    "PRICE": "pricing",
    "CIM": "coverage_manual",
    "MCM": "carriers_manual",
    "LABCERT": "laboratory",
    "XREF": "cross_references",
    "TOS": "types_of_service",
}
"""Columns that are numbered: PRICE1, PRICE2 ..."""
_SEQUENCE = 5
"""Digits of the number of a line within its code, which begins at 100."""
WORKBOOK_NEEDS = ("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "ADD DT", "TERM DT", "ACTION CD")
CSV_VALUES = {
    "multi": "multiple_pricing",
    "cov": "coverage",
    "asc_grp": "asc_group",
    "date_asc": "asc_from",
    "proc": "processing_note",
    "betos": "betos",
    "anes": "base_units",
    "statute": "statute",
    "date_added": "added",
    "date_action": "action_date",
    "date_term": "terminated",
    "action": "action",
}
CSV_LISTS = {
    "price": "pricing",
    "cim": "coverage_manual",
    "mcm": "carriers_manual",
    "lab": "laboratory",
    "xref": "cross_references",
    "tos": "types_of_service",
}
CSV_NEEDS = ("hcpcs_code", "long", "short", *CSV_VALUES, *CSV_LISTS)
FIRST, MORE = {"3", "7"}, {"4", "8"}


def workbook_records(
    label: str, rows: Iterable[tuple[int, tuple[str, ...]]], defects: Defects
) -> Iterator[HcpcsRecord]:
    """The records of the official workbook, whose header stands behind a notice."""
    header: Header | None = None
    record: HcpcsRecord | None = None
    number = ""
    for line, cells in rows:
        if header is None:
            header = _header(cells)
            missing = [name for name in WORKBOOK_NEEDS if header and name not in header]
            if missing:
                defects.add(label, line, 1, f"the columns {', '.join(missing)} are missing in this header")
                return
            continue
        found, kind = _of_workbook(label, line, header, cells), cells[header["RECID"]].strip()
        earlier, number = number, cells[header["SEQNUM"]].strip().zfill(_SEQUENCE)
        if kind in FIRST:
            if record is not None:
                yield record
            record = found
        elif kind in MORE and record is not None and found.code == record.code and number > earlier:
            record.long = f"{record.long} {found.long}"
        elif kind in MORE:
            what = f"this goes on with the description of {found.code}, but not behind its earlier lines"
            defects.add(label, line, header["HCPC"] + 1, what)
        else:
            what = f'the kind of record is "{kind}"; 3 or 7 is expected, or 4 or 8 where a description goes on'
            defects.add(label, line, header["RECID"] + 1, what)
    if record is not None:
        yield record
    elif header is None and not defects.count:
        defects.add(label, 1, 1, "there is no header; a row with HCPC, SEQNUM, RECID, LONG DESCRIPTION ... is expected")


def _header(cells: tuple[str, ...]) -> Header | None:
    names = {cell.strip(): column for column, cell in reversed(list(enumerate(cells))) if cell.strip()}
    return names if "HCPC" in names else None


def _of_workbook(label: str, line: int, header: Header, cells: tuple[str, ...]) -> HcpcsRecord:
    def cell(name: str) -> str:
        return " ".join(cells[header[name]].split()) if name in header else ""

    return HcpcsRecord(
        file=label,
        line=line,
        code=cell("HCPC"),
        long=cell("LONG DESCRIPTION"),
        short=cell("SHORT DESCRIPTION"),
        values={name: cell(column) for column, name in WORKBOOK_VALUES.items()},
        lists={
            name: tuple(value for number in range(1, 9) if (value := cell(f"{column}{number}")))
            for column, name in WORKBOOK_LISTS.items()
        },
    )


def csv_records(label: str, lines: Iterable[tuple[int, str]], defects: Defects) -> Iterator[HcpcsRecord]:
    """The records of the CSV edition: a header, then one line a code; several values are divided by ":" or ", "."""
    numbers: list[int] = []

    def texts() -> Iterator[str]:
        for number, text in lines:
            numbers.append(number)
            yield text + "\n"

    reader = csv.reader(texts(), strict=True)
    try:
        header = {name: column for column, name in enumerate(next(reader, []))}
        missing = [name for name in CSV_NEEDS if name not in header]
        if missing:
            defects.add(label, 1, 1, f"the columns {', '.join(missing)} are missing in the first line")
            return
        for cells in reader:
            line = numbers[-1]
            if len(cells) == len(header):
                yield _of_csv(label, line, header, cells)
            elif cells:
                what = f"the line holds {len(cells)} values where the first line names {len(header)}"
                defects.add(label, line, 1, what)
    except csv.Error as error:
        what = f"the line is no well-formed CSV ({error}); values are divided by commas, quotes come in pairs"
        defects.add(label, numbers[-1] if numbers else 1, 1, what)


def _of_csv(label: str, line: int, header: Header, cells: list[str]) -> HcpcsRecord:
    def cell(name: str) -> str:
        return " ".join(cells[header[name]].split())

    return HcpcsRecord(
        file=label,
        line=line,
        code=cell("hcpcs_code"),
        long=cell("long"),
        short=cell("short"),
        values={name: cell(column) for column, name in CSV_VALUES.items()},
        lists={
            name: tuple(part.strip() for part in cell(column).replace(":", ",").split(",") if part.strip())
            for column, name in CSV_LISTS.items()
        },
    )
