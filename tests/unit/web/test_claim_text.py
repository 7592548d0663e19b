"""Pasted lines: lists of codes, lines of a spreadsheet with and without headings, and the short text of links."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.claim_text import LineText, from_short, read, short


def test_codes_one_a_line_or_all_in_one() -> None:
    for text in ("99213\n36415\n80053", "99213, 36415; 80053", "99213 36415\t80053"):
        assert [line.code for line in read(text).lines] == ["99213", "36415", "80053"], text


def test_what_follows_a_code_belongs_to_it() -> None:
    pasted = read("99213-25 A,B\n11720 59 LT x2 2024-07-16\nj1100x10\n96372 3 units\n0071T 07/16/2024")
    assert pasted.lines == [
        LineText("99213", modifiers="25", pointers="1,2"),
        LineText("11720", "2", "59 LT", date="2024-07-16"),
        LineText("J1100", "10"),
        LineText("96372", "3"),
        LineText("0071T", date="2024-07-16"),
    ]
    assert pasted.unread == []


def test_diagnoses_stand_apart_from_codes() -> None:
    pasted = read("E11.9 i10 S52521A\n99213\nZ79.4")
    assert pasted.diagnoses == ["E11.9", "I10", "S52521A", "Z79.4"]
    assert [line.code for line in pasted.lines] == ["99213"]


def test_cells_of_a_spreadsheet_with_headings_in_any_order() -> None:
    pasted = read(
        "DOS\tCPT/HCPCS\tMod 1\tMod 2\tQty\tDx\n"
        "7/15/2024\t11055\tT1\t\t1\tL84, E11.9\n"
        "7/15/2024\t11720\t59\tXS\t25\tE11.9\n"
        "\t\t\t\t\t\n"
        "Total\t\t\t\t26\t\n"
    )
    assert pasted.lines == [
        LineText("11055", "1", "T1", "1,2", "2024-07-15"),
        LineText("11720", "25", "59 XS", "2", "2024-07-15"),
    ]
    assert pasted.diagnoses == ["L84", "E11.9"]
    assert pasted.unread == ["Total 26"]


def test_cells_without_headings_are_told_apart_by_their_shape() -> None:
    pasted = read("99213\t1\t25\n11720\t2\t59\tLT\n")
    assert pasted.lines == [LineText("99213", "1", "25"), LineText("11720", "2", "59 LT")]


def test_a_comma_separated_file_with_headings_is_read_as_cells() -> None:
    assert read("code,units,modifiers\n99213,1,25\n").lines == [LineText("99213", "1", "25")]


def test_a_file_of_a_spreadsheet_program_is_read_with_its_quotation_marks_and_line_ends() -> None:
    for mark in (",", ";", "\t"):
        rows = (
            ("Line #", '"Procedure Code"', "Modifiers", "Qty", "Service Date", '"Diagnosis Codes"', "Charge"),
            ("1", '"11055"', "", "1.00", "7/15/2024", '"E11.9, L84"', '"1045.00"'),
            ("2", "11720", '"59 XS"', '"2"', "2024-07-15", "B35.1", "30"),
        )
        pasted = read("\r\n".join(mark.join(row) for row in rows) + "\r\n")
        assert pasted.lines == [
            LineText("11055", "1", "", "1,2", "2024-07-15"),
            LineText("11720", "2", "59 XS", "3", "2024-07-15"),
        ], mark
        assert (pasted.diagnoses, pasted.unread) == (["E11.9", "L84", "B35.1"], [])


def test_a_column_that_is_not_understood_is_told() -> None:
    assert read("Code\tDiag. text\n11055\tcallus\n").unread == ["Diag. text"]


def test_what_is_not_understood_is_given_back() -> None:
    pasted = read("hello 99213 world ???")
    assert [line.code for line in pasted.lines] == ["99213"]
    assert pasted.unread == ["hello", "world", "???"]


@given(st.text(max_size=300))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    pasted = read(text)
    assert all(line.code for line in pasted.lines)


@given(
    st.lists(
        st.builds(
            LineText,
            code=st.from_regex(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}", fullmatch=True),
            units=st.integers(1, 9999).map(str),
            modifiers=st.lists(st.from_regex(r"[0-9A-Z]{2}", fullmatch=True), max_size=4).map(" ".join),
            pointers=st.lists(st.integers(1, 12).map(str), max_size=4).map(",".join),
            date=st.sampled_from(["", "2024-07-15"]),
            date_to=st.sampled_from(["", "2024-07-20"]),
        ),
        max_size=8,
    )
)
def test_a_link_gives_the_lines_again(lines: list[LineText]) -> None:
    assert list(from_short(";".join(map(short, lines)))) == lines
