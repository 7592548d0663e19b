"""The official files of code sets are read as published, and what is wrong in them is named with its place."""

import gzip
import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from services.catalog.code_set_rows import ConversionRow, GemRow, IndexEntryRow, PoaExemptRow
from services.catalog.imports.code_sets.fiscal_year import fiscal_year_edition
from services.catalog.imports.code_sets.hcpcs import edition_of
from services.catalog.imports.importer import Choices
from services.catalog.imports.registry import importer_of
from services.catalog.rows import CodeRow, Edition, Row
from shared.errors import FailedPrecondition, InvalidInput
from tests.unit.catalog import code_set_files as files
from tests.unit.catalog.code_set_files import RIGHT, WORKBOOKS, read, workbook


def codes(rows: list[Row]) -> dict[tuple[str, str], CodeRow]:
    """Code rows by system and code."""
    return {(row.system, row.code): row for row in rows if isinstance(row, CodeRow)}


def with_main(kind: str, content: str) -> dict[str, bytes]:
    """A right import whose main file has another content."""
    main = next(iter(RIGHT[kind]))
    return {**RIGHT[kind], main: content.encode("latin-1" if kind == "hcpcs" else "utf-8")}


def test_an_order_file_becomes_a_tree_of_headers_and_codes(tmp_path: Path) -> None:
    rows, defects = read("icd10cm-order", tmp_path, RIGHT["icd10cm-order"])
    assert not defects.kept
    found = codes(rows)
    code = found["icd10cm", "S060XXA"]
    assert (code.display, code.parent, code.ancestors) == ("S06.0XXA", "S060X", ["S06", "S060", "S060X"])
    assert [key for key, row in found.items() if row.reportable] == [
        ("icd10cm", code) for code in ("A000", "A009", "B20", "S060XXA")
    ]
    assert (found["icd10cm", "A00"].children, found["icd10cm", "A00"].last_ordinal) == (2, 2)


