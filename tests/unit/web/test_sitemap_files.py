"""The files of the sitemap: of allowed size, written while they are made, and never half a file that looks whole."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from codingahead.catalog.v1 import catalog_pb2

from gateway.web import sitemap_files
from gateway.web.sitemap_files import SitemapFile, SitemapFiles
from shared.errors import Unavailable

ORIGIN = "https://codes.example"


def code_system(pages: int, release: str = "one") -> catalog_pb2.CodeSystem:
    """A code system with so many pages."""
    system = catalog_pb2.CodeSystem(system="icd10cm", pages=pages)
    system.releases.add(release_id=release)
    return system


def exported(number: int) -> catalog_pb2.ExportedCode:
    """One code of an export."""
    code = catalog_pb2.ExportedCode(
        ref=catalog_pb2.CodeRef(system="icd10cm", code=f"A{number:05}", display_code=f"A{number:05}", has_page=True)
    )
    code.changed_at.FromJsonString("2026-04-01T08:00:00Z")
    return code


class Export:
    """An export of so many codes, which may stop in between or break off."""

    def __init__(self, codes: int, *, breaks_at: int = -1, waits_at: int = -1) -> None:
        self.codes, self.breaks_at, self.waits_at = codes, breaks_at, waits_at
        self.begun = 0
        self.go_on = asyncio.Event()

    async def __call__(self, _system: str) -> AsyncIterator[catalog_pb2.ExportedCode]:
        self.begun += 1
        for number in range(self.codes):
            if number == self.breaks_at:
                raise Unavailable("CATALOG_AWAY", "Catalog is away.")
            if number == self.waits_at:
                await self.go_on.wait()
            yield exported(number)


async def text(file: SitemapFile) -> str:
    """A whole file."""
    return b"".join([part async for part in file.plain()]).decode()


def locations(xml: str) -> list[str]:
    """The addresses in a file."""
    return re.findall(r"<loc>(.*?)</loc>", xml)


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files small enough to fill."""
    monkeypatch.setattr(sitemap_files, "URLS_A_FILE", 1000)
    monkeypatch.setattr(sitemap_files, "URLS_A_PART", 100)


@pytest.mark.parametrize("codes", [0, 1, 999, 1000, 1001, 2500])
async def test_every_code_stands_once_and_no_file_is_over_the_limit(codes: int) -> None:
    files = SitemapFiles(ORIGIN, Export(codes))
    system = code_system(codes)
    made = [locations(await text(file)) for file in files.begin(system)]
    assert len(made) == len(files.names(system)) == max(1, (codes + 999) // 1000)
    assert all(len(file) <= 1000 for file in made)
    every = [url for file in made for url in file]
    assert len(every) == codes
    assert all(before < after for before, after in pairwise(every))
    assert all(url.startswith(f"{ORIGIN}/codes/icd10cm/A") for url in every)


async def test_a_reader_gets_what_is_made_before_the_export_ends() -> None:
    export = Export(500, waits_at=250)
    files = SitemapFiles(ORIGIN, export)
    (file,) = files.begin(code_system(500))
    await file.begun()
    came = ""
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    parts = file.gzipped()
    while len(locations(came)) < 200:
        came += decompressor.decompress(await anext(parts)).decode()
    assert not export.go_on.is_set()
    export.go_on.set()
    async for part in parts:
        came += decompressor.decompress(part).decode()
    assert len(locations(came)) == 500
    assert came.endswith("</urlset>\n")


async def test_a_release_makes_the_files_anew_and_nothing_else_does() -> None:
    export = Export(10)
    files = SitemapFiles(ORIGIN, export)
    for system in (code_system(10), code_system(10), code_system(10, release="two")):
        for file in files.begin(system):
            await text(file)
    assert export.begun == 2


async def test_an_export_that_cannot_begin_is_said_before_anything_is_sent_and_tried_again() -> None:
    export = Export(10, breaks_at=0)
    files = SitemapFiles(ORIGIN, export)
    (file,) = files.begin(code_system(10))
    with pytest.raises(Unavailable, match="Catalog is away"):
        await file.begun()
    export.breaks_at = -1
    (file,) = files.begin(code_system(10))
    assert len(locations(await text(file))) == 10


async def test_an_export_that_breaks_off_cuts_the_file_instead_of_ending_it() -> None:
    files = SitemapFiles(ORIGIN, Export(500, breaks_at=250))
    (file,) = files.begin(code_system(500))
    came: list[bytes] = []

    async def read() -> None:
        async for part in file.plain():
            came.append(part)  # noqa: PERF401 - what came before the end is looked at

    with pytest.raises(Unavailable):
        await read()
    assert len(locations(b"".join(came).decode())) >= 200
    assert b"</urlset>" not in b"".join(came)
