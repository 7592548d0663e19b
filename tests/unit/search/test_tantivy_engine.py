"""The folder of the engine on one machine, as an earlier version or an accident may have left it."""

from pathlib import Path

from services.search.adapters.tantivy_engine import CURRENT, TantivyEngine


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
