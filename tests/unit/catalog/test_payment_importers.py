"""MUE values, add-on codes and the fee schedule are read as published, or refused with places."""

import io
import re
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, Importer, silent
from services.catalog.imports.landing import NO_CHOICES
from services.catalog.imports.payment.aoc import NcciAddOnCodes
from services.catalog.imports.payment.mue import NcciMueValues
from services.catalog.imports.payment.pfs import PhysicianFeeSchedule
from services.catalog.payment_rows import NcciAocRow, NcciMueRow, PfsRvuRow
from services.catalog.rows import Edition, Row
from shared.errors import InvalidInput
from tests.unit.catalog.read_rows import rows_of
from tests.unit.catalog.small_payment import (
    AOC_CSV,
    AOC_TEXT,
    MUE_CSV,
    MUE_LINE,
    MUE_ROWS,
    PFS_AMOUNTS,
    PFS_INDICATORS,
    PFS_LINE,
    PFS_ROWS,
    mue_text,
    pfs_text,
    table_file,
)

MUE, AOC, PFS = NcciMueValues(), NcciAddOnCodes(), PhysicianFeeSchedule()
MUE_NAME, AOC_NAME, PFS_NAME = (
    "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv",
    "AOC_V2024Q3-MCR.txt",
    "PPRRVU24_JUL.csv",
)
JULY = (date(2024, 7, 1), date(2024, 9, 30))


def read(importer: Importer, *paths: Path, choices: Choices = NO_CHOICES) -> tuple[list[Row], Edition, Defects]:
    """All rows, the edition and the defects."""
    defects = Defects()
    reading = importer.read(paths, choices, defects, silent)
    return rows_of(reading), reading.edition(), defects


def defect_of(importer: Importer, path: Path) -> str:
    """The only defect of a file."""
    *_, defects = read(importer, path)
    assert defects.count == 1, defects.kept
    return str(defects.kept[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (mue_text(), MUE_NAME),
        (mue_text(end="\n"), "mcr_mue_practitionerservices_eff_07-01-2024.csv"),
        (mue_text(end="\r"), MUE_NAME),
        (b"\xef\xbb\xbf" + mue_text().encode(), MUE_NAME + ".gz"),
        (mue_text().replace("notice", "notice \u2019").encode("cp1252"), MUE_NAME),
        (mue_text(*MUE_ROWS, ",,,", ""), MUE_NAME),
    ],
)
def test_mue_values_are_read_behind_their_notice(tmp_path: Path, text: str | bytes, name: str) -> None:
    rows, edition, defects = read(MUE, table_file(tmp_path, text, name))
    assert not defects.kept
    assert rows == [
        NcciMueRow("11111", 2, 1, "Invented reason"),
        NcciMueRow("J1234", 0, 2, "Invented reason"),
        NcciMueRow("0001U", 90_000, 3, "Reason, with a comma"),
    ]
    assert edition == Edition("July 2024", *JULY, setting="practitioner")


def test_the_csv_edition_of_mue_values_states_its_setting(tmp_path: Path) -> None:
    rows, edition, defects = read(MUE, table_file(tmp_path, MUE_CSV, "values_2024-07.csv"))
    assert not defects.kept
    assert rows == [NcciMueRow("11111", 2, 1, "Invented reason"), NcciMueRow("J1234", 0, 2, "Invented reason")]
    assert edition.setting == "dme"
    mixed = MUE_CSV.replace("0,2,Invented reason,DME Supplier", "0,2,Invented reason,Practitioner")
    said = defect_of(MUE, table_file(tmp_path, mixed, "values_2024-07.csv"))
    assert said == (
        'values_2024-07.csv, line 3, column 27: the values are "Practitioner"; expected is all values are for dme'
    )


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("1111,2,1 Line Edit,R", 1, 'the code is "1111"; expected is a CPT code'),
        ("11111,2,1 Line Edit,R", 1, "11111 stands twice; each code has one value"),
        ("22222,-1,1 Line Edit,R", 7, 'the MUE value is "-1"; a whole number from 0 to 9,999,999 is expected'),
        ("22222,1,4 Edit,R", 9, 'the adjudication indicator is "4 Edit"; 1, 2 or 3, with or without its words'),
        ("22222,1,3,A\x07", 11, "the rationale is no line of up to 200 printable characters"),
        ("22222,1", 8, 'the line ends after 2 values: the adjudication indicator is ""'),
        ('22222,1,3,"R', 0, "quotes come in pairs"),
    ],
)
def test_a_wrong_mue_value_is_named_with_its_place(tmp_path: Path, row: str, column: int, said: str) -> None:
    message = defect_of(MUE, table_file(tmp_path, mue_text(MUE_ROWS[0], row), MUE_NAME))
    assert message.startswith(f"{MUE_NAME}, line {MUE_LINE + 1}, column {column}: ") or not column
    assert said in message


