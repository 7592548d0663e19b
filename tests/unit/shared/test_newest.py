"""What a bounded memory keeps."""

from shared.newest import Newest


def test_the_oldest_goes_first_and_what_is_put_in_anew_is_new() -> None:
    memory: Newest[str, int] = Newest(2)
    memory.put("a", 1)
    memory.put("b", 2)
    memory.put("a", 3)
    memory.put("c", 4)
    assert dict(memory) == {"a": 3, "c": 4}
    assert memory.get("b") is None
