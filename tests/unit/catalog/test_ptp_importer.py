"""PTP files are read whole, or refused with file, line, column and what would be right."""

import io
import tempfile
from dataclasses import astuple
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.landing import NO_CHOICES
from services.catalog.imports.payment import ptp
from services.catalog.imports.payment.ptp import NcciPtpEdits
from services.catalog.imports.payment.ptp_blocks import UNKNOWN, Edits, Rationales, read_block
from services.catalog.imports.payment.ptp_layout import CSV, OFFICIAL, Layout
from services.catalog.imports.payment.ptp_lines import PtpLine, read_line
from services.catalog.payment_rows import NcciPtpCodeRow
from services.catalog.rows import Blocks, Edition
from shared.errors import InvalidInput
from tests.unit.catalog.small_ptp import CSV_HEADER, CSV_ROWS, FIRST_LINE, ROWS, ptp_file, ptp_text

Copied = tuple[str, ...]
EDITS = [
    ("11111", "22222", "20200101", "", "f", "1", "Invented reason"),
    ("11111", "22222", "19960101", "20191231", "t", "0", "Another invented reason"),
    ("22222", "33333", "20210401", "20210401", "f", "9", "Invented reason"),
    ("0001A", "J1234", "20220701", "20240331", "f", "1", "Invented reason"),
]


def read(*paths: Path, choices: Choices = NO_CHOICES) -> tuple[list[Copied], list[NcciPtpCodeRow], Edition, Defects]:
    """The edits as they are copied, each with its rationale in words, the codes, the edition and the defects."""
    defects = Defects()
    reading = NcciPtpEdits().read(paths, choices, defects, silent)
    edits, sentences, codes = [], {}, []
    for table, rows in reading.rows:
        if isinstance(rows, Blocks):
            assert table == "ncci_ptp"
            for block in rows.blocks:
                lines = block.data.decode("ascii").splitlines()
                assert len(lines) == block.rows
                edits += [tuple("" if cell == r"\N" else cell for cell in line.split("\t")) for line in lines]
        elif table == "ncci_ptp_rationale":
            sentences = dict(row.values() for row in rows)
        else:
            codes = [row for row in rows if isinstance(row, NcciPtpCodeRow)]
    said = [(*edit[:-1], sentences[int(edit[-1])]) for edit in edits]
    return said, codes, reading.edition(), defects


def defect_of(folder: Path, text: str | bytes, name: str = "ccipra-v302r0-f1.txt") -> str:
    """The only defect of a file."""
    *_, defects = read(ptp_file(folder, text, name))
    assert defects.count == 1, defects.kept
    return str(defects.kept[0])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (ptp_text(), "ccipra-v302r0-f1.txt"),
        (ptp_text(end="\n"), "CCIPRA-V302R0-F1.TXT"),
        (ptp_text(), "ccipra-v302r0-f1.zip"),
        (ptp_text(), "medicare-ncci-2024q3-practitioner-ptp-edits-ccipra-v302r0-f1.zip"),
        (ptp_text().rstrip(), "ccipra-v302r0-f1.txt.gz"),
        (b"\xef\xbb\xbf" + ptp_text().encode(), "ccipra-v302r0-f1.txt"),
        (ptp_text(*ROWS, "", "\t\t\t\t\t\t"), "ccipra-v302r0-f1.txt"),
        (ptp_text(*(row.replace("\tInvented", ' \t"Invented').replace("d reason", 'd reason"') for row in ROWS))
         .replace('Another invented reason"', "Another invented reason"), "ccipra-v302r0-f1.txt"),
    ],
)  # fmt: skip
def test_a_file_is_read_as_it_comes(tmp_path: Path, text: str | bytes, name: str) -> None:
    edits, codes, edition, defects = read(ptp_file(tmp_path, text, name))
    assert not defects.kept
    assert sorted(edits) == sorted(EDITS)
    assert edition == Edition("v30.2, July 2024", date(2024, 7, 1), date(2024, 9, 30), setting="practitioner")
    assert [(code.system, code.code, code.as_column_1, code.as_column_2) for code in codes] == [
        ("cpt", "0001A", 0, 0), ("cpt", "11111", 1, 0), ("cpt", "22222", 0, 1), ("cpt", "33333", 0, 0),
        ("hcpcs", "J1234", 0, 0),
    ]  # fmt: skip