def test_add_on_codes_are_read_with_their_days(tmp_path: Path) -> None:
    rows, edition, defects = read(AOC, table_file(tmp_path, AOC_TEXT, AOC_NAME))
    assert not defects.kept
    assert rows == [
        NcciAocRow("11111", "22222", 1, date(2013, 1, 1), None),
        NcciAocRow("11111", "33333", 1, date(2013, 1, 1), date(2019, 12, 31)),
        NcciAocRow("0001T", None, 2, date(2020, 4, 1), None),
        NcciAocRow("G1234", "22222", 3, date(2024, 12, 31), None),
    ]
    assert edition == Edition("July 2024", *JULY)
    workbook, book = io.BytesIO(), Workbook()
    for line in AOC_TEXT.splitlines():
        book.worksheets[0].append([int(cell) if cell.isdigit() else cell.strip('"') for cell in line.split("\t")])
    book.save(workbook)
    assert read(AOC, table_file(tmp_path, workbook.getvalue(), "AOC_V2024Q3-MCR.xlsx")) == (rows, edition, Defects())
    rows, _, defects = read(AOC, table_file(tmp_path, AOC_CSV, "ncci_aoc_2024-07.csv.gz"))
    assert not defects.kept
    assert rows == [NcciAocRow("0001T", None, 2, None, None), NcciAocRow("11111", "22222", 1, None, None)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1\t11111\t\t22222", "4\t11111\t\t22222", 'line 3, column 1: the type is "4"; 1, 2 or 3 is expected'),
        ("1\t11111\t\t22222", "1\tCCCCC\t\t22222", 'line 3, column 3: the add-on code is "CCCCC"'),
        ("CCCCC", "CCCC", 'line 5, column 10: the primary code is "CCCC"; a CPT code'),
        ("2024366", "2023366", 'line 6, column 17: the effective date is "2023366"; a year and a day of it'),
        ("2013001\t2019365", "2020001\t2019365", "line 4, column 32: the edit would be deleted before its first day"),
        (
            "33333\t2019365\t2013001\t2019365",
            "22222\t\t2013001\t",
            "line 4, column 3: the relation of 11111 stands twice",
        ),
        ("Add-On_Code", "Code", "no line names the columns AOC_Edit_Type, Add-On_Code and Primary_Code"),
    ],
)
def test_a_wrong_add_on_code_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in defect_of(AOC, table_file(tmp_path, AOC_TEXT.replace(old, new), AOC_NAME))


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_the_fee_schedule_is_read_without_its_descriptors(tmp_path: Path, end: str) -> None:
    rows, edition, defects = read(PFS, table_file(tmp_path, pfs_text(end=end).encode("latin-1"), PFS_NAME))
    assert not defects.kept
    assert edition == Edition("July 2024", *JULY)
    assert not re.search("secret|licensed", str(rows), re.IGNORECASE)
    first, component, excluded = (row for row in rows if isinstance(row, PfsRvuRow))
    assert (first.code, first.modifier, first.qpp, first.status, first.endoscopic_base) == (
        "11111",
        "",
        "",
        "A",
        "22222",
    )
    assert (first.work, first.malpractice, first.conversion_factor) == tuple(map(Decimal, ("1.50", "0.12", "33.4009")))
    assert (first.global_days, first.pctc, first.co_surgeons, first.calculation_flag) == ("090", "0", "1", "0")
    assert (component.modifier, component.non_facility_na, component.facility_na) == ("26", True, False)
    assert (excluded.not_used_for_medicare, excluded.non_facility_pe) == (True, Decimal("1234.50"))


def test_since_2026_an_edition_has_a_file_for_each_conversion_factor(tmp_path: Path) -> None:
    other = table_file(tmp_path, pfs_text(), "PPRRVU2026_Jan_nonQPP.csv")
    qpp = table_file(tmp_path, pfs_text().replace("33.4009", "33.5675"), "PPRRVU2026_Jan_QPP.csv")
    rows, edition, defects = read(PFS, other, qpp)
    assert not defects.kept
    assert {(row.qpp, str(row.conversion_factor)) for row in rows if isinstance(row, PfsRvuRow)} == {
        ("qpp", "33.5675"), ("non-qpp", "33.4009"),
    }  # fmt: skip
    assert edition.name == "January 2026"
    with pytest.raises(InvalidInput, match="are no edition together"):
        read(PFS, other, table_file(tmp_path, pfs_text(), "PPRRVU2026_Jan_nonQPP_1.csv"))
    with pytest.raises(InvalidInput, match="say January 1, 2026 and April 1, 2026"):
        read(PFS, other, table_file(tmp_path, pfs_text(), "PPRRVU2026_Apr_QPP.csv"))


