"""Kind `cdt`: the operator's licensed list of CDT codes of the American Dental Association.

Layout: one line a code, divided by TABs: the code (D0120), its nomenclature, and where the licence holds it the
descriptor; a first line with names of columns may stand before. Nothing of the file is kept outside the operator's
database, and whoever accepted the licence is recorded with the release.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.catalog.imports.archives import SourceFile, one_member
from services.catalog.imports.code_sets.hierarchy import Node, rows_of_tree
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.rows import CodeRow, Edition
from shared.errors import FailedPrecondition, InvalidInput

SYSTEM = "cdt"
_CODE = re.compile(r"D[0-9]{4}", re.ASCII)
_NAME = called(r".*cdt.*\.(?:txt|tsv)")


class CdtCodes:
    """Reads one list of codes."""

    kind = "cdt"
    title = "CDT codes"
    publisher = "American Dental Association (ADA)"
    systems = (SYSTEM,)
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (_NAME,)
    files = "the ADA's list of CDT codes as text, e.g. CDT2026.txt: code, TAB, nomenclature, TAB, descriptor"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read; FailedPrecondition when nobody accepted the licence."""
        if not choices.licence_accepted_by.strip():
            raise FailedPrecondition(
                "LICENCE_NOT_ACCEPTED",
                "CDT is licensed by the American Dental Association: say who accepts its licence for this site with "
                "--accept-licence-by NAME.",
            )
        if not choices.edition:
            raise InvalidInput("EDITION_MISSING", "The list does not state its edition: say it, e.g. --edition 2026.")
        file = one_member(paths, _NAME, wanted=self.files)
        edition = Edition(choices.edition, choices.effective_from, choices.effective_to)

        def rows() -> Iterator[CodeRow]:
            nodes = list(_nodes(file, defects))
            progress("reading CDT codes", 1, 1)
            if not defects.count:
                yield from rows_of_tree(SYSTEM, sorted(nodes, key=lambda node: node.code))

        return Reading(rows=iter([("code", rows())]), edition=lambda: edition)


def _nodes(file: SourceFile, defects: Defects) -> Iterator[Node]:
    seen: dict[str, int] = {}
    for line, text in numbered_lines(file, "utf-8", defects):
        code, _, rest = text.partition("\t")
        nomenclature, _, descriptor = (part.strip() for part in rest.partition("\t"))
        code = code.strip()
        if not text.strip() or (not seen and not _CODE.fullmatch(code) and code.lower().endswith("code")):
            continue  # an empty line, or the names of the columns
        if not _CODE.fullmatch(code):
            defects.add(file.label, line, 1, f'"{code[:20]}" is no CDT code such as D0120 before the first TAB')
        elif not nomenclature:
            defects.add(file.label, line, len(code) + 2, f"{code} has no nomenclature; it is expected behind a TAB")
        elif code in seen:
            defects.add(file.label, line, 1, f"{code} stands twice, first in line {seen[code]}; each code stands once")
        else:
            seen[code] = line
            yield Node(code, nomenclature, body={"descriptor": descriptor} if descriptor else {})
    if not seen and not defects.count:
        defects.add(file.label, 1, 1, "there is no code in the file; lines of code, TAB and nomenclature are expected")
