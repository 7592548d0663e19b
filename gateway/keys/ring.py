"""Recognises API keys: kept in memory for three seconds at most, and dropped at once when some gateway revokes one.

The call between gateways makes a revocation quick; the three seconds hold even when nobody hears it. Keys in use are
read anew, many at once, before their time is over, so that no call of theirs waits for the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from cachetools import TTLCache

from gateway.calls import Calls
from gateway.keys.key import ApiKey
from gateway.keys.secret import digest, is_secret
from gateway.keys.store import CHANNEL, KeyStore
from shared.errors import Unauthenticated, Unavailable
from shared.tasks import end

KEPT_SECONDS = 3.0
KEPT_KEYS = 10_000
RENEWED_AFTER_SECONDS = 1.5
RENEW_SECONDS = 0.5
RENEWED_AT_ONCE = 500
WRITE_USE_SECONDS = 5.0


class _Kept(NamedTuple):
    """A key as it was read, None where nobody has it, and when it was asked for."""

    key: ApiKey | None
    at: float


class KeyRing:
    """The keys as every call needs them; a part of the gateway."""

    name = "api keys"

    def __init__(self, store: KeyStore, calls: Calls, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take where keys are kept, and what hears of their changes."""
        self._store = store
        self._now = now
        self._kept: TTLCache[bytes, _Kept] = TTLCache(KEPT_KEYS, KEPT_SECONDS, now)
        self._in_use: set[bytes] = set()
        """Digests of keys that calls showed since the last time."""
        self._dropped: set[bytes] = set()
        """Digests that were dropped while keys are read anew: what is read of them may be from before."""
        self._origins: TTLCache[str, frozenset[str]] = TTLCache(1, KEPT_SECONDS, now)
        self._used: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        calls.on(CHANNEL, self._changed, self._kept.clear)

    async def holder(self, secret: str, address: str) -> ApiKey:
        """Give the key that a call from a client's address shows; Unauthenticated when it is not good."""
        if not is_secret(secret):
            raise _refused("its form or its check sum is wrong")
        wanted = digest(secret)
        key = await self._key(wanted)
        if key is None:
            raise _refused("nobody has it")
        if not key.live(datetime.now(UTC)):
            raise _refused("it was revoked" if key.revoked_at else "it has expired")
        if not key.allows(address):
            raise _refused("it may not be used from this network")
        self._used.add(key.id)
        self._in_use.add(wanted)
        return key

    async def origins(self) -> frozenset[str]:
        """Give the sites whose pages may use some live key."""
        if "all" not in self._origins:
            self._origins["all"] = await self._store.live_origins()
        return self._origins.get("all", frozenset())

    async def start(self) -> None:
        """Begin to read keys in use anew, and to write down when they are used."""
        self._tasks = [
            asyncio.create_task(self._renew(), name="api keys: read anew"),
            asyncio.create_task(self._write_use(), name="api keys: last use"),
        ]

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - one last write has a limit of its own
        """Stop, and write what is left."""
        await end(*self._tasks)
        await self._write_use_now()

    async def _key(self, wanted: bytes) -> ApiKey | None:
        try:
            return self._kept[wanted].key
        except KeyError:
            asked = self._now()
            found = await self._store.of_digests([wanted])
            key = found.get(wanted)
            self._kept[wanted] = _Kept(key, asked)
            return key

    def _changed(self, payload: str) -> None:
        changed = bytes.fromhex(payload)
        self._kept.pop(changed, None)
        self._dropped.add(changed)
        self._origins.clear()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with contextlib.suppress(Unavailable):  # they run out in time, and calls are told then
                await self.renew()

    async def renew(self) -> None:
        """Read keys anew that are in use and were read a while ago; one that was dropped meanwhile stays away."""
        in_use = {wanted for wanted in self._in_use if wanted in self._kept}
        old = self._now() - RENEWED_AFTER_SECONDS
        due = [wanted for wanted in in_use if self._kept[wanted].at <= old]
        self._in_use = in_use.difference(due)
        for first in range(0, len(due), RENEWED_AT_ONCE):
            some = due[first : first + RENEWED_AT_ONCE]
            asked = self._now()
            self._dropped.clear()
            found = await self._store.of_digests(some)
            for wanted in some:
                if wanted in self._kept and wanted not in self._dropped:
                    self._kept[wanted] = _Kept(found.get(wanted), asked)
        self._dropped.clear()

    async def _write_use(self) -> None:
        while True:
            await asyncio.sleep(WRITE_USE_SECONDS)
            await self._write_use_now()

    async def _write_use_now(self) -> None:
        used, self._used = self._used, set()
        if used:
            minute = datetime.now(UTC).replace(second=0, microsecond=0)
            with contextlib.suppress(Unavailable):  # the next use is written again
                await self._store.note_use(sorted(used), minute)


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("API_KEY_INVALID", f"The API key is refused: {why}.")
