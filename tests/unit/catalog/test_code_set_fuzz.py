"""Whatever is done to a file of a code set, it is read right or refused with a place; nothing else comes of it."""

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.defects import Defects
from services.catalog.rows import Row
from shared.errors import InvalidInput
from tests.unit.catalog.code_set_files import RIGHT, WORKBOOKS, read, workbook

KINDS = sorted(RIGHT)
REPEATABLE = {"icd10cm-index"}
"""Kinds whose lines mean nothing by themselves."""


def outcome(kind: str, files: dict[str, bytes]) -> tuple[list[Row], Defects] | None:
    """Rows and defects; None when the import is refused in a sentence. Anything else fails the test."""
    with tempfile.TemporaryDirectory() as folder, suppress(InvalidInput):
        return read(kind, Path(folder), files)
    return None


def check_places(found: tuple[list[Row], Defects] | None, kind: str) -> None:
    """Every defect has a file, a place and a sentence."""
    for defect in found[1].kept if found else ():
        assert defect.file in {*RIGHT.get(kind, ()), *(WORKBOOKS[kind][:1] if kind in WORKBOOKS else ())}
        assert defect.line >= 1
        assert defect.column >= 1
        assert len(defect.what) > 20


def main_of(kind: str) -> tuple[str, bytes]:
    """The first file of a right import."""
    return next(iter(RIGHT[kind].items()))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(junk=st.binary(max_size=80), cut=st.floats(0, 1), keep=st.booleans())
def test_cut_and_spoilt_bytes(kind: str, junk: bytes, cut: float, keep: bool) -> None:
    name, content = main_of(kind)
    at = int(cut * len(content))
    spoilt = content[:at] + junk + (content[at:] if keep else b"")
    check_places(outcome(kind, {**RIGHT[kind], name: spoilt}), kind)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(data=st.data())
def test_swapped_columns(kind: str, data: st.DataObject) -> None:
    name, content = main_of(kind)
    lines = content.split(b"\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    a, b = sorted((data.draw(st.integers(0, len(lines[line]))), data.draw(st.integers(0, len(lines[line])))))
    lines[line] = lines[line][b:] + lines[line][a:b] + lines[line][:a]
    check_places(outcome(kind, {**RIGHT[kind], name: b"\n".join(lines)}), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_ends_of_lines_and_a_mark_of_byte_order_change_nothing(kind: str) -> None:
    name, content = main_of(kind)
    right = outcome(kind, RIGHT[kind])
    assert right is not None
    assert not right[1].kept
    forms = [content.replace(b"\n", b"\r\n"), content.rstrip(b"\n"), content.rstrip(b"\n") + b"\r\n\x1a"]
    if not content.startswith(b"***"):  # the notice of HCPCS is passed over, whatever stands before it
        forms.append(b"\xef\xbb\xbf" + content)
    for form in forms[: 2 if kind in REPEATABLE else 4]:
        found = outcome(kind, {**RIGHT[kind], name: form})
        assert found is not None
        assert (found[0], found[1].kept) == (right[0], [])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in REPEATABLE])
def test_a_line_that_stands_twice_is_a_defect_where_it_stands_again(kind: str) -> None:
    name, content = main_of(kind)
    lines = content.rstrip(b"\n").split(b"\n")
    found = outcome(kind, {**RIGHT[kind], name: b"\n".join([*lines, lines[-1]])})
    assert found is not None
    assert found[1].kept[0].line == len(lines) + 1


@pytest.mark.parametrize("kind", KINDS)
def test_another_encoding_is_a_defect_with_its_place(kind: str) -> None:
    name, content = main_of(kind)
    for encoded in (content.decode("latin-1").encode("utf-16"), content.decode("latin-1").encode("utf-32-be")):
        found = outcome(kind, {**RIGHT[kind], name: encoded})
        if kind == "icd10cm-index" and encoded.startswith(b"\xff\xfe"):
            continue  # XML may be in UTF-16, and its mark says so
        assert found is None or found[1].kept
        check_places(found, kind)


@pytest.mark.parametrize("kind", sorted(WORKBOOKS))
@settings(max_examples=20)
@given(data=st.data())
def test_workbooks_with_moved_cells_and_rows(kind: str, data: st.DataObject) -> None:
    name, rows = WORKBOOKS[kind]
    table = [list(row) for row in rows]
    values = (
        st.none() | st.integers(-1, 10**9) | st.floats() | st.dates() | st.booleans() | st.text("A0. -", max_size=5)
    )
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.integers(0, len(table) - 1))
        column = data.draw(st.integers(0, len(table[row])))
        table[row].insert(column, data.draw(values))
    check_places(outcome(kind, {name: workbook(table)}), kind)


@pytest.mark.parametrize("kind", sorted(WORKBOOKS))
@settings(max_examples=25)
@given(junk=st.binary(max_size=60), cut=st.floats(0, 1), keep=st.booleans())
def test_workbooks_of_spoilt_bytes(kind: str, junk: bytes, cut: float, keep: bool) -> None:
    name, rows = WORKBOOKS[kind]
    content = workbook(rows)
    at = int(cut * len(content))
    check_places(outcome(kind, {name: content[:at] + junk + (content[at + len(junk) :] if keep else b"")}), kind)
