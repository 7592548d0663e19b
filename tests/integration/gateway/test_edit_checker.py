"""The page that checks claim edits: paste, findings, a changed modifier, the link, CSV, and what is wrong."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import date

import httpx
import pytest

from shared.database import Database
from tests.integration.catalog.payment_tables import publish_mue, publish_ptp
from tests.integration.gateway.rooms import Rooms

PASTED = "CPT\tUnits\tMod\tDx\n11055\t1\tT1\tL84\n11720\t2\t\tL84, E11.9\n"
DAY = "2024-07-15"


@pytest.fixture
async def client(rooms: Rooms) -> httpx.AsyncClient:
    """A browser of a guest, on a platform with two edits."""
    database = Database(rooms.catalog_url)
    await database.open()
    await publish_ptp(database, [("11055", "11720", date(2020, 1, 1), None, "1"), ("11055", "36000", None, None, "0")])
    await publish_mue(database, [("11720", 1, 2), ("11055", 2, 3)])
    await database.close()
    return httpx.AsyncClient(base_url=rooms.url)


def main_of(page: httpx.Response) -> str:
    """What stands between header and footer, unescaped."""
    return html.unescape(page.text.split("<main", 1)[1].split("</main>", 1)[0])


async def test_lines_of_a_spreadsheet_are_checked_and_a_changed_modifier_resolves_the_pair(
    client: httpx.AsyncClient,
) -> None:
    empty = await client.get("/edits")
    assert empty.status_code == 200
    page = await client.get("/edits", params={"paste": PASTED, "date": DAY, "setting": "practitioner"})
    assert page.status_code == 200
    for words in (
        "11720, is denied beside 11055",
        "2 units on 2024-07-15",
        "not loaded",
        "Rows are denied beside columns",
    ):
        assert words in main_of(page), words
    assert 'value="L84, E11.9"' in page.text
    rows = {"code": ["11055", "11720", "36000"], "units": ["1", "1", "1"], "mods": ["T1", "59", ""], "drop": "2"}
    again = await client.get("/edits", params={**rows, "ptr": ["", "", ""], "from": "", "to": "", "date": DAY})
    assert "59 on line 2 sets it aside" in main_of(again)
    assert "is denied" not in main_of(again)
    assert "36000" not in main_of(again)


async def test_the_link_leads_to_the_same_check_and_the_findings_come_as_csv(client: httpx.AsyncClient) -> None:
    page = await client.get(
        "/edits",
        params={
            "paste": PASTED + "36000\t1\t59\t\n",
            "date": DAY,
            "sex": "male",
            "age": "70",
            "pos": "22",
            "payer": "Acme",
        },
    )
    assert "The payer is Acme" in main_of(page)
    link = html.unescape(re.search(r'href="(/edits\?[^"]+)"', page.text)[1])  # type: ignore[index]
    assert main_of(await client.get(link)) == main_of(page)
    sheet = html.unescape(re.search(r'href="(/edits/findings.csv\?[^"]+)"', page.text)[1])  # type: ignore[index]
    answer = await client.get(sheet)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert ("2", "11720", "denied", "1") in {(r["line"], r["code"], r["outcome"], r["indicator"]) for r in rows}
    assert ("3", "36000", "denied", "0") in {(r["line"], r["code"], r["outcome"], r["indicator"]) for r in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_what_is_wrong_is_told_on_the_page_and_what_was_typed_stays(client: httpx.AsyncClient) -> None:
    page = await client.get("/edits", params={"lines": "11720*0;11055-ABC", "date": "2024-02-31"})
    assert page.status_code == 400
    assert "line 1, units" in page.text
    assert "line 2, modifiers" in page.text
    assert 'value="ABC"' in page.text
    odd = await client.get("/edits", params={"paste": "<script>alert(1)</script> 99213", "dx": '"><img src=x>'})
    assert "<script>alert" not in odd.text
    assert "<img src=x>" not in odd.text
    assert (await client.get("/edits/findings.csv")).status_code == 400


async def test_an_odd_line_of_a_link_is_shown_and_not_checked(client: httpx.AsyncClient) -> None:
    page = await client.get("/edits", params={"lines": "=1+1;99213"})
    assert page.status_code == 200
    sheet = await client.get("/edits/findings.csv", params={"lines": "=1+1;99213"})
    assert '"\'=1+1"' in sheet.text.upper()
