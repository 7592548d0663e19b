"""How often the issuer is asked for its keys: soon again until there were any, rarely afterwards."""

from __future__ import annotations

import pytest

from gateway.auth.issuer_keys import IssuerKeys
from shared.errors import Unavailable
from tests.unit.gateway.tokens import Issuer


class Asking:
    """The keys of an issuer, asked for by a clock that stands until it is moved."""

    def __init__(self) -> None:
        """Begin with an issuer that is away."""
        self.issuer = Issuer()
        self.issuer.away = True
        self.now = 1000.0
        self.keys = IssuerKeys(self.issuer.source(), now=lambda: self.now)

    async def sees_no_key(self) -> None:
        """A token comes while no key is known."""
        with pytest.raises(Unavailable):
            await self.keys.holding(self.issuer.key_id)

    async def has_key(self) -> bool:
        """Whether a token of the issuer's key can be checked."""
        return await self.keys.holding(self.issuer.key_id) is not None


async def test_after_a_first_failure_the_issuer_is_asked_again_within_two_seconds() -> None:
    asking = Asking()
    await asking.sees_no_key()
    asking.issuer.away = False
    asking.now += 2.0
    assert await asking.has_key()


async def test_the_pauses_grow_while_the_issuer_stays_away_and_end_at_half_a_minute() -> None:
    asking, pauses, last = Asking(), [], 1000.0
    for _ in range(600):
        before = asking.issuer.asked
        await asking.sees_no_key()
        if asking.issuer.asked > before:
            pauses.append(asking.now - last)
            last = asking.now
        asking.now += 0.5
    assert pauses == sorted(pauses)
    assert pauses[1] <= 2.0
    assert pauses[-1] == 30.0


async def test_many_calls_at_once_ask_a_silent_issuer_only_once() -> None:
    asking = Asking()
    for _ in range(50):
        await asking.sees_no_key()
    assert asking.issuer.asked == 1


async def test_once_there_were_keys_an_unknown_one_asks_at_most_every_half_minute() -> None:
    asking = Asking()
    asking.issuer.away = False
    assert await asking.has_key()
    for _ in range(29):
        asking.now += 1.0
        assert await asking.keys.holding("unknown") is None
    assert asking.issuer.asked == 1
    asking.now += 1.0
    assert await asking.keys.holding("unknown") is None
    assert asking.issuer.asked == 2


async def test_a_document_without_keys_does_not_take_the_place_of_good_ones() -> None:
    issuer, now = Issuer(), [0.0]
    documents = [issuer.jwks(), '{"keys": []}']

    async def source() -> str:
        return documents.pop(0) if documents else '{"keys": []}'

    keys = IssuerKeys(source, now=lambda: now[0])
    assert await keys.holding(issuer.key_id) is not None
    now[0] = 700.0
    assert await keys.holding(issuer.key_id) is not None
    assert documents == []
