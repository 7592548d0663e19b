"""Kind `cpt`: the operator's licensed descriptor files of the AMA, LONGULT.txt, MEDU.txt and SHORTU.txt.

Layout: a five-character code, a TAB (blanks in older files), the descriptor. Nothing of these files is kept outside
the operator's database, and whoever accepted the licence is recorded with the release.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.source_files import SourceFile, members, one_member
from services.catalog.rows import Edition, OfficialTextRow
from shared.errors import FailedPrecondition, InvalidInput

LENGTHS = {"LONGULT": 0, "LONGUF": 0, "MEDU": 1, "SHORTU": 2}
NO_DESCRIPTOR = "there is no descriptor in the file; lines of code, TAB and text are expected"
DESCRIPTORS = called(r"(?:longult|longuf|medu|shortu)\.txt")
_LINE = re.compile(r"(?P<code>[0-9]{4}[0-9A-Z])(?:\t| +)(?P<text>\S.*?)\s*", re.ASCII)
_CODE = re.compile(r"[0-9]{4}[0-9A-Z]", re.ASCII)


class CptDescriptors:
    """Reads one to three descriptor files of one edition."""

    kind = "cpt"
    title = "CPT descriptors"
    publisher = "American Medical Association (AMA)"
    systems = ("cpt",)
    subject = "official_text"
    settings: tuple[str, ...] = ()
    recognised = (DESCRIPTORS,)
    files = "LONGULT.txt, and if at hand MEDU.txt and SHORTU.txt, of one edition"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read; FailedPrecondition when nobody accepted the licence."""
        if not choices.licence_accepted_by.strip():
            raise FailedPrecondition(
                "LICENCE_NOT_ACCEPTED",
                "CPT is licensed by the American Medical Association: say who accepts its licence for this site with "
                "--accept-licence-by NAME.",
            )
        if not choices.edition:
            raise InvalidInput(
                "EDITION_MISSING", "The descriptor files do not state their edition: say it, e.g. --edition 2027."
            )
        files = _by_length(paths, self.files)
        edition = Edition(choices.edition, choices.effective_from, choices.effective_to)
        return Reading(rows=iter([("official_text", _rows(files, defects, progress))]), edition=lambda: edition)


def _by_length(paths: Sequence[Path], wanted: str) -> dict[int, SourceFile]:
    files: dict[int, SourceFile] = {}
    for file in members(paths, DESCRIPTORS, wanted=wanted):
        length = LENGTHS[file.name.upper().removesuffix(".TXT")]
        if length in files:
            raise InvalidInput("FILES_WRONG", f"{file.label} is not expected a second time; expected are {wanted}.")
        files[length] = file
    if 0 not in files:
        raise InvalidInput("FILES_WRONG", f"The long descriptors are missing; expected are {wanted}.")
    return files


def _rows(files: dict[int, SourceFile], defects: Defects, progress: Progress) -> Iterator[OfficialTextRow]:
    texts: dict[str, list[str]] = {}
    for number, (length, file) in enumerate(sorted(files.items())):
        seen: set[str] = set()
        for line, code, text in _descriptors(file, defects):
            if code in seen:
                defects.add(file.label, line, 1, f"{code} stands twice; each code stands once")
            elif length and code not in texts:
                defects.add(file.label, line, 1, f"{code} is not in {files[0].label}; the files are of two editions")
            else:
                texts.setdefault(code, ["", "", ""])[length] = text
            seen.add(code)
        progress("reading CPT descriptors", number + 1, len(files))
    if not texts and not defects.count:
        defects.add(
            files[0].label, 1, 1, "there is no descriptor in the file; lines of code, TAB and text are expected"
        )
    for code, (long_text, medium, short) in sorted(texts.items()):
        yield OfficialTextRow("cpt", code, long_text, medium, short)


def _descriptors(file: SourceFile, defects: Defects) -> Iterator[tuple[int, str, str]]:
    with file.open_binary() as opened:
        data = opened.read()
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = data.decode("latin-1")  # as the older editions are
    begun = False
    for number, line in enumerate(content.split("\n"), start=1):
        found = _LINE.fullmatch(line.rstrip("\r"))
        if found:
            begun = True
            yield number, found["code"], found["text"]
        elif line.strip() and begun:
            column = 6 if _CODE.match(line) else 1
            defects.add(file.label, number, column, "expected are a five-character code, a TAB and the descriptor")


def year_of(edition: str) -> str:
    """The year an edition's name holds, for the copyright line; empty when it holds none."""
    found = re.search(r"(19|20)\d\d", edition)
    return found[0] if found else ""


def copyright_line(edition: str, now: datetime) -> str:
    """The notice that stands with every descriptor.

    The year is the year before the edition's, as the AMA dates its books; without a year in the edition, today's.
    """
    year = year_of(edition)
    return (
        f"CPT © {int(year) - 1 if year else now.year} American Medical Association. All rights reserved. "
        "CPT is a registered trademark of the American Medical Association."
    )


def descriptors_of(path: Path) -> dict[str, str]:
    """The descriptors of one file by code, for comparing; ImportRefused when its layout is wrong."""
    defects = Defects()
    file = one_member([path], wanted="a file of lines of code, TAB and text")
    found = {code: text for _, code, text in _descriptors(file, defects)}
    if not found and not defects.count:
        defects.add(path.name, 1, 1, NO_DESCRIPTOR)
    defects.refuse()
    return found
