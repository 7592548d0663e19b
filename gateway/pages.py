"""Code pages in memory: each code fetched once, each view of it drawn once, dropped when catalog says so."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

from codingahead.catalog.v1 import catalog_pb2
from prometheus_client import Counter, Gauge

from gateway.compression import Compressed, compress
from gateway.view import PageView
from gateway.web.links import code_path
from gateway.web.render import RenderedPage, render_code_page

HITS = Counter("gateway_page_memory_total", "Code pages asked of the memory, by whether they were there.", ["found"])
HELD = Gauge("gateway_page_memory_bytes", "Bytes of drawn code pages held in memory.")
ENTRY_OVERHEAD = 2_000
SECONDS_OF_A_DAY = 86_400

_FOUND = HITS.labels("yes")
_MISSED = HITS.labels("no")


@dataclass(slots=True)
class DrawnPage:
    """A drawn page with the part of its ETag that does not depend on the reader's standing."""

    page: RenderedPage
    tag: str
    halves: tuple[Compressed, Compressed] | None = None
    """What stands before and after the banner, compressed once somebody wanted it so."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What an API answer says behind the reader's standing, and the digest of it."""

    rest: bytes
    digest: bytes


@dataclass(slots=True)
class HeldCode:
    """A code and the views of it that were drawn."""

    code: catalog_pb2.Code
    path: str
    """The canonical path of its page, without a day."""
    size: int
    service_day: date | None
    """The date of service that it is for; None where none was named."""
    day: int
    """Day (UTC, since 1970) on which it was fetched: whether its data are current may change by the day."""
    drawn: dict[PageView, DrawnPage] = field(default_factory=dict)
    answers: dict[PageView, KeptAnswer] = field(default_factory=dict)
    """API answers, by view."""

    @property
    def address(self) -> str:
        """Path and query of the page as it was asked for."""
        return f"{self.path}?date={self.service_day}" if self.service_day else self.path


Fetch = Callable[[str, str, date | None], Awaitable[catalog_pb2.Code]]
"""Gives a code by its system and name, on a date of service or on none."""
_Key = tuple[str, str, date | None]


def _tag(page: RenderedPage, view: PageView) -> str:
    """Tell drawn pages apart by what they hold and by the view: who may see it, and by which version of the policy."""
    seen = f"{view.tier} {view.granted} {view.policy_version}".encode()
    return hashlib.sha256(b"\0".join((page.before_banner, page.after_banner, seen))).hexdigest()[:20]


class PageMemory:
    """A bounded memory of codes, least recently used out first."""

    def __init__(
        self, fetch: Fetch, *, public_url: str, largest_bytes: int, now: Callable[[], float] = time.time
    ) -> None:
        """Take how a code is fetched, the site's origin, the bound in bytes, and the time of day in seconds."""
        self._now = now
        self._fetch = fetch
        self._public_url = public_url
        self._largest = largest_bytes
        self._held: OrderedDict[_Key, HeldCode] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._fetching: dict[tuple[_Key, int], asyncio.Task[HeldCode]] = {}
        self._days: dict[tuple[str, str], set[date]] = {}
        """Dates of service for which a code is held."""

    async def get(self, system: str, code: str, service_day: date | None = None) -> HeldCode:
        """Give a code (system in lower case, code in capitals without its dot); raises as the fetch does."""
        key = (system, code, service_day)
        held = self._held.get(key)
        if held is not None and held.day == self._today():
            self._held.move_to_end(key)
            _FOUND.inc()
            return held
        self._forget(key)
        _MISSED.inc()
        begun = (key, self._generation)
        fetching = self._fetching.get(begun)
        if fetching is None:
            fetching = asyncio.create_task(self._bring(*begun))
            self._fetching[begun] = fetching
            fetching.add_done_callback(lambda _: self._fetching.pop(begun, None))
        return await asyncio.shield(fetching)

    def draw(self, held: HeldCode, view: PageView) -> DrawnPage:
        """Give the page of a code in a view, drawn at most once while it is held."""
        drawn = held.drawn.get(view)
        if drawn is None:
            page = render_code_page(held.code, view, public_url=self._public_url)
            drawn = DrawnPage(page, _tag(page, view))
            held.drawn[view] = drawn
            self.grow(held, len(page.before_banner) + len(page.after_banner))
        return drawn

    def compressed(self, held: HeldCode, drawn: DrawnPage) -> tuple[Compressed, Compressed]:
        """Give the halves of a drawn page compressed, at most once while it is held."""
        if drawn.halves is None:
            drawn.halves = compress(drawn.page.before_banner), compress(drawn.page.after_banner)
            self.grow(held, sum(len(half.blocks) for half in drawn.halves))
        return drawn.halves

    def grow(self, held: HeldCode, size: int) -> None:
        """Account for bytes that were added to a held code, and make room."""
        held.size += size
        if self._held.get(_key_of(held)) is not held:
            return  # dropped in the meantime, or never kept
        self._bytes += size
        while self._bytes > self._largest and self._held:
            self._forget(next(iter(self._held)))
        HELD.set(self._bytes)

    def drop(self, system: str, code: str) -> None:
        """Forget one code on every day; what is being fetched now is not kept."""
        self._generation += 1
        for service_day in (None, *self._days.get((system, code), ())):
            self._forget((system, code, service_day))

    def drop_all(self) -> None:
        """Forget everything; what is being fetched now is not kept."""
        self._generation += 1
        self._held.clear()
        self._days.clear()
        self._bytes = 0
        HELD.set(0)

    def _today(self) -> int:
        return int(self._now() // SECONDS_OF_A_DAY)

    def _forget(self, key: _Key) -> None:
        held = self._held.pop(key, None)
        if held is None:
            return
        self._bytes -= held.size
        HELD.set(self._bytes)
        system, code, service_day = key
        if service_day is not None:
            days = self._days[system, code]
            days.discard(service_day)
            if not days:
                del self._days[system, code]

    async def _bring(self, key: _Key, generation: int) -> HeldCode:
        today = self._today()
        system, code, service_day = key
        fetched = await self._fetch(system, code, service_day)
        size = fetched.ByteSize() + ENTRY_OVERHEAD
        held = HeldCode(fetched, code_path(fetched.system, fetched.display_code), 0, service_day, today)
        if generation == self._generation:  # nothing changed while it was fetched
            own = _key_of(held)  # its own name, by which events drop it
            self._forget(own)
            self._held[own] = held
            if service_day is not None:
                self._days.setdefault(own[:2], set()).add(service_day)
        self.grow(held, size)
        return held


def _key_of(held: HeldCode) -> _Key:
    return held.code.system, held.code.code, held.service_day
