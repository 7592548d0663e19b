"""The Official Guidelines as text: sections as they are cited, and the codes that they speak of."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.code_spans import Span, prefixes, spans_in
from services.catalog.guidelines.mentions import LONGEST_EXCERPT, excerpt, mentions_of
from services.catalog.guidelines.outline import Section, sections_of
from services.catalog.imports.defects import Defects
from services.catalog.imports.icd10cm_guidelines import Icd10cmGuidelines
from services.catalog.imports.importer import Choices, silent
from tests.unit.catalog.read_rows import rows_of
from tests.unit.catalog.small_tabular import written

SMALL = """## Invented Guidelines

FY 2026 -- UPDATED October 1, 2025 (October 1, 2025 - September 30, 2026)

| 1. A table of contents .... 7 |

## 1. This title stands before Section I and opens nothing

## Section I.  Conventions

## A. Conventions of the invented list

## 1. Invented spoons

Use code S90 for a spoon.

## C. Chapters

## 19. Chapter 19: Invented injuries (S00-S99)

## a. Wounds

Assign S06.0- for the right side, and one of S09.0 through S09.9 for a scratch.

## 2) Order of wounds

## (a) The first wound

- (i) Code S06.1X7A comes first.
- (ii)

## Invented middle title

- (iii) not a section: the list ended
- (c) nor this: no letter b stands before

## b. Scratches

## (b) The second wound goes on here

Another sentence about S90.

## Appendix I

## Present on invented admission

Nothing here.
"""


def numbered(text: str) -> dict[str, Section]:
    """The sections of a text by their numbers."""
    return {section.number: section for section in sections_of(enumerate(text.splitlines(), 1))}


def test_sections_are_numbered_as_coders_cite_them() -> None:
    sections = numbered(SMALL)
    assert list(sections) == [
        "I", "I.A", "I.A.1", "I.C", "I.C.19", "I.C.19.a", "I.C.19.a.2", "I.C.19.a.2.(a)", "I.C.19.a.2.(a).(i)",
        "I.C.19.a.2.(a).(ii)", "I.C.19.a.2.(a).(iii)", "I.C.19.b", "I.C.19.a.2.(b)", "Appendix I",
    ]  # fmt: skip
    assert sections["I.C.19.a"].title == "Wounds"
    assert sections["I.C.19.a.2.(a).(ii)"].title == "Invented middle title"
    assert sections["Appendix I"].title == "Present on invented admission"


def test_a_list_without_a_first_letter_goes_on_where_one_waits_for_it() -> None:
    assert numbered(SMALL)["I.C.19.a.2.(b)"].paragraphs == ["Another sentence about S90."]


def test_an_i_behind_an_h_is_a_letter_and_a_numeral_elsewhere() -> None:
    lines = ["## Section I. X", "## A. X", "## 1. X", "## a. X", "## 1) X", "## (h) X", "## (i) X", "## (i) Y"]
    assert list(numbered("\n".join(lines)))[-3:] == ["I.A.1.a.1.(h)", "I.A.1.a.1.(i)", "I.A.1.a.1.(i).(i)"]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("diabetes (E10.-)", [("E10", "E10")]),
        ("(E08-E13 with .2)", [("E08", "E13")]),
        ("(I69.0- \u2013 I69.9)", [("I690", "I699")]),
        ("J44.0 and J44.1", [("J440", "J440"), ("J441", "J441")]),
        ("A00.0 through T88.9", [("A000", "T889")]),
        ("C00-C96, D3A.-", [("C00", "C96"), ("D3A", "D3A")]),
        ("S90-S00", [("S90", "S90"), ("S00", "S00")]),
        ("AAA repair, HIV, S6, 5S06", []),
    ],
)
def test_codes_and_ranges_are_found_in_sentences(text: str, spans: list[tuple[str, str]]) -> None:
    assert [tuple(span) for span in spans_in(text)] == spans


@pytest.mark.parametrize(
    ("span", "code", "held"),
    [
        (("E08", "E13"), "E1365", True),
        (("E08", "E13"), "E14", False),
        (("E10", "E10"), "E1065", True),
        (("E1065", "E1065"), "E10", False),
        (("I690", "I699"), "I69", False),
    ],
)
def test_a_span_holds_what_stands_below_its_ends(span: tuple[str, str], code: str, held: bool) -> None:
    assert Span(*span).holds(code) is held
    if span[0] == span[1]:
        assert (span[0] in prefixes(code)) is held


def test_each_span_of_a_section_is_named_once_with_the_words_that_name_it() -> None:
    mentions = list(mentions_of(numbered(SMALL)["I.C.19.a"]))
    assert [tuple(mention.span) for mention in mentions] == [("S060", "S060"), ("S090", "S099")]
    assert mentions[0].excerpt.startswith("Assign S06.0- for")
    title = next(mentions_of(numbered(SMALL)["I.C.19"]))
    assert (tuple(title.span), title.excerpt) == (("S00", "S99"), "")


def test_what_is_wider_than_a_chapter_speaks_of_no_code() -> None:
    section = Section("I.B.3", "Codes from A00.0 through T88.9", 1, ["Not Z00-Z99.8 alone, nor V00-Y99."])
    assert [tuple(mention.span) for mention in mentions_of(section)] == [("Z00", "Z998"), ("V00", "Y99")]


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_long_paragraph_is_cut_at_words_around_the_code(before: int, after: int) -> None:
    paragraph = "word " * before + "code S06.0" + " word" * after
    cut = excerpt(paragraph, Span("S060", "S060"))
    assert "S06.0" in cut
    assert len(cut) <= LONGEST_EXCERPT + 4
    assert cut.strip("… ") in paragraph


def read(folder: Path, text: str | bytes, choices: Choices | None = None) -> tuple[Defects, str, int]:
    """Import a text; the defects, the edition's name and the number of rows."""
    defects = Defects()
    path = written(folder, text, "guidelines.md")
    reading = Icd10cmGuidelines().read([path], choices or Choices(), defects, silent)
    rows = len(rows_of(reading))
    return defects, reading.edition().name, rows


def test_the_edition_and_its_days_are_those_that_the_text_states(tmp_path: Path) -> None:
    defects, edition, rows = read(tmp_path, SMALL)
    assert (defects.count, edition, rows) == (0, "FY 2026", 14 + 6)


@pytest.mark.parametrize(
    ("change", "line", "what"),
    [
        (lambda text: text.replace("(October 1, 2025 - September 30, 2026)", ""), 1, "no line states the edition"),
        (
            lambda text: text.replace("## b. Scratches", "## a. Scratches"),
            37,
            "I.C.19.a stands twice, first in line 21",
        ),
        (lambda _: "nothing of this is a section", 1, "the file has no sections"),
        (lambda text: text.encode("utf-16"), 1, "the byte ff is not UTF-8"),
    ],
)
def test_a_wrong_file_is_told_by_its_line(
    tmp_path: Path, change: Callable[[str], str | bytes], line: int, what: str
) -> None:
    defects, _, _ = read(tmp_path, change(SMALL))
    assert (defects.kept[0].file, defects.kept[0].line) == ("guidelines.md", line)
    assert what in defects.kept[0].what


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    defects, _, _ = read(tmp_path_factory.mktemp("any"), data)
    assert defects.count
