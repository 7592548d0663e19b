"""The page memory: bounded, fetched once, and never stale after an event."""

import asyncio
from dataclasses import replace
from datetime import date

from codingahead.catalog.v1 import catalog_pb2

from gateway.pages import PageMemory
from gateway.view import SECTIONS, OfficialText, PageView, SectionView, Tier, Visibility

VIEW = PageView(
    Tier.FREE, granted=True, sections=tuple(SectionView(s, Visibility.FULL) for s in SECTIONS),
    official_text=OfficialText.SHOWN, policy_version=1,
)  # fmt: skip


class Catalog:
    """Codes that change, and a fetch that can be held."""

    def __init__(self) -> None:
        self.text = "first"
        self.fetched = 0
        self.held: asyncio.Event | None = None

    async def code(self, system: str, code: str, day: date | None) -> catalog_pb2.Code:  # noqa: ARG002
        self.fetched += 1
        text = self.text
        if self.held is not None:
            await self.held.wait()
        return catalog_pb2.Code(system=system, code=code, display_code=code, heading=catalog_pb2.Heading(text=text))


def memory(catalog: Catalog, largest: int = 10_000_000) -> PageMemory:
    return PageMemory(catalog.code, public_url="http://localhost", largest_bytes=largest)


async def test_many_readers_of_one_code_fetch_it_once() -> None:
    catalog = Catalog()
    catalog.held = asyncio.Event()
    pages = memory(catalog)
    readers = [asyncio.create_task(pages.get("icd10cm", "E119")) for _ in range(20)]
    await asyncio.sleep(0)
    catalog.held.set()
    held = await asyncio.gather(*readers)
    assert catalog.fetched == 1
    assert all(one is held[0] for one in held)


async def test_a_code_that_changed_while_it_was_fetched_is_not_kept() -> None:
    catalog = Catalog()
    catalog.held = asyncio.Event()
    pages = memory(catalog)
    early = asyncio.create_task(pages.get("icd10cm", "E119"))
    while not catalog.fetched:  # noqa: ASYNC110 - one turn of the loop
        await asyncio.sleep(0)
    pages.drop("icd10cm", "E119")
    catalog.text = "second"
    catalog.held.set()
    assert (await early).code.heading.text == "first"
    assert (await pages.get("icd10cm", "E119")).code.heading.text == "second"


async def test_a_view_is_drawn_once_and_again_after_a_drop() -> None:
    pages = memory(Catalog())
    held = await pages.get("icd10cm", "E119")
    assert pages.draw(held, VIEW) is pages.draw(held, VIEW)
    pages.drop_all()
    assert await pages.get("icd10cm", "E119") is not held


async def test_the_memory_stays_within_its_bound() -> None:
    catalog = Catalog()
    pages = memory(catalog, largest=60_000)
    for number in range(50):
        pages.draw(await pages.get("icd10cm", f"A{number:02}"), VIEW)
    before = catalog.fetched
    await pages.get("icd10cm", "A49")
    assert catalog.fetched == before, "the newest is kept"
    await pages.get("icd10cm", "A00")
    assert catalog.fetched == before + 1, "the oldest made room"


async def test_the_tag_of_a_page_tells_views_apart_even_where_they_look_alike() -> None:
    pages = memory(Catalog())
    held = await pages.get("icd10cm", "E119")
    views = (VIEW, replace(VIEW, policy_version=2), replace(VIEW, tier=Tier.PRO), replace(VIEW, granted=False))
    tags = [pages.draw(held, view).tag for view in views]
    assert len(set(tags)) == len(views)
