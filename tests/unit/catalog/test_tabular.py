"""The Tabular List becomes rows whole, and whatever is wrong with a file is said with its line and column."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalog.imports.defects import MOST_KEPT, Defects, ImportRefused
from services.catalog.imports.icd10cm_tabular import Icd10cmTabular
from services.catalog.imports.importer import Choices, silent
from services.catalog.rows import CodeRow, Edition
from tests.unit.catalog.read_rows import rows_of
from tests.unit.catalog.small_tabular import CODES, SMALL, written


def read(path: Path, choices: Choices | None = None) -> tuple[list[CodeRow], Edition, Defects]:
    """Read a file as the importer does."""
    defects = Defects()
    reading = Icd10cmTabular().read([path], choices or Choices(), defects, silent)
    rows = rows_of(reading)
    return [row for row in rows if isinstance(row, CodeRow)], reading.edition(), defects


def by_code(path: Path) -> dict[str, CodeRow]:
    """The rows of a right file by code."""
    rows, _, defects = read(path)
    assert not defects.kept
    return {row.code: row for row in rows}


def test_every_code_is_completed_by_its_seventh_characters_with_placeholders(tmp_path: Path) -> None:
    rows = by_code(written(tmp_path))
    assert [code for code, row in rows.items() if row.reportable] == CODES
    assert rows["S060XXA"].heading == "Invented head wound, right side, initial encounter"
    assert rows["S060XXA"].display == "S06.0XXA"
    assert rows["S060"].reportable_below == 3
    assert rows["CHAPTER-19"].reportable_below == len(CODES)


def test_blocks_nest_by_their_ranges_and_ordinals_walk_the_tree(tmp_path: Path) -> None:
    rows = by_code(written(tmp_path))
    assert rows["S00-S09"].ancestors == ["CHAPTER-19", "S00-S99"]
    assert rows["S90"].ancestors == ["CHAPTER-19", "S00-S99", "S90-S99"]
    assert rows["S00-S09"].heading == "Invented injuries of the head"
    assert [row.ordinal for row in rows.values()] == list(range(len(rows)))
    for row in rows.values():
        inside = [r for r in rows.values() if row.ordinal < r.ordinal <= row.last_ordinal]
        assert all(row.code in r.ancestors for r in inside)
        assert sum(r.reportable for r in inside) == row.reportable_below


def test_a_note_that_changes_high_up_changes_the_digest_of_everything_below_it(tmp_path: Path) -> None:
    before = by_code(written(tmp_path))
    after = by_code(written(tmp_path, SMALL.replace("invented scratch (S09.0)", "another scratch (S09.0)")))
    changed = {code for code in before if before[code].content_hash != after[code].content_hash}
    assert changed == {code for code in before if code.startswith("S06")}


def test_the_edition_is_the_fiscal_year_from_the_day_in_the_file_name(tmp_path: Path) -> None:
    _, edition, _ = read(written(tmp_path))
    assert (edition.name, str(edition.effective_from), str(edition.effective_to)) == (
        "FY 2026, April 1, 2026", "2026-04-01", "2026-09-30",
    )  # fmt: skip
    _, edition, _ = read(written(tmp_path, name="tabular.xml"))
    assert (edition.name, str(edition.effective_from)) == ("FY 2026", "2025-10-01")
    assert read(written(tmp_path), Choices(edition="mine"))[1].name == "mine"


SAME_IN_OTHER_BYTES: list[bytes] = [
    b"\xef\xbb\xbf" + SMALL.encode(),
    SMALL.replace("\n", "\r\n").encode(),
    SMALL.replace("utf-8", "utf-16").encode("utf-16"),
]


@pytest.mark.parametrize("text", SAME_IN_OTHER_BYTES)
def test_a_byte_order_mark_windows_line_ends_and_utf_16_change_nothing(tmp_path: Path, text: bytes) -> None:
    assert [code for code, row in by_code(written(tmp_path, text)).items() if row.reportable] == CODES


DEFECTS: dict[str, tuple[str | bytes, str, str]] = {
    "cut off": (SMALL[: SMALL.index("<desc>Invented scratch") + 9], "", "cut off"),
    "empty": ("", "", "empty"),
    "another document": ("<html/>", "<html/>", "begins with <html>"),
    "duplicate code": (
        SMALL.replace("<name>S90</name>", "<name>S09</name>").replace("S90-S99", "S00-S89"),
        "<diag><name>S09</name>",
        "stands twice",
    ),
    "no title": (SMALL.replace("<desc>Invented spoon</desc>", ""), "<diag><name>S90", "no <desc>"),
    "empty title": (SMALL.replace("Invented spoon", " "), "<desc> </desc>", "<desc> is empty"),
    "wrong code": (SMALL.replace("<name>S90</name>", "<name>90</name>"), "<diag><name>90", "no ICD-10-CM code"),
    "foreign child": (SMALL.replace("S09.0</name>", "S08.0</name>"), "<diag><name>S08.0", "does not begin with it"),
    "wrong section": (SMALL.replace('section id="S90-S99"', 'section id="tools"'), '<section id="tools"', "a range"),
    "wrong chapter": (SMALL.replace("<name>19</name>", "<name>XIX</name>"), "<chapter>", "a number such as"),
    "wrong character": (SMALL.replace('char="D"', 'char="DD"'), '<extension char="DD"', "attribute char"),
    "repeated character": (SMALL.replace('char="D"', 'char="A"'), "<diag>\n          <name>S06.0<", "stands twice"),
    "unknown element": (SMALL.replace("notes>", "remarks>"), "<remarks>", "<remarks> is not known inside <diag>"),
    "unread exception": (SMALL.replace("6th character 7", "another"), "<diag>\n        <name>S06<", "not understood"),
    "not well-formed": (SMALL.replace("</version>", "</verse>"), "verse>", "no well-formed XML"),
    "latin-1 bytes": (SMALL.replace("Invented spoon", "Löffel").encode("latin-1"), "\xf6ffel", "no well-formed XML"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_names_line_column_and_what_would_be_right(tmp_path: Path, name: str) -> None:
    text, marker, words = DEFECTS[name]
    _, _, defects = read(written(tmp_path, text))
    assert defects.count >= 1
    first = defects.kept[0]
    assert words in first.what
    assert (first.line, first.column) == place(text, marker)
    with pytest.raises(ImportRefused, match="Nothing was imported"):
        defects.refuse()


def place(text: str | bytes, marker: str) -> tuple[int, int]:
    """Line and column, from 1, where the marker stands in the text; the end of the text when it is empty."""
    whole = text if isinstance(text, str) else text.decode("latin-1")
    before = whole[: whole.index(marker)] if marker else whole
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SMALL.replace("<version>2026</version>", ""), "fiscal year is expected"),
        ("<ICD10CM.tabular><version>2026</version></ICD10CM.tabular>", "no reportable code"),
    ],
)
def test_what_a_file_lacks_is_said(tmp_path: Path, text: str, words: str) -> None:
    _, _, defects = read(written(tmp_path, text))
    assert words in defects.kept[0].what


def test_an_entity_bomb_is_refused_before_anything_is_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 30))
    text = f'<!DOCTYPE x [<!ENTITY a0 "boom">{entities}]>' + SMALL[SMALL.index("<ICD") :].replace("spoon", "&a29;")
    rows, _, defects = read(written(tmp_path, text))
    assert not rows
    assert "document type declaration" in defects.kept[0].what
    assert defects.kept[0].line == 1


def test_an_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("must not appear")
    text = f'<!DOCTYPE ICD10CM.tabular [<!ENTITY s SYSTEM "file://{secret}">]>' + SMALL[SMALL.index("<ICD") :]
    rows, _, defects = read(written(tmp_path, text.replace("Invented spoon", "&s;")))
    assert not rows
    assert "must not appear" not in str(defects.kept)


def test_the_list_of_defects_is_bounded_and_counted(tmp_path: Path) -> None:
    spoons = "<diag><name>spoon</name><desc>Spoon</desc></diag>" * 500
    _, _, defects = read(written(tmp_path, SMALL.replace("<diag><name>S90", spoons + "<diag><name>S90")))
    assert defects.count == 500
    assert len(defects.kept) == MOST_KEPT


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_done_to_a_file_it_is_read_right_or_refused_with_a_place(
    tmp_path: Path, data: st.DataObject
) -> None:
    content = SMALL.encode()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        to = data.draw(st.integers(at, min(len(content), at + 60)))
        content = content[:at] + data.draw(st.binary(max_size=12)) + content[to:]
    rows, edition, defects = read(written(tmp_path, content))
    if defects.count:
        assert all(d.line >= 1 and d.column >= 1 and d.what for d in defects.kept)
    else:
        assert edition.name
        assert len({row.code for row in rows}) == len(rows)
        assert all(row.heading for row in rows)
        assert any(row.reportable for row in rows)


TABLE = """<visualImpairment>
<visCategory><heading>Category</heading><visRange><heading>Acuity</heading><visMax><heading>Below</heading></visMax>
</visRange></visCategory>
<visCategory><value>1</value>
<visRange><visMax><value>6/18</value></visMax><visMin><value>6/60</value></visMin></visRange>
<visRange><visMax><value>20/70</value></visMax><visMin><value>20/200</value></visMin></visRange></visCategory>
<visCategory><value>5</value><visRange><visMax><value>No light perception</value></visMax></visRange></visCategory>
</visualImpairment>"""


def test_the_table_of_visual_impairment_becomes_notes_in_its_own_words(tmp_path: Path) -> None:
    scratch = "<desc>Invented scratch</desc>"
    rows = by_code(written(tmp_path, SMALL.replace(scratch, scratch + TABLE)))
    ((kind, notes),) = rows["S090"].body["notes"]
    assert kind == "note"
    assert notes[0] == (
        "Category of visual impairment 1, visual acuity with best possible correction: maximum less than 6/18 "
        "or 20/70; minimum equal to or better than 6/60 or 20/200"
    )
    assert notes[1:] == ["Category of visual impairment 5: No light perception"]


def test_an_unknown_element_in_that_table_is_a_defect(tmp_path: Path) -> None:
    scratch = "<desc>Invented scratch</desc>"
    text = SMALL.replace(scratch, scratch + TABLE.replace("<value>1</value>", "<grade>1</grade>"))
    (defect,) = read(written(tmp_path, text))[2].kept
    assert "<grade> is not known inside <visCategory>; expected there: heading, value, visRange" in defect.what
