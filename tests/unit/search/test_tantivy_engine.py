"""The folder of the engine on one machine, as an earlier version or an accident may have left it."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.search.adapters.tantivy_engine import CURRENT, TantivyEngine
from services.search.engine import Document, Group, Narrowed
from shared.errors import Unavailable


async def test_an_index_that_cannot_be_opened_is_left_aside_and_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / CURRENT).write_text("20260101")
    (tmp_path / "20260101").mkdir()
    engine = TantivyEngine(tmp_path)
    await engine.start()
    assert not await engine.answers()
    assert await engine.generation() == ""


async def test_what_a_killed_build_left_goes_at_the_next_start_and_nothing_else(tmp_path: Path) -> None:
    for name in ("20260102", "notes"):
        (tmp_path / name).mkdir()
    await TantivyEngine(tmp_path).start()
    assert names(tmp_path) == ["notes"]


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return [place.name for place in folder.iterdir()]


async def test_a_full_disk_is_told_in_a_sentence_and_what_was_refused_is_taken_in_when_there_is_room(
    tmp_path: Path,
) -> None:
    engine = TantivyEngine(tmp_path)
    await engine.start()
    await engine.build("1", documents(10))
    await engine.swap("1")
    with files_up_to(40_000):
        with pytest.raises(Unavailable, match="cannot be written"):
            await engine.build("2", documents(20_000))
        with pytest.raises(Unavailable, match="cannot be written"):
            await engine.update(list(documents(20_000)), [])
    assert await engine.generation() == "1"
    assert len(await engine.all_of([Group(("fever",))], Narrowed(), 100)) == 10
    await engine.update(list(documents(20)), [])
    assert len(await engine.all_of([Group(("fever",))], Narrowed(), 100)) == 20
    await engine.drain(1)


def documents(count: int) -> Iterator[Document]:
    """So many that have a word, and one each that no other has."""
    for number in range(count):
        words = f"fever w{number} x{number * 7}"
        yield Document(("icd10cm", f"A{number}"), number, words, "", "f", "s:icd10cm", (1 << 40) - number)


@contextlib.contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """No file of this process grows longer, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