def test_several_parts_are_one_release(tmp_path: Path) -> None:
    parts = [
        ptp_file(tmp_path, ptp_text(*ROWS[:2]), "ccioph-v302r1-f1.txt"),
        ptp_file(tmp_path, ptp_text(*ROWS[2:]), "ccioph-v302r1-f2.zip"),
    ]
    edits, _, edition, defects = read(*parts)
    assert not defects.kept
    assert sorted(edits) == sorted(EDITS)
    assert (edition.name, edition.setting) == ("v30.2 r1, July 2024", "outpatient")
    with pytest.raises(InvalidInput, match=r"The parts are f2; expected are all of a quarter"):
        read(parts[1])


def test_the_csv_edition_has_no_first_days_and_gets_none(tmp_path: Path) -> None:
    text = CSV_HEADER + "\r\n".join(CSV_ROWS)
    edits, _, edition, defects = read(ptp_file(tmp_path, text, "ncci_ptp_out_2024-07-01.csv.gz"))
    assert not defects.kept
    assert sorted(edits) == [
        ("11111", "22222", "", "", "", "1", "Invented reason"),
        ("11111", "22222", "", "20191231", "", "0", "Another invented reason"),
    ]
    assert (edition.name, edition.setting) == ("July 2024", "outpatient")


def test_a_first_day_that_no_name_says_is_asked_for(tmp_path: Path) -> None:
    path = ptp_file(tmp_path, name="edits.txt")
    with pytest.raises(
        InvalidInput, match=r"the names of the files do not say it: say it, e\.g\. --effective 2024-07-01"
    ):
        read(path)
    *_, edition, defects = read(path, choices=Choices(effective_from=date(2025, 10, 1)))
    assert not defects.kept
    assert edition == Edition("October 2025", date(2025, 10, 1), date(2025, 12, 31))
    other = ptp_file(tmp_path, name="ccipra-v303r0-f2.txt")
    with pytest.raises(InvalidInput, match="say July 1, 2024 and October 1, 2024"):
        read(ptp_file(tmp_path), other)


