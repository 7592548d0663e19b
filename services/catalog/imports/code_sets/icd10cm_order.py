"""Kind `icd10cm-order`: the official order file of ICD-10-CM, every header and code with its titles."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from services.catalog.imports.archives import one_member
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.code_sets.hierarchy import Node, rows_of_tree
from services.catalog.imports.code_sets.order_lines import OrderLine, order_lines
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.rows import CodeRow
from services.catalog.systems import dotted
from services.catalog.tabular.outline import CATEGORY_LEVEL

SYSTEM = "icd10cm"
_SHAPE = re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}", re.ASCII)


class Icd10cmOrder:
    """Reads the order file, alone or in the official zip archive, where the codes file and addenda lie beside it."""

    kind = "icd10cm-order"
    title = "ICD-10-CM order file"
    publisher = "CMS and NCHS"
    systems = (SYSTEM,)
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (
        called(r"icd-?10cm[-_]order[-_](?!addenda).*\.txt(?:\.gz)?"),
        called(r"(?:.*[-_])?code-descriptions-tabular-order.*\.zip"),
    )
    files = "the order file, e.g. icd10cm_order_2026.txt, alone or in the official zip archive"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the one file."""
        file = one_member(paths, called(r"icd-?10cm[-_]order[-_](?!addenda).*\.txt"), wanted=self.files)
        edition = fiscal_year_edition(file.name, choices)

        def rows() -> Iterator[CodeRow]:
            lines = numbered_lines(file, "utf-8", defects, lambda read, size: progress("reading ICD-10-CM", read, size))
            roots = _tree(file.label, order_lines(file.label, lines, _SHAPE, "E119", defects), defects)
            if not defects.count:
                yield from rows_of_tree(SYSTEM, roots)

        return Reading(rows=iter([("code", rows())]), edition=lambda: edition)


def _tree(label: str, lines: Iterable[OrderLine], defects: Defects) -> list[Node]:
    """Categories with what stands below them: each code below the nearest header that it begins with."""
    roots: list[Node] = []
    above: list[tuple[OrderLine, Node]] = []
    for line in lines:
        while above and not line.code.startswith(above[-1][0].code):
            _check_header(label, *above.pop(), defects)
        node = _node(line)
        if not above and len(line.code) != 3:
            what = f"{line.code} stands below no category; {line.code[:3]} is expected before it"
            defects.add(label, line.line, 7, what)
        (above[-1][1].children if above else roots).append(node)
        above.append((line, node))
    while above:
        _check_header(label, *above.pop(), defects)
    return roots


def _check_header(label: str, line: OrderLine, node: Node, defects: Defects) -> None:
    if line.valid and node.children:
        what = f"{line.code} is marked as valid, but {node.children[0].code} stands below it; a header has 0 here"
        defects.add(label, line.line, 15, what)
    elif not line.valid and not node.children:
        what = f"{line.code} is marked as a header, but no code stands below it; a valid code has 1 here"
        defects.add(label, line.line, 15, what)


def _node(line: OrderLine) -> Node:
    kind = "category" if len(line.code) == 3 else "code" if line.valid else "subcategory"
    return Node(
        line.code,
        line.long,
        display=dotted(SYSTEM, line.code),
        kind=kind,
        level=CATEGORY_LEVEL + len(line.code) - 3,
        reportable=line.valid,
        body={"short": line.short},
    )
