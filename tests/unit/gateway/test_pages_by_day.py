"""Whether data are current may change at midnight (UTC), so what was fetched yesterday is fetched again."""

from datetime import date

from codingahead.catalog.v1 import catalog_pb2

from gateway.pages import SECONDS_OF_A_DAY, PageMemory


class CountingCatalog:
    """Answers with one code, and counts."""

    def __init__(self) -> None:
        self.fetched = 0

    async def code(self, system: str, code: str, day: date | None) -> catalog_pb2.Code:  # noqa: ARG002
        """Answer; a code has the same name however it was asked for."""
        self.fetched += 1
        return catalog_pb2.Code(system=system, code=code.rstrip("X"), display_code=code)


async def test_a_page_of_yesterday_is_fetched_again_and_once() -> None:
    catalog, now = CountingCatalog(), float(20_000 * SECONDS_OF_A_DAY) - 1
    pages = PageMemory(catalog.code, public_url="", largest_bytes=1_000_000, now=lambda: now)
    yesterday = await pages.get("icd10cm", "E119")
    assert await pages.get("icd10cm", "E119") is yesterday
    now += 1
    today = await pages.get("icd10cm", "E119")
    assert today is not yesterday
    assert await pages.get("icd10cm", "E119") is today
    assert catalog.fetched == 2


async def test_a_code_asked_for_by_another_name_is_kept_under_its_own() -> None:
    catalog = CountingCatalog()
    pages = PageMemory(catalog.code, public_url="", largest_bytes=1_000_000)
    held = await pages.get("icd10cm", "E11XX")
    assert await pages.get("icd10cm", "E11") is held
    pages.drop("icd10cm", "E11")
    assert await pages.get("icd10cm", "E11") is not held


async def test_each_day_of_service_is_a_page_of_its_own_and_all_are_dropped_together() -> None:
    catalog, day = CountingCatalog(), date(2025, 10, 1)
    pages = PageMemory(catalog.code, public_url="", largest_bytes=1_000_000)
    plain, then = await pages.get("icd10cm", "E11"), await pages.get("icd10cm", "E11", day)
    assert (plain.address, then.address) == ("/codes/icd10cm/E11", "/codes/icd10cm/E11?date=2025-10-01")
    assert await pages.get("icd10cm", "E11", day) is then
    assert catalog.fetched == 2
    pages.drop("icd10cm", "E11")
    assert await pages.get("icd10cm", "E11", day) is not then
    assert await pages.get("icd10cm", "E11") is not plain


async def test_pages_of_many_days_stay_within_the_bound() -> None:
    pages = PageMemory(CountingCatalog().code, public_url="", largest_bytes=10_000)
    days = [date(2025, 1, number) for number in range(1, 29)]
    first, *_ = [await pages.get("icd10cm", "E11", day) for day in days]
    assert await pages.get("icd10cm", "E11", days[0]) is not first
    pages.drop("icd10cm", "E11")
