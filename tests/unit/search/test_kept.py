"""What was made last is kept, one by one."""

from services.search.kept import Kept


def test_the_oldest_goes_when_another_comes() -> None:
    """The others stay."""
    kept: Kept[str, int] = Kept(2)
    assert [kept.keep("a", 1), kept.keep("b", 2), kept.keep("c", 3)] == [1, 2, 3]
    assert dict(kept) == {"b": 2, "c": 3}


def test_what_is_there_takes_no_other_place() -> None:
    """Making a thing again lets nothing go."""
    kept: Kept[str, int] = Kept(2)
    for made in ("a", "b", "b"):
        kept.keep(made, 1)
    assert list(kept) == ["a", "b"]
