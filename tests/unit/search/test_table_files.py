"""Tables of codes are kept whole, and taken up only by the code that made them."""

from datetime import date
from pathlib import Path

import pytest

from services.search.adapters import table_files
from services.search.adapters.table_files import TableFiles
from services.search.entry import Entry, Release
from services.search.shelving import shelf_of, with_changes
from shared.errors import Unavailable

RELEASE = Release("r1", "icd10cm-tabular", "Invented list", "2026", date(2025, 10, 1))
ENTRIES = [
    Entry("icd10cm", "A00", "A00", "Invented fever", terms=("made up heat",), billable=False, release="r1"),
    Entry("icd10cm", "A001", "A00.1", "Fièvre, unspecified", ancestors=("A00",), last_day=date(2026, 9, 30)),
]


def kept(folder: Path) -> TableFiles:
    """A folder with one table."""
    files = TableFiles(folder)
    files.save(shelf_of("one", ENTRIES, {"r1": RELEASE}), "some state")
    return files


def test_a_table_is_read_as_it_was_kept_and_can_be_changed_further(tmp_path: Path) -> None:
    found = kept(tmp_path).load("one")
    assert found is not None
    shelf, state = found
    assert state == "some state"
    assert [shelf.entry(row) for row in range(len(shelf))] == ENTRIES
    assert shelf.releases == {"r1": RELEASE}
    assert shelf.with_prefix("A00").tolist() == [0, 1]
    new = Entry("icd10cm", "A002", "A00.2", "Other fever", ancestors=("A00",))
    later = with_changes(shelf, [new], [("icd10cm", "A001")], {})
    assert [later.entry(row).code for row in later.with_prefix("A00").tolist()] == ["A00", "A002"]


def test_a_table_of_another_version_or_a_damaged_one_is_not_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = kept(tmp_path)
    assert files.load("") is None
    assert files.load("two") is None
    with monkeypatch.context() as patched:
        patched.setattr(table_files, "version", lambda: "another")
        assert files.load("one") is None
        assert not files.answers_at_once(), "a start after an upgrade builds another one"
    assert files.load("one") is not None
    assert files.answers_at_once()
    assert not TableFiles(tmp_path / "nothing").answers_at_once()
    arrays = tmp_path / "one" / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:200])
    assert files.load("one") is None


def test_other_tables_are_removed_and_what_is_in_use_stays_readable(tmp_path: Path) -> None:
    files = kept(tmp_path)
    found = files.load("one")
    files.keep_only("")
    assert found is not None
    assert found[0].entry(1) == ENTRIES[1]
    assert files.load("one") is None


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="No table can be kept in"):
        kept(tmp_path / "file")
