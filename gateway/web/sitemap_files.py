"""The files of the sitemap, made from catalog's export once a release of a code system, and kept compressed.

A reader gets what is made so far and then the rest as it comes; nothing waits for a whole export.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from xml.sax.saxutils import escape

from codingahead.catalog.v1 import catalog_pb2

from gateway.web.links import ref_path
from shared.errors import DomainError, Unavailable

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
URLS_A_FILE = 50_000
"""As many as the protocol allows (sitemaps.org/protocol.html)."""
URLS_A_PART = 500
"""Written together; between two parts other requests have their turn."""
_GZIP = 16 + zlib.MAX_WBITS

Export = Callable[[str], AsyncIterator[catalog_pb2.ExportedCode]]


def sitemap_url(origin: str, name: str) -> str:
    """The address of a sitemap file."""
    return escape(f"{origin}/sitemap-{name}.xml")


class SitemapFile:
    """One file, being made or made."""

    def __init__(self) -> None:
        """Begin an empty file."""
        self._compressor = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._parts: list[bytes] = []
        self._finished = False
        self._failure: DomainError | None = None
        self._grown = asyncio.Condition()

    async def begun(self) -> None:
        """Wait for the first part; raises as the export does, so that a file that cannot be made is an error page."""
        async with self._grown:
            await self._grown.wait_for(lambda: self._parts or self._failure)
        if not self._parts and self._failure:
            raise self._failure

    async def gzipped(self) -> AsyncIterator[bytes]:
        """The file in gzip format; raises in the middle when the export breaks off, which cuts the answer."""
        sent = 0
        while True:
            async with self._grown:
                await self._grown.wait_for(partial(self._more_than, sent))
            for part in self._parts[sent:]:
                sent += 1
                yield part
            if self._failure:
                raise self._failure
            if self._finished and sent == len(self._parts):
                return

    def _more_than(self, sent: int) -> bool:
        return len(self._parts) > sent or self._finished or self._failure is not None

    async def plain(self) -> AsyncIterator[bytes]:
        """The file as text."""
        decompressor = zlib.decompressobj(_GZIP)
        async for part in self.gzipped():
            yield decompressor.decompress(part)

    async def write(self, text: str, *, last: bool = False) -> None:
        """Add a part."""
        flush = zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
        async with self._grown:
            self._parts.append(self._compressor.compress(text.encode()) + self._compressor.flush(flush))
            self._finished = last
            self._grown.notify_all()

    async def fail(self, failure: DomainError) -> bool:
        """Tell those who wait that no more comes, unless the file is finished; gives whether it was not."""
        async with self._grown:
            if not self._finished:
                self._failure = failure
            self._grown.notify_all()
        return not self._finished


class _Making:
    """The files of one code system as of one set of releases."""

    def __init__(self, releases: tuple[str, ...], files: list[SitemapFile]) -> None:
        self.releases = releases
        self.files = files
        self.task: asyncio.Task[None] | None = None
        self.failed = False


class SitemapFiles:
    """The sitemap files of one site."""

    def __init__(self, origin: str, export: Export) -> None:
        """Take the site's origin and catalog's export of one code system."""
        self._origin = origin
        self._export = export
        self._kept: dict[str, _Making] = {}

    def names(self, system: catalog_pb2.CodeSystem) -> list[str]:
        """The names of a code system's files."""
        files = max(1, -(-system.pages // URLS_A_FILE))
        return [f"{system.system}-{number}" for number in range(1, files + 1)]

    def begin(self, system: catalog_pb2.CodeSystem) -> list[SitemapFile]:
        """The files of a code system, from memory; begun anew after a release or a failure."""
        releases = tuple(release.release_id for release in system.releases)
        kept = self._kept.get(system.system)
        if kept is None or kept.releases != releases or kept.failed or len(kept.files) != len(self.names(system)):
            kept = _Making(releases, [SitemapFile() for _ in self.names(system)])
            kept.task = asyncio.create_task(self._make(system.system, kept), name=f"sitemap {system.system}")
            self._kept[system.system] = kept
        return kept.files

    async def _make(self, system: str, making: _Making) -> None:
        failure: DomainError = Unavailable(
            "SITEMAP_UNFINISHED", "The sitemap could not be made: try again in a minute."
        )
        entries = self._export(system)
        try:
            first = await anext(entries, None)
            for file in making.files:
                await file.write(f'{XML}<urlset xmlns="{NAMESPACE}">\n')
            for file in making.files:
                await self._fill(file, entries, first)
                first = None
        except DomainError as error:
            failure = error
        finally:
            for file in making.files:
                making.failed |= await file.fail(failure)

    async def _fill(
        self,
        file: SitemapFile,
        entries: AsyncIterator[catalog_pb2.ExportedCode],
        first: catalog_pb2.ExportedCode | None,
    ) -> None:
        part = [self._entry(first)] if first else []
        written = 1 if first else 0
        while written < URLS_A_FILE and (exported := await anext(entries, None)) is not None:
            part.append(self._entry(exported))
            written += 1
            if len(part) == URLS_A_PART:
                await file.write("".join(part))
                part = []
                await asyncio.sleep(0)
        await file.write("".join([*part, "</urlset>\n"]), last=True)

    def _entry(self, exported: catalog_pb2.ExportedCode) -> str:
        path = ref_path(exported.ref)
        changed = exported.changed_at.ToDatetime().date().isoformat() if exported.HasField("changed_at") else ""
        modified = f"<lastmod>{changed}</lastmod>" if changed else ""
        return f"<url><loc>{escape(self._origin + path)}</loc>{modified}</url>\n"
