"""Kind `icd10cm-guidelines`: the ICD-10-CM Official Guidelines as text, its titles marked as headings.

CMS and NCHS publish the Guidelines as a PDF; text made of it keeps the labels that sections are cited by (`## 4. ...`,
`## a. ...`) and the line of its edition, `FY 2026 -- UPDATED October 1, 2025 (October 1, 2025 - September 30, 2026)`.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from services.catalog.guidelines.mentions import mentions_of
from services.catalog.guidelines.outline import Section, sections_of
from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Progress, Reading, called
from services.catalog.imports.source_files import one_member, text_of
from services.catalog.rows import Edition, GuidelineMentionRow, GuidelineRow

_DAY = r"[A-Z][a-z]+ \d{1,2}, 20\d\d"
_EDITION = re.compile(rf"FY (?P<year>20\d\d)\b.*?\((?P<begins>{_DAY}) ?[-\u2013] ?(?P<ends>{_DAY})\)")
FEWEST_SECTIONS = 5
WANTED = "the Official Guidelines as text, e.g. icd10cm_guidelines_fy2026.md"


class Icd10cmGuidelines:
    """Reads the sections of the Guidelines, and which codes each speaks of."""

    kind = "icd10cm-guidelines"
    title = "ICD-10-CM Official Guidelines for Coding and Reporting"
    publisher = "CMS and NCHS"
    systems = ("icd10cm",)
    subject = "guideline_mention"
    settings: tuple[str, ...] = ()
    recognised = (called(r"icd-?10-?cm[-_ ]guidelines[-_ ].*\.(?:md|txt)"),)
    files = WANTED

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Read the one file; it is small."""
        file = one_member(paths, wanted=self.files)
        lines = list(enumerate((text_of(file, "utf-8", defects) or "").splitlines(), 1))
        sections = list(sections_of(lines))
        if not defects.count:
            _check(file.label, sections, defects)
        edition = _edition(file.label, lines, choices, defects)
        progress("reading the Guidelines", 1, 1)
        rows = iter([("guideline_section", _sections(sections)), ("guideline_mention", _mentions(sections))])
        return Reading(rows=rows, edition=lambda: edition)


def _check(name: str, sections: list[Section], defects: Defects) -> None:
    if len(sections) < FEWEST_SECTIONS:
        defects.add(
            name, 1, 1, 'the file has no sections; headings such as "## Section I. ..." and "## A. ..." are expected'
        )
    first: dict[str, int] = {}
    for section in sections:
        if section.number in first:
            defects.add(
                name,
                section.line,
                1,
                f"section {section.number} stands twice, first in line {first[section.number]}; each stands once",
            )
        first.setdefault(section.number, section.line)


def _edition(name: str, lines: list[tuple[int, str]], choices: Choices, defects: Defects) -> Edition:
    stated = next((found for _, line in lines if (found := _EDITION.search(line))), None)
    if stated is None:
        if not choices.edition:
            defects.add(
                name,
                1,
                1,
                'no line states the edition, such as "FY 2026 -- UPDATED October 1, 2025 (October 1, 2025 - '
                'September 30, 2026)"; add it, or say the edition and its days',
            )
        return Edition(choices.edition, choices.effective_from, choices.effective_to)
    return Edition(
        choices.edition or f"FY {stated['year']}",
        choices.effective_from or _day(stated["begins"]),
        choices.effective_to or _day(stated["ends"]),
    )


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%B %d, %Y").date()  # noqa: DTZ007 - a day, not a time
    except ValueError:
        return None


def _sections(sections: list[Section]) -> Iterator[GuidelineRow]:
    for ordinal, section in enumerate(sections):
        yield GuidelineRow(section.number, ordinal, section.title, "\n".join(section.paragraphs))


def _mentions(sections: list[Section]) -> Iterator[GuidelineMentionRow]:
    for section in sections:
        for mention in mentions_of(section):
            yield GuidelineMentionRow(section.number, *mention.span, mention.excerpt)
