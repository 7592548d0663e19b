"""What a page says on a date of service: the edition of that day, whether the code is valid, and its history."""

from datetime import date

from codingahead.catalog.v1 import catalog_pb2 as pb
from google.type.date_pb2 import Date

from services.catalog.imports.run import import_file
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.unit.catalog.small_tabular import SMALL, written

BEFORE = "icd10cm-tabular-October-1-2024.xml"
OLDER = (
    SMALL.replace("<version>2026</version>", "<version>2025</version>")
    .replace("<desc>Invented scratch</desc>", "<desc>Invented scrape</desc>")
    .replace(
        "<diag><name>S90</name>",
        "<diag><name>S91</name><desc>Invented fork</desc></diag><diag><name>S90</name>",
    )
)
"""The list of the fiscal year before: a title is another one, and a code is there that was deleted since."""
NEWER = SMALL.replace(
    "<diag><name>S90</name>", "<diag><name>S92</name><desc>Invented knife</desc></diag><diag><name>S90</name>"
)
OCTOBER = date(2025, 10, 1)


async def page(catalog: Catalog, code: str, day: date | None = None) -> pb.Code:
    """Ask for a page on a day."""
    asked = Date(year=day.year, month=day.month, day=day.day) if day else None
    request = pb.GetCodeRequest(system="icd10cm", code=code, date=asked)
    return (await invoke(catalog.stub.GetCode, request, timeout=10, token=catalog.token())).code


async def two_editions(catalog: Catalog) -> None:
    """Import FY 2025 and FY 2026, in the order in which an operator would not."""
    for name, text in (("icd10cm-tabular-October-1-2025.xml", NEWER), (BEFORE, OLDER)):
        path = written(catalog.folder, text, name)
        await import_file(catalog.database, "icd10cm-tabular", [path], imported_by="tester", clock=catalog.clock)


def days(status: pb.CodeStatus) -> tuple[str, ...]:
    """First and last day of a status."""
    first, last = (
        f"{day.year}-{day.month}-{day.day}" if day.year else "" for day in (status.first_day, status.last_day)
    )
    return first, last


async def test_the_edition_of_the_day_answers(catalog: Catalog) -> None:
    await two_editions(catalog)
    for day, title in (
        (None, "Invented scratch"),
        (OCTOBER, "Invented scratch"),
        (date(2025, 9, 30), "Invented scrape"),
    ):
        found = await page(catalog, "S09.0", day)
        assert found.official.text == title
        assert found.status.validity == pb.VALIDITY_VALID
    assert found.status.sentence == "Valid on September 30, 2025, by ICD-10-CM FY 2025, October 1, 2024."
    assert [release.edition for release in found.releases] == ["FY 2025, October 1, 2024"]


async def test_a_deleted_code_is_shown_with_its_last_day(catalog: Catalog) -> None:
    await two_editions(catalog)
    gone = await page(catalog, "S91")
    assert gone.official.text == "Invented fork"
    assert gone.status.validity == pb.VALIDITY_NOT_VALID
    assert days(gone.status) == ("", "2025-9-30")
    assert "its last day was September 30, 2025" in gone.status.sentence
    assert (await page(catalog, "S91", date(2025, 9, 30))).status.validity == pb.VALIDITY_VALID


async def test_a_code_that_is_yet_to_come_says_its_first_day(catalog: Catalog) -> None:
    await two_editions(catalog)
    knife = await page(catalog, "S92", date(2025, 9, 30))
    assert knife.status.validity == pb.VALIDITY_NOT_VALID
    assert days(knife.status) == ("2025-10-1", "")
    assert "its first day is October 1, 2025" in knife.status.sentence


async def test_before_the_oldest_edition_a_page_says_that_it_does_not_know(catalog: Catalog) -> None:
    await two_editions(catalog)
    early = await page(catalog, "S09.0", date(2024, 9, 30))
    assert early.status.validity == pb.VALIDITY_UNKNOWN
    assert "the oldest, FY 2025, October 1, 2024, begins on October 1, 2024" in early.status.sentence
    assert early.official.text == "Invented scrape"


async def test_the_history_of_a_code_goes_through_the_editions_newest_first(catalog: Catalog) -> None:
    await two_editions(catalog)
    history = (await page(catalog, "S09.0")).coverage.history
    assert [(event.date.year, event.event.text) for event in history] == [
        (2025, "Title revised from “Invented scrape” to “Invented scratch”.")
    ]
    assert (await page(catalog, "S92")).coverage.history[0].event.text == "Added."
    assert (await page(catalog, "S91")).coverage.history[0].event.text.startswith("Deleted")


async def test_an_edition_that_is_yet_to_begin_does_not_answer_today(catalog: Catalog) -> None:
    path = written(
        catalog.folder, OLDER.replace("2025</version>", "2026</version>"), "icd10cm-tabular-April-1-2026.xml"
    )
    await import_file(catalog.database, "icd10cm-tabular", [path], imported_by="tester", clock=catalog.clock)
    ahead = SMALL.replace("<version>2026</version>", "<version>2027</version>")
    path = written(catalog.folder, ahead, "icd10cm-tabular-October-1-2026.xml")
    await import_file(catalog.database, "icd10cm-tabular", [path], imported_by="tester", clock=catalog.clock)
    assert (await page(catalog, "S09.0")).official.text == "Invented scrape"
    assert (await page(catalog, "S09.0", date(2026, 10, 1))).official.text == "Invented scratch"
    assert days((await page(catalog, "S91")).status) == ("", "2026-9-30")
