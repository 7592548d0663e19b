"""Keys in memory: those in use are read anew together, the others run out, and what was revoked does not come back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from gateway.calls import Calls
from gateway.keys.key import ApiKey
from gateway.keys.ring import KEPT_SECONDS, RENEWED_AFTER_SECONDS, KeyRing
from gateway.keys.secret import digest, new_secret
from gateway.keys.store import CHANNEL, KeyStore
from shared.errors import Unauthenticated


@dataclass
class Store:
    """Keys in a database that counts its questions, and answers when it may."""

    keys: dict[bytes, ApiKey] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def of_digests(self, wanted: Sequence[bytes]) -> dict[bytes, ApiKey]:
        """The keys as they are at the question."""
        self.asked.append(len(wanted))
        found = {each: self.keys[each] for each in wanted if each in self.keys}
        self.was_asked.set()
        await self.may_answer.wait()
        return found

    def add(self) -> str:
        """One more key; gives its secret."""
        secret = new_secret()
        now = datetime.now(UTC)
        scopes = frozenset({"codes:read"})
        self.keys[digest(secret)] = ApiKey(
            f"key_{len(self.keys)}", "ada", "x", secret[:12], scopes, (), (), now, now + timedelta(days=1), None, None
        )
        return secret


@dataclass
class Stand:
    """A ring over such a store, with a clock that is moved by hand."""

    store: Store = field(default_factory=Store)
    calls: Calls = field(default_factory=lambda: Calls("postgresql://nowhere"))
    now: float = 100.0

    def __post_init__(self) -> None:
        """Make the ring."""
        self.store.may_answer.set()
        self.ring = KeyRing(cast("KeyStore", self.store), self.calls, now=lambda: self.now)


async def test_keys_in_use_are_read_anew_together_and_no_call_of_theirs_waits() -> None:
    stand = Stand()
    secrets = [stand.store.add() for _ in range(20)]
    for _ in range(10):
        for secret in secrets:
            await stand.ring.holder(secret, "192.0.2.1")
        stand.now += RENEWED_AFTER_SECONDS
        await stand.ring.renew()
    assert stand.store.asked == [1] * 20 + [20] * 10


async def test_a_key_that_nobody_shows_runs_out_and_is_not_read() -> None:
    stand = Stand()
    secret = stand.store.add()
    await stand.ring.holder(secret, "192.0.2.1")
    stand.now += RENEWED_AFTER_SECONDS
    await stand.ring.renew()
    await stand.ring.renew()
    stand.now += KEPT_SECONDS
    await stand.ring.renew()
    assert stand.store.asked == [1, 1]
    await stand.ring.holder(secret, "192.0.2.1")
    assert stand.store.asked == [1, 1, 1]


async def test_a_revocation_that_nobody_called_out_is_seen_when_keys_are_read_anew() -> None:
    stand = Stand()
    secret = stand.store.add()
    await stand.ring.holder(secret, "192.0.2.1")
    del stand.store.keys[digest(secret)]
    stand.now += RENEWED_AFTER_SECONDS
    await stand.ring.renew()
    with pytest.raises(Unauthenticated):
        await stand.ring.holder(secret, "192.0.2.1")


async def test_a_key_that_is_revoked_while_keys_are_read_anew_does_not_come_back() -> None:
    stand = Stand()
    secret = stand.store.add()
    await stand.ring.holder(secret, "192.0.2.1")
    stand.now += RENEWED_AFTER_SECONDS
    stand.store.may_answer.clear()
    stand.store.was_asked.clear()
    reading = asyncio.create_task(stand.ring.renew())
    await stand.store.was_asked.wait()
    del stand.store.keys[digest(secret)]
    stand.calls._hear[CHANNEL](digest(secret).hex())
    stand.store.may_answer.set()
    await reading
    with pytest.raises(Unauthenticated):
        await stand.ring.holder(secret, "192.0.2.1")