def test_parts_of_two_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="The files are for outpatient and practitioner"):
        read(ptp_file(tmp_path), ptp_file(tmp_path, name="ccioph-v302r0-f2.txt"))


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ("1111\t22222\t\t20200101\t*\t1\tR", 1, 'column 1 is "1111"; expected is a CPT code'),
        ("11111\tJ123A\t\t20200101\t*\t1\tR", 7, 'column 2 is "J123A"'),
        ("11111\t22222\tx\t20200101\t*\t1\tR", 13, 'prior to 1996 is "x"; * or nothing is expected'),
        ("11111\t22222\t\t20200132\t*\t1\tR", 14, 'effective date is "20200132"; a day as yyyymmdd is expected'),
        ("11111\t22222\t\t20230229\t*\t1\tR", 14, 'effective date is "20230229"'),
        ("11111\t22222\t\t\t*\t1\tR", 14, 'the effective date is ""'),
        ("11111\t22222\t\t20200101\t\t1\tR", 23, 'deletion date is ""; a day as yyyymmdd or "*" is expected'),
        ("11111\t22222\t\t20200101\t20191231\t1\tR", 23, "would be deleted (20191231) before its first day (20200101)"),
        ("11111\t22222\t\t20200101\t*\t2\tR", 25, 'modifier indicator is "2"; 0, 1 or 9 is expected'),
        ("11111\t22222\t\t20200101\t*\t1\tA\x07B", 27, "is no line of up to 200 printable characters"),
        ("11111\t22222\t\t20200101", 22, "the line has 4 values where 7 are expected: column 1, column 2, prior"),
        ('11111\t22222\t\t20200101\t*\t1\t"R', 1, "the quotes do not come in pairs"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(tmp_path: Path, row: str, column: int, said: str) -> None:
    message = defect_of(tmp_path, ptp_text(ROWS[0], row, ROWS[1]))
    assert message.startswith(f"ccipra-v302r0-f1.txt, line {FIRST_LINE + 1}, column {column}: ")
    assert said in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", 'no line begins with the columns "Column 1" and "Column 2"'),
        ("\n".join(ROWS), 'no line begins with the columns "Column 1" and "Column 2"'),
        (ptp_text().replace("Effective\tDeletion", "Deletion\tEffective"), 'column 4 is headed "deletion date'),
        (ptp_text().encode("utf-16"), "the file is UTF-16"),
        (ptp_text("")[:-2], "there is no edit in the file"),
        (CSV_HEADER, "there is no edit in the file"),
        (CSV_HEADER.replace("column_2,", ""), "no line begins with the columns"),
    ],
)
def test_what_is_no_such_file_is_said(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in defect_of(tmp_path, text)


def test_a_row_that_stands_twice_is_a_defect_where_it_stands_again(tmp_path: Path) -> None:
    said = "stands twice, first in {}; each row stands once"
    again = defect_of(tmp_path, ptp_text(ROWS[0], *ROWS))
    assert again.startswith(f"ccipra-v302r0-f1.txt, line {FIRST_LINE + 1}, column 1: ")
    assert said.format(f"line {FIRST_LINE}") in again
    quoted = CSV_ROWS[1].replace("Another invented reason", '"Another invented reason"')  # is read line by line
    again = defect_of(tmp_path, CSV_HEADER + "\r\n".join((*CSV_ROWS, quoted)), "ncci_ptp_prac_2024-07-01.csv")
    assert "line 4, column 1" in again
    assert said.format("line 3") in again
    *_, defects = read(*(ptp_file(tmp_path, name=f"ccipra-v302r0-f{part}.txt") for part in (1, 2)))
    assert defects.count == len(ROWS)
    assert said.format(f"ccipra-v302r0-f1.txt, line {FIRST_LINE}") in defects.kept[0].what


def test_rows_of_one_pair_that_differ_in_a_day_a_mark_or_the_rationale_stand_beside_each_other(tmp_path: Path) -> None:
    one = ROWS[2]
    others = [one.replace("20210401\t20210401", "20210402\t20210402"), one.replace("\t\t2021", "\t*\t2021")]
    edits, codes, _, defects = read(ptp_file(tmp_path, ptp_text(one, *others, one.replace("Invented", "Other"))))
    assert not defects.kept
    assert len(edits) == 4  # as 88108 and 88162 have two rationales in the files of July 2024
    assert [code.as_column_1 for code in codes] == [0, 0]


def test_small_blocks_give_the_same_edits_and_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ptp_file(tmp_path, ptp_text(*ROWS * 40, "bad\tline", *ROWS))  # with rows that stand twice
    whole = read(path)
    monkeypatch.setattr(ptp, "AT_ONCE", len(ptp_text()) + 7)
    small = read(path)
    assert sorted(small[0]) == sorted(whole[0])
    assert small[1] == whole[1]
    assert [astuple(defect) for defect in small[3].kept] == [astuple(defect) for defect in whole[3].kept]
    assert small[3].kept[0].line == FIRST_LINE + 160


def test_a_line_without_end_is_refused_before_memory_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ptp, "AT_ONCE", 1_000)
    monkeypatch.setattr(ptp, "LONGEST_LINE", 2_000)
    assert "the line has 1 values" in defect_of(tmp_path, ptp_text() + "x" * 100_000)


def test_more_rationales_than_any_edition_has_are_refused(tmp_path: Path) -> None:
    rows = [f"11111\t22222\t\t20200101\t*\t1\tInvented reason {number}" for number in range(1_001)]
    assert 'the rationale "Invented reason 1000" is one of too many' in defect_of(tmp_path, ptp_text(*rows))


