"""Importers get the files of an import opened, zipped or not; an archive that is not right is refused in a sentence."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.imports.importer import called
from services.catalog.imports.source_files import members, one_member
from shared.errors import InvalidInput

TEXT = "A00 Invented fever\r\nA01 Invented chill\r\n" * 300
ORDER = called(r"order-(\d{4})\.txt")


def zipped(path: Path, files: dict[str, str]) -> Path:
    """An archive of texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def read(path: Path) -> list[bytes]:
    """What the files in a path hold."""
    found = []
    for file in members([path], wanted="order-YEAR.txt"):
        with file.open_binary() as opened:
            found.append(opened.read())
    return found


def refusal(path: Path) -> str:
    """The sentence with which a path is refused, on opening or on reading."""
    with pytest.raises(InvalidInput) as error:
        read(path)
    return error.value.message


def test_the_same_text_is_read_plain_packed_and_from_a_folder_in_an_archive(tmp_path: Path) -> None:
    plain = tmp_path / "order-2026.txt"
    plain.write_text(TEXT, newline="")
    packed = tmp_path / "order-2026.txt.gz"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    archive = zipped(tmp_path / "a.zip", {"in/Order-2026.TXT": TEXT, "in/notes.pdf": "x", "in/order-addenda.txt": "y"})
    found = list(members([plain, packed, archive], ORDER, wanted="order-YEAR.txt"))
    assert [file.label for file in found] == ["order-2026.txt", "order-2026.txt.gz", "a.zip/in/Order-2026.TXT"]
    assert [file.size for file in found] == [len(TEXT)] * 3
    for file in found:
        with file.open_binary() as lines:
            assert lines.read().decode() == TEXT
        with file.open_seekable() as seekable:
            seekable.seek(len(TEXT) - 4)
            assert seekable.read() == b"ll\r\n"


def test_a_path_that_holds_nothing_wanted_is_named(tmp_path: Path) -> None:
    other = zipped(tmp_path / "other.zip", {"notes.pdf": "x"})
    with pytest.raises(InvalidInput, match=r"other.zip holds none of them, but notes.pdf; expected: order-YEAR.txt"):
        list(members([other], ORDER, wanted="order-YEAR.txt"))
    two = zipped(tmp_path / "two.zip", {"order-2025.txt": "x", "order-2026.txt": "y"})
    with pytest.raises(InvalidInput, match=r"2 were named: two.zip/order-2025.txt, two.zip/order-2026.txt"):
        one_member([two], ORDER, wanted="order-YEAR.txt")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "in\\..\\..\\x.txt", "C:\\x.txt"])
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    assert "leads out of the archive" in refusal(zipped(tmp_path / "a.zip", {"order-2026.txt": TEXT, name: "x"}))


def test_an_archive_that_would_grow_without_measure_is_refused_before_it_is_read(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"order-2026.txt": "0" * 40_000_000})
    assert "would grow to 40,000,000" in refusal(bomb)
    many = zipped(tmp_path / "many.zip", {f"{n}.txt": "" for n in range(3_000)})
    assert "3,000 files" in refusal(many)
    packed = tmp_path / "bomb.txt.gz"
    packed.write_bytes(gzip.compress(b"0" * 40_000_000))
    assert "grows beyond" in refusal(packed)


def test_an_archive_that_lies_about_its_size_is_stopped_while_reading(tmp_path: Path) -> None:
    honest = zipped(tmp_path / "a.zip", {"order-2026.txt": TEXT}).read_bytes()
    size = len(TEXT).to_bytes(4, "little")
    assert honest.count(size) == 2
    liar = tmp_path / "liar.zip"
    liar.write_bytes(honest.replace(size, (100).to_bytes(4, "little")))
    assert "liar.zip/order-2026.txt is damaged" in refusal(liar)


def test_a_workbook_that_would_grow_without_measure_is_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "bomb.zip", {"xl/sheet1.xml": "0" * 40_000_000}).rename(tmp_path / "bomb.xlsx")
    (file,) = members([tmp_path / "bomb.xlsx"])
    with pytest.raises(InvalidInput, match="would grow to 40,000,000"), file.open_seekable():
        pass


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"order-2026.txt": TEXT})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in refusal(path)


def test_a_folder_and_a_missing_file_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path)
    for name in ("missing.zip", "missing.txt", "missing.gz"):
        assert "cannot be read" in refusal(tmp_path / name)


_whole = io.BytesIO()
with zipfile.ZipFile(_whole, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("order-2026.txt", TEXT)
WHOLE = {".zip": _whole.getvalue(), ".gz": gzip.compress(TEXT.encode())}


@settings(max_examples=200)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_an_archive_that_is_cut_or_changed_gives_its_text_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    whole = bytearray(WHOLE[kind])
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    else:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / f"spoiled{kind}"
    path.write_bytes(whole)
    try:
        found = read(path)
    except InvalidInput as error:
        assert error.message.startswith(path.name)  # noqa: PT017 - both outcomes are right
    else:
        assert found == [TEXT.encode()]
