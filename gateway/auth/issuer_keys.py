"""The issuer's public keys: from a file or a URL, kept for ten minutes, asked for again at most every half minute.

Until there have been keys the pauses begin at a second and grow, so that sign-in works soon after the issuer does.
"""

import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import Unavailable

KEPT_SECONDS = 600.0
REFETCH_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 1.0
FETCH_TIMEOUT_SECONDS = 5.0

_log = structlog.get_logger(__name__)
Source = Callable[[], Awaitable[str]]


def from_file(path: Path) -> Source:
    """Keys in a file."""
    return anyio.Path(path).read_text


def from_url(url: str) -> Source:
    """Keys at a URL."""

    async def fetch() -> str:
        async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_SECONDS) as client:
            return (await client.get(url)).raise_for_status().text

    return fetch


class IssuerKeys:
    """The keys by id. While the issuer is away the last good ones are kept."""

    def __init__(self, source: Source, *, now: Callable[[], float] = time.monotonic) -> None:
        """Take where the keys come from, as a JWKS document."""
        self._source = source
        self._now = now
        self._keys: KeySet | None = None
        self._asked = float("-inf")
        self._pause = FIRST_PAUSE_SECONDS
        self._lock = anyio.Lock()

    async def holding(self, key_id: str) -> KeySet | None:
        """Give the key set when it holds the key; None when the issuer has no such key.

        Raises Unavailable when there have never been keys.
        """
        if self._keys is None or self._now() - self._asked > KEPT_SECONDS or not self._has(key_id):
            await self._ask_again()
        if self._keys is None:
            raise Unavailable("ISSUER_AWAY", "Sign-in does not answer at the moment; try again in a moment.")
        return self._keys if self._has(key_id) else None

    def _has(self, key_id: str) -> bool:
        return self._keys is not None and any(key.kid == key_id for key in self._keys.keys)

    async def _ask_again(self) -> None:
        async with self._lock:
            if self._now() - self._asked < self._pause:
                return
            try:
                self._keys = _key_set(await self._source())
            except (OSError, ValueError, KeyError, TypeError, JoseError, httpx.HTTPError) as error:
                _log.warning("the issuer's keys could not be read", error=type(error).__name__)
            # From the answer on, not from the question: whoever waited for a slow refusal does not ask at once again.
            self._asked = self._now()
            if self._keys is not None:
                self._pause = REFETCH_SECONDS
            else:
                self._pause = min(self._pause * 2, REFETCH_SECONDS)


def _key_set(document: str) -> KeySet:
    """Read a JWKS document; ValueError for one without a key, so that it does not take the place of good ones."""
    keys = KeySet.import_key_set(json.loads(document))
    if not keys.keys:
        raise ValueError("the document holds no key")
    return keys
