"""A reader's own library, as programs and code pages meet it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest

import gateway.wiring
from gateway.accounts.deleted import DeletedAccounts
from gateway.calls import Calls
from gateway.library import favourites, folders, history_store, notes
from gateway.library.library import open_library
from shared.database import Database
from tests.integration.gateway.rooms import Rooms, until
from tests.servers.ports import free_port

PAGE, OTHER = "/codes/icd10cm/S09.0", "/codes/icd10cm/S06.0"
NOTE = "/api/v1/notes/icd10cm/S09.0"
SECRET = "Ask Dr. Invented before reporting; unspeakable-note-text"
FIRST = {"If-None-Match": "*"}


@pytest.fixture
async def ada(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """A person with an account."""
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("ada")) as client:
        yield client


@pytest.fixture
async def eve(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """Another person."""
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("eve")) as client:
        yield client


async def keep(client: httpx.AsyncClient, code: str, folder: str | None = None) -> httpx.Response:
    """Add a favourite."""
    wanted = {"system": "icd10cm", "code": code, "folder": folder}
    return await client.post("/api/v1/favourites", json=wanted, headers=Rooms.once())


async def make_folder(client: httpx.AsyncClient, name: str) -> str:
    """Make a folder and give its id."""
    made = await client.post("/api/v1/favourite-folders", json={"name": name}, headers=Rooms.once())
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def codes(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The favourites, page after page."""
    found, cursor = [], ""
    while True:
        page = (await client.get("/api/v1/favourites", params=query | {"limit": 2, "cursor": cursor})).json()
        found += [each["display_code"] for each in page["favourites"]]
        cursor = page["next_cursor"]
        if not cursor:
            return found


async def read_codes(client: httpx.AsyncClient) -> list[str]:
    """What the history lists."""
    return [each["display_code"] for each in (await client.get("/api/v1/history")).json()["readings"]]


