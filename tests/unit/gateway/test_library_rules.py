"""What a library takes, and how history is noted: without a database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.library import history
from gateway.library.history import History
from gateway.library.history_store import HistoryStore, LookUpRow, ReadingRow
from gateway.library.rules import LONGEST_NOTE, folder_name, key_of, note_text
from shared.errors import InvalidInput, Unavailable


class Away(HistoryStore):
    """A store whose database is away until it is brought back."""

    def __init__(self) -> None:
        self.away = True
        self.readings_written: list[ReadingRow] = []
        self.look_ups_written: list[LookUpRow] = []

    async def write_readings(self, rows: Sequence[ReadingRow]) -> None:
        if self.away:
            raise Unavailable("DATABASE_AWAY", "Away.")
        self.readings_written.extend(rows)

    async def write_look_ups(self, rows: Sequence[LookUpRow]) -> None:
        self.look_ups_written.extend(rows)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST_NOTE + 1), "a\0b", "a\ud800b", "a\x1bb"])
def test_a_note_that_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^text: "):
        note_text(text)


def test_a_note_keeps_every_script_its_lines_and_its_emoji() -> None:
    text = "1.\u00a0Prüfen\r\n\t見よ E11.9 👩\u200d⚕️\rEnde"
    assert note_text(f"  {text}\n") == "1.\u00a0Prüfen\n\t見よ E11.9 👩\u200d⚕️\nEnde"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b"])
def test_a_folder_needs_a_name_that_can_be_read(name: str) -> None:
    with pytest.raises(InvalidInput, match=r"^name: "):
        folder_name(name)
    assert folder_name("  To \n check ") == "To check"


@pytest.mark.parametrize(("system", "code"), [("ICD10CM", "e11.9"), ("icd10cm", " E119 ")])
def test_every_spelling_of_a_code_is_one_key(system: str, code: str) -> None:
    assert key_of(system, code) == ("icd10cm", "E119")


@pytest.mark.parametrize(("system", "code"), [("", "E119"), ("icd/10", "E119"), ("icd10cm", ""), ("icd10cm", "E1 1!")])
def test_what_is_no_code_is_no_key(system: str, code: str) -> None:
    with pytest.raises(InvalidInput):
        key_of(system, code)


async def test_readings_wait_in_bounded_memory_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_NOTED", 3)
    store = Away()
    times = iter(range(100))
    noted = History(store, now=lambda: float(next(times)))
    for code in ("E1", "E2", "E1", "E3", "E4"):
        noted.note_reading("ada", "icd10cm", code)
    with pytest.raises(Unavailable):
        await noted.write()
    store.away = False
    await noted.write()
    assert [(row[2], int(row[3].timestamp())) for row in store.readings_written] == [("E2", 1), ("E3", 3), ("E4", 4)]
    store.readings_written.clear()
    await noted.write()
    assert store.readings_written == []


async def test_what_is_noted_is_written_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Away()
    store.away = False
    noted = History(store)
    noted.note_reading("ada", "icd10cm", "E119")
    noted.note_look_up("ada", "  E11.9 ")
    noted.note_look_up("ada", "e11.9")
    noted.note_look_up("ada", "\x07")
    await noted.drain(1)
    assert [row[:3] for row in store.readings_written] == [("ada", "icd10cm", "E119")]
    assert [row[:3] for row in store.look_ups_written] == [("ada", "e11.9", "e11.9")]