def test_amounts_and_indicators_are_joined(tmp_path: Path) -> None:
    amounts = table_file(tmp_path, PFS_AMOUNTS, "pfs_rvu_amt_2024-07.csv.gz")
    indicators = table_file(tmp_path, PFS_INDICATORS, "pfs_rvu_ind_2024-07.csv.gz")
    rows, _, defects = read(PFS, amounts, indicators)
    assert not defects.kept
    whole, component = (row for row in rows if isinstance(row, PfsRvuRow))
    assert (whole.malpractice, whole.non_facility_total, whole.pctc) == (Decimal("0.12"), Decimal("3.87"), "0")
    assert (whole.calculation_flag, whole.conversion_factor) == (None, Decimal("33.2875"))
    assert (component.non_facility_na, component.not_used_for_medicare) == (True, True)
    fewer = table_file(tmp_path, "".join(PFS_INDICATORS.splitlines(keepends=True)[:2]), "pfs_rvu_ind_2024-07.csv")
    *_, defects = read(PFS, amounts, fewer)
    assert [defect.what for defect in defects.kept] == ["there is no row of 11111 26, which the other file has"]
    with pytest.raises(InvalidInput, match="are no edition together"):
        read(PFS, amounts)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("11111,26", "1111,26", f'line {PFS_LINE + 1}, column 1: the code is "1111"'),
        (
            "11111,26",
            "11111,",
            f"line {PFS_LINE + 1}, column 1: 11111 stands twice; each code and modifier stands once",
        ),
        ("A,,1.50", "A,,1.5x", f'line {PFS_LINE}, column 34: the work RVU is "1.5x"; a number with up to 2 decimals'),
        ("A,,1.50", "A,,1.505", f'line {PFS_LINE}, column 34: the work RVU is "1.505"'),
        ("0,090,", "0,09,", 'the global days is "09"; three digits or letters, such as 090 or XXX, is expected'),
        ("0.25,NA", "0.25,N", 'the non-facility NA indicator is "N"; NA or nothing is expected'),
        ("STATUS,MEDICARE", "MEDICARE,STATUS", 'no column is headed "MEDICARE" in the place where'),
        ("DESCRIPTION", "WORDS", "no line names the columns HCPCS, MOD, DESCRIPTION and so on"),
    ],
)
def test_a_wrong_fee_schedule_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = pfs_text(*PFS_ROWS[:2]).replace(old, new)
    assert said in defect_of(PFS, table_file(tmp_path, text, PFS_NAME))


TEXTS: list[tuple[Importer, str, str]] = [
    (MUE, mue_text(), MUE_NAME),
    (AOC, AOC_TEXT, AOC_NAME),
    (PFS, pfs_text(), PFS_NAME),
]


@settings(max_examples=150)
@given(data=st.data())
def test_whatever_is_brought_is_read_or_refused_with_places(data: st.DataObject) -> None:
    importer, text, name = data.draw(st.sampled_from(TEXTS))
    end = data.draw(st.sampled_from(["\r\n", "\n"]))
    encoding = data.draw(st.sampled_from(["latin-1", "utf-8", "utf-8-sig", "utf-16"]))
    lines = text.replace("\r\n", "\n").splitlines()
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["cut", "swap", "double"])):
            case "cut":
                lines[place] = lines[place][: data.draw(st.integers(0, len(lines[place])))]
            case "swap":
                cells = re.split(r"([,\t])", lines[place])
                first, second = (data.draw(st.integers(0, len(cells) - 1)) for _ in range(2))
                cells[first], cells[second] = cells[second], cells[first]
                lines[place] = "".join(cells)
            case _:
                lines.insert(place, lines[place])
    content = bytearray(end.join(lines).encode(encoding))
    place = data.draw(st.integers(0, len(content)))
    content[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        rows, _, defects = read(importer, table_file(Path(folder), bytes(content), name))
    assert rows or defects.count
    for defect in defects.kept:
        assert defect.line >= 1
        assert defect.column >= 1