def test_the_order_file_is_taken_out_of_the_official_archive(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("icd10cm_order_2026.txt", files.ICD10CM_ORDER)
        archive.writestr("icd10cm_order_addenda_2026.txt", "Delete:      1 B880    x")
        archive.writestr("icd10cm_codes_2026.txt", "A000    x")
    zipped = read("icd10cm-order", tmp_path, {"2026-code-descriptions-tabular-order.zip": target.getvalue()})
    packed = read("icd10cm-order", tmp_path, {"icd10cm_order_2026.txt.gz": gzip.compress(files.ICD10CM_ORDER.encode())})
    assert zipped[0] == packed[0] == read("icd10cm-order", tmp_path, RIGHT["icd10cm-order"])[0]


def test_a_procedure_table_knows_what_its_characters_stand_for(tmp_path: Path) -> None:
    found = codes(read("icd10pcs-order", tmp_path, RIGHT["icd10pcs-order"])[0])
    assert found["icd10pcs", "0DB"].body["labels"] == {
        "4": {"1": "Upper Invention", "2": "Lower Invention"},
        "5": {"0": "Open Approach", "3": "Percutaneous Approach"},
        "6": {"Z": "none"},
        "7": {"X": "Diagnostic", "Z": "none"},
    }
    assert found["icd10pcs", "0"].heading == "Medical and Surgical"
    assert found["icd10pcs", "0D"].heading == "Invented System"
    assert found["icd10pcs", "0DB1"].heading == "Upper Invention"
    assert found["icd10pcs", "0DB13ZZ"].ancestors == ["0", "0D", "0DB", "0DB1"]


def test_icd9_codes_stand_below_chapter_and_category_with_their_dots(tmp_path: Path) -> None:
    short = {"CMS32_DESC_SHORT_SG.txt": b"0001 Snd\r\n8154 Kn\xe9e\r\n"}
    rows, defects = read("icd9cm", tmp_path, RIGHT["icd9cm"] | short)
    assert not defects.kept
    found = codes(rows)
    assert {row.display for row in found.values() if row.kind == "code"} == {
        "001.0", "250.00", "250.01", "E880.0", "00.01", "81.54",
    }  # fmt: skip
    assert found["icd9cm", "25001"].ancestors == ["CHAPTER-240-279", "CATEGORY-250"]
    assert found["icd9cm", "CATEGORY-250"].heading == "Codes 250.00 to 250.01"
    assert found["icd9pcs", "8154"].body == {"short": "Knée"}


def test_hcpcs_text_workbook_and_csv_say_the_same_of_a_code(tmp_path: Path) -> None:
    text = codes(read("hcpcs", tmp_path, RIGHT["hcpcs"])[0])
    name, rows = WORKBOOKS["hcpcs"]
    table = codes(read("hcpcs", tmp_path, {name: workbook(rows)})[0])
    csv = codes(read("hcpcs", tmp_path, {"hcpcs_level2_2024-07.csv": files.HCPCS_CSV.encode()})[0])
    for found in (text, table):
        assert found["hcpcs", "A0021"].heading == "Invented ride, per mile"
        assert found["modifier", "A1"].body["added"] == "2002-07-01"
    for found in (text, table, csv):
        assert found["hcpcs", "A0021"].body["betos"] == "O1A"
        assert not any(code.startswith("D0") for _, code in found), "CDT belongs to the ADA"
    assert csv["hcpcs", "J0001"].body["coverage_manual"] == ["60-3", "60-9"]
    assert text["hcpcs", "J0001"].body["cross_references"] == ["J0002"]


def test_a_terminated_hcpcs_code_keeps_its_last_day_and_may_not_be_reported(tmp_path: Path) -> None:
    row = codes(read("hcpcs", tmp_path, RIGHT["hcpcs"])[0])["hcpcs", "J0001"]
    assert (row.body["terminated"], row.reportable) == ("2017-12-31", False)
    ends_within = files.HCPCS_TEXT.replace("20171231", "20190630")
    row = codes(read("hcpcs", tmp_path, with_main("hcpcs", ends_within))[0])["hcpcs", "J0001"]
    assert (row.body["terminated"], row.reportable) == ("2019-06-30", True)


def test_a_description_that_goes_on_may_end_early_but_no_first_record(tmp_path: Path) -> None:
    lines = files.HCPCS_TEXT.split("\n")
    short = [line[:316] if line[10:11] == "4" else line for line in lines]
    assert not read("hcpcs", tmp_path, with_main("hcpcs", "\n".join(short)))[1].kept
    cut = [line[:316] if line.startswith("A0021") else line for line in lines]
    (defect, *_) = read("hcpcs", tmp_path, with_main("hcpcs", "\n".join(cut)))[1].kept
    assert (defect.line, defect.column) == (5, 317)
    assert "320" in defect.what


def test_conversions_name_every_span_of_previous_codes(tmp_path: Path) -> None:
    name, rows = WORKBOOKS["icd10cm-conversion"]
    found, defects = read("icd10cm-conversion", tmp_path, {name: workbook(rows)})
    assert not defects.kept
    assert found == [
        ConversionRow(1, "A000", date(2016, 10, 1), "A00", "A00", "A00"),
        ConversionRow(2, "A009", date(2017, 10, 1), "A00 and B19.1", "A00", "A00"),
        ConversionRow(2, "A009", date(2017, 10, 1), "A00 and B19.1", "B191", "B191"),
        ConversionRow(3, "B20", date(2020, 4, 1), "B10-B19; C00", "B10", "B19"),
        ConversionRow(3, "B20", date(2020, 4, 1), "B10-B19; C00", "C00", "C00"),
        ConversionRow(4, "S060XXA", date(2019, 10, 1), "None", "", ""),
    ]


def test_exempt_codes_are_read_from_text_and_workbook(tmp_path: Path) -> None:
    assert read("icd10cm-poa", tmp_path, RIGHT["icd10cm-poa"])[0] == [PoaExemptRow("A000"), PoaExemptRow("S060XXA")]
    name, rows = WORKBOOKS["icd10cm-poa"]
    assert read("icd10cm-poa", tmp_path, {name: workbook(rows)})[0] == [PoaExemptRow("A000")]


def test_mappings_are_read_in_both_directions_with_their_flags(tmp_path: Path) -> None:
    rows = read("gems", tmp_path, RIGHT["gems"])[0]
    assert GemRow("icd9cm", "25000", "icd10cm", "A009", True, False, True, 1, 1) in rows
    assert GemRow("icd9cm", "E8800", "icd10cm", "", True, True, False, 0, 0) in rows
    assert GemRow("icd10cm", "A000", "icd9cm", "0010", False, False, False, 0, 0) in rows


def test_an_index_gives_each_term_with_its_path_and_codes(tmp_path: Path) -> None:
    rows, defects = read("icd10cm-index", tmp_path, RIGHT["icd10cm-index"])
    assert not defects.kept
    found = [row for row in rows if isinstance(row, IndexEntryRow)]
    named = [(row.index_name, row.path, row.relation, row.code, row.more) for row in found]
    assert named == [
        ("external-cause", ["Fever"], "code", "A009", False),
        ("external-cause", ["Fever", "hill"], "code", "A000", False),
        ("external-cause", ["Fever", "hill"], "manifestation", "B20", True),
        ("external-cause", ["Fever", "head"], "", None, False),
        ("external-cause", ["Fright"], "subcategory", "S060", False),
        ("drug", ["Inventol"], "code", "T360X1", False),
    ]
    assert found[0].nonessential == ["(invented) (of inventors)"]
    assert (found[3].see, found[4].see_also, found[5].column_title) == ("Bruise, head", "Fever", "Poisoning Accidental")


def test_cdt_needs_a_licence_and_an_edition(tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="--accept-licence-by"):
        read("cdt", tmp_path, RIGHT["cdt"], Choices(edition="2027"))
    with pytest.raises(InvalidInput, match="--edition"):
        read("cdt", tmp_path, RIGHT["cdt"], Choices(licence_accepted_by="A. Tester"))
    found = codes(read("cdt", tmp_path, RIGHT["cdt"])[0])
    assert found["cdt", "D0001"].body == {"descriptor": "An invented look."}


ORDER, PCS = files.ICD10CM_ORDER, files.ICD10PCS_ORDER


@pytest.mark.parametrize(
    ("kind", "content", "line", "column", "words"),
    [
        ("icd10cm-order", ORDER.replace("00003", "00004", 1), 3, 1, "00003 is expected"),
        ("icd10cm-order", ORDER.replace("A000    1", "A0.0    1"), 2, 7, '"A0.0" is no code'),
        ("icd10cm-order", ORDER.replace("A000    1", "A000    2"), 2, 15, "column 15"),
        ("icd10cm-order", ORDER.replace("B20     1", "B20     0"), 4, 15, "no code stands below it"),
        ("icd10cm-order", ORDER.replace("A00     0", "A00     1"), 1, 15, "A000 stands below it"),
        ("icd10cm-order", ORDER.replace("00001 A00 ", "00001 B00 "), 1, 15, "no code stands below it"),
        ("icd10cm-order", ORDER + "\n" + files.order_line(9, "T001", 1, "x"), 9, 7, "T00 is expected before it"),
        ("icd10cm-order", ORDER[:70], 1, 78, "ends before column 78"),
        ("icd10cm-order", "", 1, 1, "holds no code"),
        ("icd10pcs-order", PCS.replace("0DB13ZZ", "0DC13ZZ"), 4, 7, "stands below no table"),
        ("icd10cm-order", files.ICD10CM_ORDER.rstrip()[:-3], 8, 78, "is shorter than the short one; it may be cut off"),
        ("icd10pcs-order", PCS.replace("0DB13ZZ", "0DB13OZ"), 4, 7, "is no code"),
        ("icd10pcs-order", PCS.replace("GZ10ZZZ", "GZ1    ", 1), 7, 7, "stands twice"),
        ("icd9cm", files.ICD9_DX.replace("E8800 ", "X8800 "), 4, 1, "a code of diagnoses"),
        ("icd9cm", files.ICD9_DX + "25000 Again\n", 5, 1, "stands twice, first in line 2"),
        ("gems", files.I9GEM.replace("NoDx ", "A000 "), 4, 15, "second is 1 where nothing maps"),
        ("gems", files.I10GEM, 1, 1, '"A000" is no icd9cm code'),
        ("gems", files.I9GEM + "0010  A000    00000\n", 5, 1, "stands twice, first as line 1"),
        ("icd10cm-poa", files.POA.replace("A00.0", "A000."), 2, 2, "is no ICD-10-CM code"),
        ("icd10cm-poa", files.POA.replace("Order26\t", ""), 1, 1, "must name the columns"),
        ("cdt", files.CDT.replace("D0002\t", "D0002 "), 3, 1, "is no CDT code"),
        ("cdt", files.CDT + "D0001\tagain\n", 4, 1, "stands twice, first in line 2"),
        ("hcpcs", files.HCPCS_TEXT.replace("A002100200", "A002200200"), 6, 1, "not behind its earlier lines"),
        ("hcpcs", files.HCPCS_TEXT.replace("20171231", "20171331"), 8, 1, "is no day (terminated)"),
        ("hcpcs", "only a notice\n", 1, 1, "no record of 320 bytes"),
        ("icd10cm-index", files.INDEX_XML.replace("<see>", "<sea>"), 17, 9, "<sea> is not known inside <term>"),
        ("icd10cm-index", files.INDEX_XML.replace("A00.0", "A0"), 12, 9, '"A0" in <code> is no code'),
        ("icd10cm-index", files.INDEX_XML.replace('level="1"', 'level="2"', 1), 10, 7, "level"),
        ("icd10cm-index", files.INDEX_XML.replace(">2026<", ">2025<"), 3, 3, "<version> is 2025"),
        ("icd10cm-index", files.INDEX_XML[:500], 20, 15, "cut off"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(  # noqa: PLR0917 - a table of cases
    tmp_path: Path, kind: str, content: str, line: int, column: int, words: str
) -> None:
    _, defects = read(kind, tmp_path, with_main(kind, content))
    first = defects.kept[0]
    assert first.file == next(iter(RIGHT[kind]))
    assert words in first.what
    assert (first.line, first.column) == (line, column)


@pytest.mark.parametrize(
    ("name", "edition", "begins", "ends"),
    [
        ("icd10cm_order_2026.txt", "FY 2026", date(2025, 10, 1), date(2026, 9, 30)),
        ("icd10cm-order-April-2025.txt", "FY 2025, April 1, 2025", date(2025, 4, 1), date(2025, 9, 30)),
        ("icd10cm-drug-April-1-2026.xml", "FY 2026, April 1, 2026", date(2026, 4, 1), date(2026, 9, 30)),
        ("POAexemptCodesFY26.txt", "FY 2026", date(2025, 10, 1), date(2026, 9, 30)),
    ],
)
def test_a_file_name_tells_the_fiscal_year(name: str, edition: str, begins: date, ends: date) -> None:
    assert fiscal_year_edition(name, Choices()) == Edition(edition, begins, ends)


def test_a_name_without_an_edition_needs_the_operator(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="--effective"):
        fiscal_year_edition("order.txt", Choices(edition="FY 2031"))
    with pytest.raises(InvalidInput, match="--edition"):
        edition_of("HCPC_ANWEB.txt", Choices())
    assert edition_of("HCPC2020_OCT_ANWEB.xlsx", Choices()) == Edition(
        "October 2020", date(2020, 10, 1), date(2020, 12, 31)
    )
    assert edition_of("HCPC2019_CONTR_ANWEB.txt", Choices()).effective_to == date(2019, 12, 31)


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="procedures are missing"):
        read("icd9cm", tmp_path, {"CMS32_DESC_LONG_DX.txt": files.ICD9_DX.encode()})
    with pytest.raises(InvalidInput, match="versions 31, 32"):
        read("icd9cm", tmp_path, RIGHT["icd9cm"] | {"CMS31_DESC_SHORT_DX.txt": b""})
    other = {"icd10cm-neoplasm-2025.xml": files.INDEX_XML.encode()}
    with pytest.raises(InvalidInput, match="several editions"):
        read("icd10cm-index", tmp_path, RIGHT["icd10cm-index"] | other)
    with pytest.raises(InvalidInput, match="One edition is expected"):
        read("hcpcs", tmp_path, RIGHT["hcpcs"] | {"HCPC2020_CONTR_ANWEB.txt": b""})


def test_a_workbook_that_is_none_is_a_defect(tmp_path: Path) -> None:
    name = WORKBOOKS["icd10cm-conversion"][0]
    for content in (b"", b"no archive", workbook(files.CONVERSION)[:-200]):
        _, defects = read("icd10cm-conversion", tmp_path, {name: content})
        assert "no whole workbook" in defects.kept[0].what


def test_every_importer_says_what_its_files_are_called() -> None:
    for kind, given in RIGHT.items():
        importer = importer_of(kind)
        for name in given:
            assert any(pattern.match(name) is not None for pattern in importer.recognised), name


def test_a_line_of_a_workbook_that_goes_on_twice_is_a_defect(tmp_path: Path) -> None:
    name, rows = WORKBOOKS["hcpcs"]
    assert rows[-1][2] == "4", "the last line goes on with a description"
    (defect,) = read("hcpcs", tmp_path, {name: workbook([*rows, rows[-1]])})[1].kept
    assert defect.line == len(rows) + 1
    assert "but not behind its earlier lines" in defect.what
