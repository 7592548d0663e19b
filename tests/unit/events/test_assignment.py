"""Partitions are dealt out whole, evenly, and the same way by everyone."""

from __future__ import annotations

import uuid
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.events.backoff import Backoff
from shared.events.postgres.group import assignment


@given(st.integers(1, 6), st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9), min_size=1))
def test_every_partition_has_one_reader_and_a_topic_is_shared_evenly(members: int, topics: dict[str, int]) -> None:
    rows = [{"member": uuid.UUID(int=number), "topics": list(topics)} for number in range(members)]
    partitions = [{"topic": topic, "number": n} for topic, count in topics.items() for n in range(count)]
    dealt = assignment(rows, partitions)
    places = [place for mine in dealt.values() for place in mine]
    assert sorted(map(str, places)) == sorted(f"{row['topic']}/{row['number']}" for row in partitions)
    for topic, count in topics.items():
        shares = Counter(dict.fromkeys(dealt, 0))
        for member, mine in dealt.items():
            shares[member] = sum(place.topic == topic for place in mine)
        assert max(shares.values()) - min(shares.values()) <= 1
        assert sum(shares.values()) == count


def test_a_member_gets_nothing_of_a_topic_it_does_not_read() -> None:
    reader, other = uuid.UUID(int=1), uuid.UUID(int=2)
    dealt = assignment(
        [{"member": reader, "topics": ["a"]}, {"member": other, "topics": ["b"]}],
        [{"topic": "a", "number": 0}, {"topic": "b", "number": 0}],
    )
    assert {place.topic for place in dealt[reader]} == {"a"}
    assert {place.topic for place in dealt[other]} == {"b"}


@given(st.integers(1, 10_000))
def test_a_wait_grows_to_its_longest_and_is_never_none(failures: int) -> None:
    delay = Backoff(first=0.2, longest=30).delay(failures)
    assert 0.1 <= delay <= 30
    if failures >= 9:
        assert delay >= 15
