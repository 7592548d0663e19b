"""Kind `icd9cm`: the last releases of ICD-9-CM, diagnoses and procedures, as CMS published their titles.

Layout: a code without its dot, blanks, the title; diagnoses in one file (DX), procedures in another (SG), each in a
long and a short form. Version 32 was the last: ICD-10 replaced ICD-9-CM on October 1, 2015 (45 CFR 162.1002(c)).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.code_sets.hierarchy import rows_of_tree
from services.catalog.imports.code_sets.icd9cm_chapters import DIAGNOSES, PROCEDURES, Chapter, tree
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.rows import CodeRow, Edition
from shared.errors import InvalidInput

LAST_DAY = date(2015, 9, 30)
FIRST_VERSION, FIRST_YEAR = 23, 2005
"""Version 23 took effect on October 1, 2005, and one followed each year."""
_NAME = re.compile(r"cms(\d\d)_desc_(long|short)_(dx|sg)\.txt", re.ASCII)
_LINE = re.compile(r"(?P<code>[0-9A-Z]+) +(?P<title>\S.*?) *", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two classifications of ICD-9-CM."""

    system: str
    suffix: str
    what: str
    shape: re.Pattern[str]
    example: str
    chapters: Sequence[Chapter]


PARTS = (
    Part(
        "icd9cm",
        "dx",
        "diagnoses",
        re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}", re.ASCII),
        "25000",
        DIAGNOSES,
    ),
    Part("icd9pcs", "sg", "procedures", re.compile(r"[0-9]{3,4}", re.ASCII), "8154", PROCEDURES),
)


class Icd9cm:
    """Reads the long and, where they are there, the short titles of one version."""

    kind = "icd9cm"
    title = "ICD-9-CM"
    publisher = "CMS and NCHS"
    systems = ("icd9cm", "icd9pcs")
    subject = "code"
    settings: tuple[str, ...] = ()
    recognised = (
        called(r"cms(\d\d)_desc_(?:long|short)_(?:dx|sg)\.txt"),
        called(r"cmsv(\d\d)-icd-9-descriptions\.zip|cmsv(\d\d)-master-descriptions\.zip"),
    )
    files = "CMS32_DESC_LONG_DX.txt and CMS32_DESC_LONG_SG.txt, and the short titles if at hand, or their zip archive"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the files."""
        found = _files(paths, self.files)
        edition = _edition(found, choices)

        def rows() -> Iterator[CodeRow]:
            for done, part in enumerate(PARTS):
                titles = _titles(found["long", part.suffix], part, defects)
                short = found.get(("short", part.suffix))
                shorts = _titles(short, part, defects) if short else {}
                if short:
                    _compare(short, shorts, titles, defects)
                progress("reading ICD-9-CM", done + 1, len(PARTS))
                if not defects.count:
                    plain = {code: title for code, (title, _) in titles.items()}
                    yield from rows_of_tree(
                        part.system, tree(part.system, part.chapters, plain, {c: t for c, (t, _) in shorts.items()})
                    )

        return Reading(rows=iter([("code", rows())]), edition=lambda: edition)


def _files(paths: Sequence[Path], wanted: str) -> dict[tuple[str, str], SourceFile]:
    found: dict[tuple[str, str], SourceFile] = {}
    versions: set[str] = set()
    for file in members(paths, called(_NAME.pattern), wanted=wanted):
        name = _NAME.fullmatch(file.name.lower())
        if name is None:
            continue
        if (name[2], name[3]) in found:
            raise InvalidInput("FILES_WRONG", f"{file.label} is named twice; expected are {wanted}.")
        found[name[2], name[3]] = file
        versions.add(name[1])
    missing = [part.what for part in PARTS if ("long", part.suffix) not in found]
    if missing:
        raise InvalidInput(
            "FILES_WRONG", f"The long titles of {' and '.join(missing)} are missing; expected: {wanted}."
        )
    if len(versions) != 1:
        raise InvalidInput("FILES_WRONG", f"The files are of the versions {', '.join(sorted(versions))}; name one's.")
    return found


def _edition(files: dict[tuple[str, str], SourceFile], choices: Choices) -> Edition:
    name = _NAME.fullmatch(files["long", "dx"].name.lower())
    version = int(name[1]) if name else 0
    begins = date(FIRST_YEAR + version - FIRST_VERSION, 10, 1)
    ends = min(date(begins.year + 1, 9, 30), LAST_DAY)
    if version < FIRST_VERSION or begins > LAST_DAY:
        raise InvalidInput("EDITION_WRONG", f"There is no version {version} of ICD-9-CM; the last one is 32.")
    return Edition(
        choices.edition or f"Version {version}", choices.effective_from or begins, choices.effective_to or ends
    )


def _titles(file: SourceFile, part: Part, defects: Defects) -> dict[str, tuple[str, int]]:
    """Titles by code, each with its line."""
    titles: dict[str, tuple[str, int]] = {}
    for line, text in numbered_lines(file, "latin-1", defects):
        found = _LINE.fullmatch(text)
        if not text.strip():
            continue
        if found is None or not part.shape.fullmatch(found["code"]):
            what = f"expected are a code of {part.what} without its dot, such as {part.example}, blanks and the title"
            defects.add(file.label, line, 1, what)
        elif found["code"] in titles:
            what = f"{found['code']} stands twice, first in line {titles[found['code']][1]}; each code stands once"
            defects.add(file.label, line, 1, what)
        else:
            titles[found["code"]] = found["title"], line
    if not titles and not defects.count:
        defects.add(file.label, 1, 1, f"the file holds no code; lines of a code such as {part.example} are expected")
    return titles


def _compare(
    short: SourceFile, shorts: dict[str, tuple[str, int]], titles: dict[str, tuple[str, int]], defects: Defects
) -> None:
    for code, (_, line) in shorts.items():
        if code not in titles:
            defects.add(short.label, line, 1, f"{code} has no long title; the files are not of one version")
    missing = sorted(titles.keys() - shorts.keys())
    if missing:
        defects.add(short.label, len(shorts) + 1, 1, f"{missing[0]} is missing here; each code has a short title too")
