"""Recognises API keys: kept in memory for three seconds at most, and dropped at once when some gateway revokes one.

The call between gateways makes a revocation quick; the three seconds hold even when nobody hears it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cachetools import TTLCache

from gateway.calls import Calls
from gateway.keys.key import ApiKey
from gateway.keys.secret import digest, is_secret
from gateway.keys.store import CHANNEL, KeyStore
from shared.errors import Unauthenticated, Unavailable
from shared.tasks import end

KEPT_SECONDS = 3.0
KEPT_KEYS = 10_000
WRITE_USE_SECONDS = 5.0


class KeyRing:
    """The keys as every call needs them; a part of the gateway."""

    name = "api keys"

    def __init__(self, store: KeyStore, calls: Calls, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take where keys are kept, and what hears of their changes."""
        self._store = store
        self._kept: TTLCache[bytes, ApiKey | None] = TTLCache(KEPT_KEYS, KEPT_SECONDS, now)
        self._origins: TTLCache[str, frozenset[str]] = TTLCache(1, KEPT_SECONDS, now)
        self._used: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        calls.on(CHANNEL, self._changed, self._kept.clear)

    async def holder(self, secret: str, address: str) -> ApiKey:
        """Give the key that a call from a client's address shows; Unauthenticated when it is not good."""
        if not is_secret(secret):
            raise _refused("its form or its check sum is wrong")
        key = await self._key(digest(secret))
        if key is None:
            raise _refused("nobody has it")
        if not key.live(datetime.now(UTC)):
            raise _refused("it was revoked" if key.revoked_at else "it has expired")
        if not key.allows(address):
            raise _refused("it may not be used from this network")
        self._used.add(key.id)
        return key

    async def origins(self) -> frozenset[str]:
        """Give the sites whose pages may use some live key."""
        if "all" not in self._origins:
            self._origins["all"] = await self._store.live_origins()
        return self._origins.get("all", frozenset())

    async def start(self) -> None:
        """Begin to write down when keys are used."""
        self._task = asyncio.create_task(self._write_use(), name="api keys: last use")

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - one last write has a limit of its own
        """Stop, and write what is left."""
        await end(self._task)
        await self._write_use_now()

    async def _key(self, wanted: bytes) -> ApiKey | None:
        try:
            return self._kept[wanted]
        except KeyError:
            key = await self._store.of_digest(wanted)
            self._kept[wanted] = key
            return key

    def _changed(self, payload: str) -> None:
        self._kept.pop(bytes.fromhex(payload), None)
        self._origins.clear()

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
