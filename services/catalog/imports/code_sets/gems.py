"""Kind `gems`: the General Equivalence Mappings between ICD-9-CM and ICD-10, frozen since 2018.

Layout: source code and target code without dots, five flags of one digit: approximate, no map, combination, scenario,
choice list (General Equivalence Mappings: Documentation for Technical Users, CMS). The file's name tells the
direction: `2018_I9gem.txt` and `2018_I10gem.txt` for diagnoses, `gem_i9pcs.txt` and `gem_pcsi9.txt` for procedures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.catalog.code_set_rows import GemRow
from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, FilePattern, Progress, Reading, called
from services.catalog.imports.text_lines import numbered_lines
from services.catalog.rows import Edition
from shared.errors import InvalidInput

_LINE = re.compile(r"(?P<source>[0-9A-Z]+) +(?P<target>[0-9A-Za-z]+) +(?P<flags>[0-9]{5}) *", re.ASCII)
_NO_MAP = re.compile(r"No[A-Za-z]+", re.ASCII)
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)", re.ASCII)
_SHAPES = {
    "icd9cm": re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}", re.ASCII),
    "icd9pcs": re.compile(r"[0-9]{3,4}", re.ASCII),
    "icd10cm": re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}", re.ASCII),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{7}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Direction:
    """From which system to which, and how the file is called."""

    source: str
    target: str
    name: FilePattern


DIRECTIONS = (
    Direction("icd9cm", "icd10cm", called(r"(?:20\d\d[-_])?i9gem\.txt")),
    Direction("icd10cm", "icd9cm", called(r"(?:20\d\d[-_])?i10gem\.txt")),
    Direction("icd9pcs", "icd10pcs", called(r"(?:20\d\d[-_])?gem_i9pcs\.txt")),
    Direction("icd10pcs", "icd9pcs", called(r"(?:20\d\d[-_])?gem_pcsi9\.txt")),
)


class Gems:
    """Reads any of the four files; what one import does not bring, its release does not hold."""

    kind = "gems"
    title = "General Equivalence Mappings (GEMs)"
    publisher = "CMS and NCHS"
    systems = ("icd9cm", "icd10cm", "icd9pcs", "icd10pcs")
    subject = GemRow.table
    settings: tuple[str, ...] = ()
    recognised = (
        called(r"(?:20\d\d[-_])?(?:i9gem|i10gem|gem_i9pcs|gem_pcsi9)\.txt(?:\.gz)?"),
        called(r"(?:.*[-_])?(?:general-equivalence-mappings|dxgem|pcsgem|gem).*\.zip"),
    )
    files = "2018_I9gem.txt and 2018_I10gem.txt, and those of procedures (gem_i9pcs.txt, gem_pcsi9.txt) if at hand"

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read the files."""
        files = _files(paths, self.files)
        names = [path.name for path in paths] + [file.name for _, file in files]
        years = {year for name in names for year in _YEAR.findall(name)}
        edition = Edition(
            choices.edition or (years.pop() if len(years) == 1 else ""), choices.effective_from, choices.effective_to
        )
        if not edition.name:
            raise InvalidInput(
                "EDITION_MISSING", "The files' names do not state their year: say it, e.g. --edition 2018."
            )

        def rows() -> Iterator[GemRow]:
            for done, (direction, file) in enumerate(files):
                yield from _rows(direction, file, defects)
                progress("reading GEMs", done + 1, len(files))

        return Reading(rows=iter([(GemRow.table, rows())]), edition=lambda: edition)


def _files(paths: Sequence[Path], wanted: str) -> list[tuple[Direction, SourceFile]]:
    found = list(members(paths, *(direction.name for direction in DIRECTIONS), wanted=wanted))
    files = [(d, file) for d in DIRECTIONS for file in found if d.name.match(file.name) is not None]
    twice = [file.label for place, (d, file) in enumerate(files) if any(d is other for other, _ in files[:place])]
    if twice:
        raise InvalidInput("FILES_WRONG", f"{twice[0]} is a second file of its direction; expected: {wanted}.")
    return files


def _rows(direction: Direction, file: SourceFile, defects: Defects) -> Iterator[GemRow]:
    seen: dict[tuple[str, str, str], int] = {}
    for line, text in numbered_lines(file, "ascii", defects):
        found = _LINE.fullmatch(text)
        if not text.strip():
            continue
        wrong = _wrong(direction, found)
        if found is None or wrong:
            defects.add(file.label, line, *(wrong or (1, "")))
            continue
        key = (found["source"], found["target"], found["flags"])
        if key in seen:
            defects.add(file.label, line, 1, f"the line stands twice, first as line {seen[key]}; each stands once")
            continue
        seen[key] = line
        yield _row(direction, *key)
    if not seen and not defects.count:
        defects.add(file.label, 1, 1, "the file holds no mapping; lines of source, target and flags are expected")


def _wrong(direction: Direction, found: re.Match[str] | None) -> tuple[int, str] | None:
    if found is None:
        return 1, "expected are the source code, the target code and five flags, divided by blanks"
    if not _SHAPES[direction.source].fullmatch(found["source"]):
        return 1, f'"{found["source"]}" is no {direction.source} code without its dot, as the file\'s name promises'
    target, flags = found["target"], found["flags"]
    no_map = _NO_MAP.fullmatch(target) is not None
    if not no_map and not _SHAPES[direction.target].fullmatch(target.upper()):
        return found.start("target") + 1, f'"{target}" is no {direction.target} code, and not the mark of no mapping'
    if set(flags[:3]) - {"0", "1"} or (flags[1] == "1") != no_map:
        what = f'"{flags}" are no flags of this line: the first three are 0 or 1, the second is 1 where nothing maps'
        return found.start("flags") + 1, what
    return None


def _row(direction: Direction, source: str, target: str, flags: str) -> GemRow:
    return GemRow(
        system=direction.source,
        code=source,
        target_system=direction.target,
        target="" if flags[1] == "1" else target.upper(),  # one target was published as v5889
        approximate=flags[0] == "1",
        no_map=flags[1] == "1",
        combination=flags[2] == "1",
        scenario=int(flags[3]),
        choice_list=int(flags[4]),
    )