async def test_favourites_stand_in_folders_and_in_the_order_that_their_reader_gives_them(
    ada: httpx.AsyncClient,
) -> None:
    later, now = await make_folder(ada, "Later"), await make_folder(ada, "Now")
    for code in ("S09.0", "s060xxa", "S90", "S06"):
        assert (await keep(ada, code)).status_code == 201
    assert (await keep(ada, "S06.1X7A", now)).json()["name"].startswith("Invented head wound")
    assert await codes(ada) == ["S09.0", "S06.0XXA", "S90", "S06", "S06.1X7A"]

    moved = await ada.patch("/api/v1/favourites/icd10cm/S06", json={"position": 0})
    assert (moved.json()["position"], moved.json()["folder"]) == (0, None)
    moved = await ada.patch("/api/v1/favourites/icd10cm/S90", json={"folder": now, "position": 0})
    assert (moved.json()["position"], moved.json()["folder"]) == (0, now)
    assert await codes(ada, folder=now) == ["S90", "S06.1X7A"]
    assert await codes(ada, folder="none") == ["S06", "S09.0", "S06.0XXA"]

    await ada.patch(f"/api/v1/favourite-folders/{now}", json={"position": 0, "name": "Today"})
    listed = (await ada.get("/api/v1/favourite-folders")).json()["folders"]
    assert [(each["name"], each["favourites"]) for each in listed] == [("Today", 2), ("Later", 0)]
    first = (await ada.get("/api/v1/favourite-folders", params={"limit": 1})).json()
    second = (await ada.get("/api/v1/favourite-folders", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert (first["folders"] + second["folders"], second["next_cursor"]) == (listed, "")
    assert (await ada.delete(f"/api/v1/favourite-folders/{now}")).status_code == 204
    assert await codes(ada) == ["S06", "S09.0", "S06.0XXA", "S90", "S06.1X7A"]
    assert (await ada.delete("/api/v1/favourites/icd10cm/S09.0")).status_code == 204
    assert await codes(ada, folder=later) == []


async def test_what_a_library_cannot_take_is_refused_with_the_reason(
    ada: httpx.AsyncClient, eve: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = await make_folder(ada, "Mine")
    await keep(ada, "S09.0", folder)
    again = await ada.post("/api/v1/favourite-folders", json={"name": " mine "}, headers=Rooms.once())
    refusals = [
        (await keep(ada, "S09.0"), 409, "FAVOURITE_EXISTS"),
        (await keep(ada, "S99.9"), 404, "CODE_UNKNOWN"),
        (again, 409, "FOLDER_EXISTS"),
        (await keep(eve, "S09.0", folder), 404, "FOLDER_UNKNOWN"),
        (await eve.patch(f"/api/v1/favourite-folders/{folder}", json={"name": "Hers"}), 404, "FOLDER_UNKNOWN"),
        (await eve.delete(f"/api/v1/favourite-folders/{folder}"), 404, "FOLDER_UNKNOWN"),
        (await eve.delete("/api/v1/favourites/icd10cm/S090"), 404, "FAVOURITE_UNKNOWN"),
        (await eve.get("/api/v1/favourites", params={"folder": folder}), 404, "FOLDER_UNKNOWN"),
        (await ada.get("/api/v1/favourites?cursor=WzFd"), 400, "CURSOR_MALFORMED"),
        (await ada.put(NOTE, json={"text": "a\0b"}, headers=FIRST), 400, "NOTE_INVALID"),
        (await ada.put(NOTE, json={"text": "a"}), 428, "CONDITION_MISSING"),
        (await ada.put(NOTE, json={"text": "a"}, headers={"If-Match": "*"}), 400, "CONDITION_INVALID"),
        (await eve.get(NOTE), 404, "NOTE_UNKNOWN"),
    ]
    for module, name in ((favourites, "MOST_FAVOURITES"), (folders, "MOST_FOLDERS"), (notes, "MOST_NOTES")):
        monkeypatch.setattr(module, name, 1)
    full = await ada.post("/api/v1/favourite-folders", json={"name": "One more"}, headers=Rooms.once())
    await ada.put(NOTE, json={"text": "the one note"}, headers=FIRST)
    refusals += [
        (await keep(ada, "S06"), 409, "FAVOURITES_FULL"),
        (full, 409, "FOLDERS_FULL"),
        (await ada.put("/api/v1/notes/icd10cm/S06", json={"text": "a"}, headers=FIRST), 409, "NOTES_FULL"),
    ]
    for answer, status, reason in refusals:
        assert (answer.status_code, answer.json()["reason"]) == (status, reason), answer.text
        described = await ada.get(answer.json()["type"])
        assert described.status_code == 200, reason
    assert await codes(ada) == ["S09.0"]


async def test_of_many_writes_at_once_no_limit_is_passed_and_no_note_is_lost(
    ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(favourites, "MOST_FAVOURITES", 2)
    statuses = [
        answer.status_code for answer in await asyncio.gather(*map(keep, [ada] * 4, ["S06", "S09", "S90", "S09.0"]))
    ]
    assert sorted(statuses) == [201, 201, 409, 409]
    first = await ada.put(NOTE, json={"text": "first"}, headers=FIRST)
    seen = {"If-Match": first.headers["etag"]}
    texts = [f"tab {number}" for number in range(6)]
    answers = await asyncio.gather(*(ada.put(NOTE, json={"text": text}, headers=seen) for text in texts))
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer for answer in answers if answer.status_code == 412]
    assert (len(won), len(lost)) == (1, 5)
    for answer in lost:
        present = answer.json()["note"]
        assert (answer.json()["reason"], present["text"]) == ("NOTE_CHANGED", won[0].json()["text"])
        assert present["etag"] == won[0].headers["etag"]
    repeated = await ada.put(NOTE, json={"text": won[0].json()["text"]}, headers=seen)
    assert (repeated.status_code, repeated.headers["etag"]) == (200, won[0].headers["etag"])


async def test_a_note_that_was_deleted_elsewhere_is_not_brought_back_unseen(ada: httpx.AsyncClient) -> None:
    written = await ada.put(NOTE, json={"text": "here"}, headers=FIRST)
    seen = {"If-Match": written.headers["etag"]}
    assert (await ada.delete(NOTE)).status_code == 428
    assert (await ada.delete(NOTE, headers=seen)).status_code == 204
    late = await ada.put(NOTE, json={"text": "there"}, headers=seen)
    assert (late.status_code, late.json()["note"]) == (412, None)
    assert (await ada.delete(NOTE, headers=seen)).status_code == 412
    anew = await ada.put(NOTE, json={"text": "anew"}, headers=FIRST)
    assert anew.headers["etag"] != written.headers["etag"]


async def test_code_pages_show_each_reader_the_own_layer_and_nobody_elses(
    rooms: Rooms, ada: httpx.AsyncClient, eve: httpx.AsyncClient
) -> None:
    plain = await ada.get(PAGE)
    assert "Add to favourites" in plain.text
    assert plain.headers["cache-control"] == "private, no-cache"
    folder = await make_folder(ada, "Check & report")
    await keep(ada, "S09.0", folder)
    await ada.put(NOTE, json={"text": f"{SECRET} <b>"}, headers=FIRST)
    shown = await ada.get(PAGE)
    assert f'<option value="{folder}" selected>Check &amp; report</option>' in shown.text
    assert f"{SECRET} &lt;b&gt;" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["etag"] != plain.headers["etag"]
    compressed = await ada.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert (compressed.text, compressed.headers["cache-control"]) == (shown.text, "no-store")
    assert (await ada.get(OTHER)).text.count("Check &amp; report") == 1

    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        others = [await guest.get(PAGE), await eve.get(PAGE), await eve.get("/account/library/notes")]
        others.append(await eve.get("/account/library", params={"q": "unspeakable"}))
    for other in others:
        assert other.status_code == 200
        assert SECRET not in other.text
        assert "Check &amp; report" not in other.text
    assert "own__row" not in others[0].text
    unchanged = await eve.get(PAGE, headers={"If-None-Match": others[1].headers["etag"]})
    assert unchanged.status_code == 304


async def test_a_note_is_in_no_log_and_in_no_stored_answer(
    rooms: Rooms, ada: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    written = await ada.put(NOTE, json={"text": SECRET}, headers=FIRST | Rooms.once())
    assert written.headers["cache-control"] == "no-store"
    await ada.put(NOTE, json={"text": f"{SECRET}\0"}, headers=FIRST)
    form = {"code": "icd10cm/S090", "act": "write", "text": SECRET * 100, "seen": ""}
    assert (await ada.post("/account/library/notes", data=form)).status_code == 400
    await ada.get(PAGE)
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url) as connection:
        tables = await (
            await connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).fetchall()
        for (table,) in tables:
            rows = await (await connection.execute(f"SELECT t::text FROM {table} t")).fetchall()
            assert table == "note" or not any("unspeakable" in row[0] for row in rows), table
    await rooms.stop("gateway")
    said = capfd.readouterr()
    assert "unspeakable" not in said.out + said.err


async def test_another_gateway_shows_a_new_favourite_within_a_second(rooms: Rooms, ada: httpx.AsyncClient) -> None:
    port = free_port()
    other = gateway.wiring.build(rooms.gateway_settings(port=port))
    await other.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://localhost:{port}", headers=rooms.account("ada")) as there:
            assert "Add to favourites" in (await there.get(PAGE)).text
            await keep(ada, "S09.0")
            async with asyncio.timeout(1):
                await until(there, PAGE, lambda page: "own__kept" in page.text)
    finally:
        await other.drain(2)


async def test_history_lists_what_was_read_last_once_and_first(
    rooms: Rooms, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (PAGE, OTHER, PAGE):
        await ada.get(path)
    await ada.get("/codes/icd10cm/S90", headers={"Sec-Purpose": "prefetch"})
    await ada.head("/codes/icd10cm/S06")
    await ada.get("/api/v1/codes/icd10cm/S06")
    await ada.get("/search", params={"q": "S09.0"})
    assert await read_codes(ada) == ["S09.0", "S06.0"]
    again = await ada.get(OTHER, headers={"If-None-Match": (await ada.get(OTHER)).headers["etag"]})
    assert again.status_code == 304
    history = (await ada.get("/api/v1/history?limit=1")).json()
    assert [each["display_code"] for each in history["readings"]] == ["S06.0"]
    assert [each["words"] for each in history["look_ups"]] == ["S09.0"]
    more = (await ada.get("/api/v1/history", params={"cursor": history["next_cursor"]})).json()
    assert ([each["display_code"] for each in more["readings"]], more["look_ups"]) == (["S09.0"], [])


async def test_history_is_switched_off_and_cleared(rooms: Rooms, ada: httpx.AsyncClient) -> None:
    await ada.get(PAGE)
    switched = await ada.put("/api/v1/history/recording", json={"recording": False})
    assert switched.json() == {"recording": False}
    await ada.get(OTHER)
    assert await read_codes(ada) == []  # what was noted and not written yet is not written either
    await ada.put("/api/v1/history/recording", json={"recording": True})
    await ada.get(OTHER)
    assert await read_codes(ada) == ["S06.0"]
    await ada.get(PAGE)
    assert (await ada.delete("/api/v1/history")).status_code == 204
    assert await read_codes(ada) == []
    await ada.get(PAGE)
    await rooms.stop("gateway")  # writes what is noted
    await rooms.start_gateway()
    assert await read_codes(ada) == ["S09.0"]


async def test_history_keeps_the_newest_entries_alone(
    rooms: Rooms, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_store, "MOST_READINGS", 2)
    for code in ("S06", "S09", "S09.0", "S90"):
        await ada.get(f"/codes/icd10cm/{code}")
    await read_codes(ada)
    store = history_store.HistoryStore(database := Database(rooms.gateway_url))
    await database.open()
    await store.prune(["ada"])
    await database.close()
    async with await psycopg.AsyncConnection.connect(rooms.gateway_url) as connection:
        rows = await (await connection.execute("SELECT code FROM reading ORDER BY read_at")).fetchall()
    assert [row[0] for row in rows] == ["S090", "S90"]


async def test_a_key_reads_a_library_by_its_scope_and_leaves_no_history(rooms: Rooms, ada: httpx.AsyncClient) -> None:
    await keep(ada, "S09.0")
    wanted = {"name": "mirror", "scopes": ["library:read", "codes:read"]}
    made = await ada.post("/api/v1/keys", json=wanted, headers=Rooms.once())
    async with httpx.AsyncClient(
        base_url=rooms.url, headers={"Authorization": f"Bearer {made.json()['secret']}"}
    ) as program:
        assert await codes(program) == ["S09.0"]
        assert (await keep(program, "S06")).json()["reason"] == "SCOPE_MISSING"
        assert (await program.get("/account/library")).status_code == 403
        assert "own__row" not in (await program.get(PAGE)).text
    assert await read_codes(ada) == []


async def test_a_library_is_given_out_whole_and_forgotten_whole(
    rooms: Rooms, ada: httpx.AsyncClient, eve: httpx.AsyncClient
) -> None:
    await keep(ada, "S09.0", await make_folder(ada, "Mine"))
    await keep(eve, "S06")
    await ada.put(NOTE, json={"text": SECRET}, headers=FIRST)
    await ada.get(PAGE)
    await ada.get("/search", params={"q": "S06"})
    database = Database(rooms.gateway_url)
    await database.open()
    library = open_library(database, Calls(rooms.gateway_url))
    await read_codes(ada)
    given = await library.export_of("ada")
    assert [(each["code"], each["folder"]) for each in given["favourites"]] == [("S090", "Mine")]
    assert [each["text"] for each in given["notes"]] == [SECRET]
    assert [each["code"] for each in given["history"]["readings"]] == ["S090"]
    assert [each["words"] for each in given["history"]["look_ups"]] == ["S06"]
    await ada.get(OTHER)  # noted, and not written when the account leaves
    async with database.transaction() as conn:
        await DeletedAccounts(database).add(conn, "ada")
        await library.forget(conn, "ada")
    await read_codes(ada)
    given = await library.export_of("ada")
    await database.close()
    assert given == {
        "favourite_folders": [],
        "favourites": [],
        "notes": [],
        "history": {"recording": True, "readings": [], "look_ups": []},
    }
    assert re.search("own__kept", (await ada.get(PAGE)).text) is None
    assert await codes(eve) == ["S06"]