def test_digests_tell_which_codes_changed_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    def digests(*rows: str) -> dict[str, bytes]:
        return {code.code: code.digest for code in read(ptp_file(tmp_path, ptp_text(*rows)))[1]}

    before = digests(*ROWS)
    assert digests(*reversed(ROWS)) == before
    for change in (("20200101", "20200102"), ("\t1\t", "\t0\t"), ("*", "20301231"), ("Invented", "Other")):
        after = digests(ROWS[0].replace(*change), *ROWS[1:])
        assert {code for code in before if before[code] != after[code]} == {"11111", "22222"}
    swapped = digests(ROWS[0].replace("11111\t22222", "22222\t11111"), *ROWS[1:])
    assert {code for code in before if before[code] != swapped[code]} == {"11111", "22222"}


SEPARATORS = {OFFICIAL: "\t", CSV: ","}
CELLS = st.sampled_from(
    ["", " ", "*", "x", "1", "0", "9", "2", "11111", "2222A", "J1234", "J123A", "jj", " 11111", "Reason", "Grund für",
     '"Reason, quoted"', "Reason ", "20200101", "20200230", "20240229", "2024-02-29", "2023-02-29", "2020-1-1",
     "19791231", "99991231", "2020:01:01", "\x00", "é", "\r", "2020010\uff11"]
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, layout: Layout) -> str:
    """A line: often a right one, with some of its cells exchanged, left out or doubled."""
    right = ["11111", "J1234", "", "20200101", "20231231", "1", "Reason"]
    if layout is CSV:
        right = ["11111", "J1234", "2023-12-31", "1", "Reason"]
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(right) - 1))
        right[place : place + draw(st.integers(0, 2))] = draw(st.lists(CELLS, min_size=1, max_size=2))
    return SEPARATORS[layout].join(right)


def as_lines(edits: Edits, rationales: Rationales) -> list[PtpLine]:
    """Columns as lines again."""
    return [
        PtpLine(
            edits.column_1[n].tobytes().decode(), edits.column_2[n].tobytes().decode(), int(edits.effective[n]),
            int(edits.deleted[n]), None if edits.prior_1996[n] == UNKNOWN else bool(edits.prior_1996[n]),
            chr(edits.indicator[n]), rationales.texts[int(edits.rationale[n])],
        )
        for n in range(len(edits))
    ]  # fmt: skip


@pytest.mark.parametrize("layout", [OFFICIAL, CSV])
@settings(max_examples=300)
@given(data=st.data())
def test_the_fast_reading_of_blocks_and_the_careful_one_of_lines_agree(layout: Layout, data: st.DataObject) -> None:
    text = data.draw(st.lists(lines(layout), min_size=1, max_size=12))
    block = "".join(line + data.draw(st.sampled_from(["\n", "\r\n"])) for line in text).encode("utf-8")
    expected_defects, defects = Defects(), Defects()
    single = io.BytesIO(block).readlines()
    expected = [read_line(line, layout, ("f", n), expected_defects) for n, line in enumerate(single)]
    rationales = Rationales()
    edits = read_block(block, layout, rationales, lambda line, n: read_line(line, layout, ("f", n), defects))
    assert sorted(map(str, as_lines(edits, rationales))) == sorted(str(line) for line in expected if line)
    assert defects.kept == expected_defects.kept
    assert isinstance(edits.column_1, np.ndarray)


@settings(max_examples=200)
@given(data=st.data())
def test_whatever_is_brought_is_read_or_refused_with_places(data: st.DataObject) -> None:
    content = bytearray(ptp_text(*ROWS * 3).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content)))
        content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=20))
    with tempfile.TemporaryDirectory() as folder:
        edits, _, _, defects = read(ptp_file(Path(folder), bytes(content)))
    assert edits or defects.count
    for defect in defects.kept:
        assert defect.line >= 1
        assert defect.column >= 1
