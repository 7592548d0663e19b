"""Readers see the releases and what one changes against another; operators put one back, and it is audited."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.cursors import to_cursor
from tests.integration.gateway.rooms import Rooms, until
from tests.unit.catalog.small_tabular import SMALL

CHANGED = SMALL.replace("Invented spoon", "=Invented fork").replace(
    "<diag><name>S09.0</name><desc>Invented scratch</desc></diag>",
    "<diag><name>S09.1</name><desc>Invented itch</desc></diag>",
)


@pytest.fixture
async def reader(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """A guest of a site with two editions of the Tabular List."""
    await rooms.import_tabular(CHANGED)
    async with httpx.AsyncClient(base_url=rooms.url, timeout=20) as client:
        yield client


async def ids(reader: httpx.AsyncClient) -> tuple[str, str]:
    """The old release and the new one."""
    listed = (await reader.get("/api/v1/releases", params={"kind": "icd10cm-tabular"})).json()["releases"]
    assert [release["in_force"] for release in listed] == [True, False]
    return listed[1]["release_id"], listed[0]["release_id"]


async def test_the_api_lists_releases_page_by_page(reader: httpx.AsyncClient) -> None:
    every = (await reader.get("/api/v1/releases")).json()
    assert every["next_cursor"] == ""
    seen: list[object] = []
    cursor = ""
    while len(seen) < len(every["releases"]):
        page = (await reader.get("/api/v1/releases", params={"limit": 1, "cursor": cursor})).json()
        assert len(page["releases"]) == 1
        seen, cursor = [*seen, *page["releases"]], page["next_cursor"]
    assert (seen, cursor) == (every["releases"], "")
    for wrong in ("made-up", to_cursor("no release"), to_cursor(3)):
        answer = await reader.get("/api/v1/releases", params={"cursor": wrong})
        assert (answer.status_code, answer.json()["reason"]) == (400, "CURSOR_MALFORMED")


async def test_the_api_pages_through_what_a_release_changes(reader: httpx.AsyncClient) -> None:
    old, new = await ids(reader)
    path = f"/api/v1/releases/{old}/changes/{new}"
    first = (await reader.get(path, params={"limit": 2})).json()
    assert (first["added"], first["deleted"], first["revised"]) == (1, 1, 1)
    rest = (await reader.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [
        (each["change"], each["display_code"], each["old_text"], each["new_text"])
        for each in (*first["differences"], *rest["differences"])
    ] == [
        ("deleted", "S09.0", "Invented scratch", ""),
        ("added", "S09.1", "", "Invented itch"),
        ("revised", "S90", "Invented spoon", "=Invented fork"),
    ]
    assert rest["next_cursor"] == ""
    wrong = await reader.get(path, params={"cursor": "made-up"})
    assert (wrong.status_code, wrong.json()["detail"][:7]) == (400, "cursor:")
    assert (await reader.get(f"/api/v1/releases/{old}/changes/none")).status_code == 404


async def test_pages_lead_from_the_releases_to_their_difference_and_its_csv(reader: httpx.AsyncClient) -> None:
    old, new = await ids(reader)
    releases = (await reader.get("/data/releases")).text
    assert f'href="/data/releases/{old}/{new}"' in releases
    assert "no longer" in releases
    assert "Put back" not in releases
    led = await reader.get("/data/releases/compare", params={"old": old, "new": new})
    assert led.headers["location"] == f"/data/releases/{old}/{new}"
    page = (await reader.get(led.headers["location"], params={"change": "revised"})).text
    assert "1 added, 1 deleted, 1 revised" in page
    assert "=Invented fork" in page
    assert "S09.1" not in page
    answer = await reader.get(f"/data/releases/{old}/{new}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["change", "system", "code", "old_text", "new_text"]
    assert ["revised", "icd10cm", "S90", "Invented spoon", "'=Invented fork"] in rows
    assert len(rows) == 4


async def test_an_operator_puts_a_release_back_once_with_a_reason_and_pages_follow(
    rooms: Rooms, reader: httpx.AsyncClient
) -> None:
    old, _ = await ids(reader)
    assert "=Invented fork" in (await reader.get("/codes/icd10cm/S90")).text
    token = rooms.keys.access_token("ops", ("operator",), rooms.url)
    async with httpx.AsyncClient(
        base_url=rooms.url, timeout=20, headers={"Authorization": f"Bearer {token}"}
    ) as operator:
        page = (await operator.get("/data/releases")).text
        assert re.search(rf'name="release" value="{old}"', page)
        form = {
            "principal": "icd10cm-tabular", "release": old, "reason": "a wrong edition",
            "request_id": secrets.token_hex(16),
        }  # fmt: skip
        assert (await operator.post("/operator/releases/revert", data=form | {"reason": ""})).status_code == 400
        assert (await operator.post("/operator/releases/revert", data=form)).status_code == 303
        again = await operator.post("/operator/releases/revert", data=form)
        assert again.status_code == 409
        audit = (await operator.get("/api/v1/operator/acts")).json()["acts"]
    assert [(act["act"], act["principal"], act["after"]["release"]) for act in audit] == [
        ("put back to FY 2026, April 1, 2026", "icd10cm-tabular", old)
    ]
    await until(reader, "/codes/icd10cm/S90", lambda answer: "Invented spoon" in answer.text)
    refused = await reader.post("/operator/releases/revert", data={}, headers={"Origin": rooms.url})
    assert refused.status_code == 401
