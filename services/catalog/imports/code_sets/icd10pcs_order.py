"""Kind `icd10pcs-order`: the official order file of ICD-10-PCS, every table and code with its titles."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from services.catalog.imports.archives import one_member
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.code_sets.hierarchy import Node, rows_of_tree
from services.catalog.imports.code_sets.order_lines import OrderLine, order_lines
from services.catalog.imports.code_sets.pcs_labels import Labels, labels_of_tables
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.rows import CodeRow

SYSTEM = "icd10pcs"
TABLE_LENGTH, LENGTH = 3, 7
_SHAPE = re.compile(r"[0-9A-HJ-NP-Z]{3}(?:[0-9A-HJ-NP-Z]{4})?", re.ASCII)
"""Seven characters, digits and letters but I and O (ICD-10-PCS Official Guidelines A2)."""
SECTIONS = {
    "0": "Medical and Surgical",
    "1": "Obstetrics",
    "2": "Placement",
    "3": "Administration",
    "4": "Measurement and Monitoring",
    "5": "Extracorporeal or Systemic Assistance and Performance",
    "6": "Extracorporeal or Systemic Therapies",
    "7": "Osteopathic",
    "8": "Other Procedures",
    "9": "Chiropractic",
    "B": "Imaging",
    "C": "Nuclear Medicine",
    "D": "Radiation Therapy",
    "F": "Physical Rehabilitation and Diagnostic Audiology",
    "G": "Mental Health",
    "H": "Substance Abuse Treatment",
    "X": "New Technology",
}
"""The sections (ICD-10-PCS Official Guidelines, table of contents of the tables)."""


class Icd10pcsOrder:
    """Reads the order file, alone or in the official zip archive, where the addenda lie beside it."""

    kind = "icd10pcs-order"
    title = "ICD-10-PCS order file"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = (SYSTEM,)
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (
        called(r"icd-?10pcs[-_]order[-_](?!addenda).*\.txt(?:\.gz)?"),
        called(r"(?:.*[-_])?icd-?10-?pcs-order-file.*\.zip"),
    )
    files = "the order file, e.g. icd10pcs_order_2026.txt, alone or in the official zip archive"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        file = one_member(paths, called(r"icd-?10pcs[-_]order[-_](?!addenda).*\.txt"), wanted=self.files)
        edition = fiscal_year_edition(file.name, choices)

        def rows() -> Iterator[CodeRow]:
            lines = numbered_lines(
                file, "utf-8", defects, lambda read, size: progress("reading ICD-10-PCS", read, size)
            )
            tables = _tables(file.label, order_lines(file.label, lines, _SHAPE, "0DB64Z3", defects), defects)
            if not defects.count:
                yield from rows_of_tree(SYSTEM, _tree(tables))

        return Reading(rows=iter([("code", rows())]), edition=lambda: edition)


def _tables(label: str, lines: Iterable[OrderLine], defects: Defects) -> list[tuple[OrderLine, list[OrderLine]]]:
    """Tables with their codes, in the order of the file."""
    tables: list[tuple[OrderLine, list[OrderLine]]] = []
    for line in lines:
        if line.valid != (len(line.code) == LENGTH):
            what = (
                f"{line.code} has {len(line.code)} characters; a valid code (1) has seven, a table's header (0) three"
            )
            defects.add(label, line.line, 15, what)
        elif not line.valid:
            _check_filled(label, tables, defects)
            tables.append((line, []))
        elif not tables or not line.code.startswith(tables[-1][0].code):
            what = f"{line.code} stands below no table; the header {line.code[:TABLE_LENGTH]} is expected before it"
            defects.add(label, line.line, 7, what)
        else:
            tables[-1][1].append(line)
    _check_filled(label, tables, defects)
    return tables


def _check_filled(label: str, tables: list[tuple[OrderLine, list[OrderLine]]], defects: Defects) -> None:
    if tables and not tables[-1][1]:
        table = tables[-1][0]
        defects.add(label, table.line, 7, f"no code stands below the header of table {table.code}; codes are expected")


def _tree(tables: list[tuple[OrderLine, list[OrderLine]]]) -> list[Node]:
    """Sections, body systems, tables, the values of the fourth character, and codes."""
    labels = labels_of_tables({table.code: [(line.code, line.long) for line in codes] for table, codes in tables})
    sections = []
    for letter, of_section in groupby(tables, key=lambda table: table[0].code[0]):
        systems = [
            _body_system(name, list(of_system), labels)
            for name, of_system in groupby(of_section, key=lambda table: table[0].code[:2])
        ]
        sections.append(_heading(letter, SECTIONS.get(letter, f"Section {letter}"), "chapter", 0, systems))
    return sections


def _body_system(name: str, tables: list[tuple[OrderLine, list[OrderLine]]], labels: Mapping[str, Labels]) -> Node:
    nodes = [_table(table, codes, labels[table.code]) for table, codes in tables]
    return _heading(name, _common_name([table.long for table, _ in tables], name), "block", 1, nodes)


def _common_name(titles: Sequence[str], name: str) -> str:
    """What the titles of a body system's tables have in common, without the section and the operation."""
    parts = [title.split(", ") for title in titles]
    if len(parts) == 1:
        parts = [parts[0][:-1]]
    common = [words[0] for words in zip(*parts, strict=False) if len(set(words)) == 1]
    section = SECTIONS.get(name[0], "")
    return ", ".join(part for part in common if part != section) or section or f"Body system {name}"


def _table(table: OrderLine, codes: list[OrderLine], labels: Labels) -> Node:
    groups = [
        _heading(
            name, labels["4"].get(name[-1]) or f"Character {name[-1]}", "block", 3, [_code(code) for code in of_value]
        )
        for name, of_value in groupby(codes, key=lambda line: line.code[:4])
    ]
    return Node(
        table.code,
        table.long,
        kind="category",
        level=2,
        reportable=False,
        body={"short": table.short, "labels": labels},
        children=groups,
    )


def _code(line: OrderLine) -> Node:
    return Node(line.code, line.long, level=4, body={"short": line.short})


def _heading(code: str, heading: str, kind: str, level: int, children: list[Node]) -> Node:
    return Node(
        code, heading, kind=kind, level=level, official=False, reportable=False, has_page=False, children=children
    )
