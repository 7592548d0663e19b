"""Code pages in memory: each code fetched once, each view of it drawn once, dropped when catalog says so."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class HeldCode:
    """A code and the views of it that were drawn."""

    code: catalog_pb2.Code
    path: str
    """The canonical path of its page."""
    size: int
    day: int
    """Day (UTC, since 1970) on which it was fetched: whether its data are current may change by the day."""
    drawn: dict[PageView, DrawnPage] = field(default_factory=dict)
    answers: dict[PageView, bytes] = field(default_factory=dict)
    """API answers, by view."""


Fetch = Callable[[str, str], Awaitable[catalog_pb2.Code]]


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
        self._held: OrderedDict[tuple[str, str], HeldCode] = OrderedDict()
        self._bytes = 0
        self._generation = 0
        self._fetching: dict[tuple[str, str, int], asyncio.Task[HeldCode]] = {}

    async def get(self, system: str, code: str) -> HeldCode:
        """Give a code (system in lower case, code in capitals without its dot); raises as the fetch does."""
        held = self._held.get((system, code))
        if held is not None and held.day == self._today():
            self._held.move_to_end((system, code))
            _FOUND.inc()
            return held
        self._forget(system, code)
        _MISSED.inc()
        key = (system, code, self._generation)
        fetching = self._fetching.get(key)
        if fetching is None:
            fetching = asyncio.create_task(self._bring(*key))
            self._fetching[key] = fetching
            fetching.add_done_callback(lambda _: self._fetching.pop(key, None))
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
        if self._held.get((held.code.system, held.code.code)) is not held:
            return  # dropped in the meantime, or never kept
        self._bytes += size
        while self._bytes > self._largest and self._held:
            _, oldest = self._held.popitem(last=False)
            self._bytes -= oldest.size
        HELD.set(self._bytes)

    def drop(self, system: str, code: str) -> None:
        """Forget one code; what is being fetched now is not kept."""
        self._generation += 1
        self._forget(system, code)

    def drop_all(self) -> None:
        """Forget everything; what is being fetched now is not kept."""
        self._generation += 1
        self._held.clear()
        self._bytes = 0
        HELD.set(0)

    def _today(self) -> int:
        return int(self._now() // SECONDS_OF_A_DAY)

    def _forget(self, system: str, code: str) -> None:
        held = self._held.pop((system, code), None)
        if held is not None:
            self._bytes -= held.size
            HELD.set(self._bytes)

    async def _bring(self, system: str, code: str, generation: int) -> HeldCode:
        today = self._today()
        fetched = await self._fetch(system, code)
        size = fetched.ByteSize() + ENTRY_OVERHEAD
        held = HeldCode(fetched, code_path(fetched.system, fetched.display_code), 0, today)
        if generation == self._generation:  # nothing changed while it was fetched
            self._forget(fetched.system, fetched.code)
            self._held[fetched.system, fetched.code] = held  # under its own name, by which events drop it
        self.grow(held, size)
        return held
