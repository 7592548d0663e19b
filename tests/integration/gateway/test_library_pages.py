"""The forms of a reader's own library in a browser with a session: what they do, and what two tabs do to each other."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from tests.integration.gateway.people import SignInRooms, browser, form_fields, own, register, sign_in, sign_in_rooms

PAGE = "/codes/icd10cm/S09.0"
FAVOURITES, NOTES, LIBRARY = "/account/library/favourites", "/account/library/notes", "/account/library"


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="li-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as rooms:
            yield rooms


@pytest.fixture
async def person(site: SignInRooms) -> AsyncIterator[httpx.AsyncClient]:
    """A person who has registered."""
    async with browser(site) as somebody:
        await register(somebody, "ada@example.org")
        yield somebody


async def send(person: httpx.AsyncClient, page: str, action: str, **filled: str) -> httpx.Response:
    """Send the first form of a page to an address, filled in."""
    address, hidden = form_fields(page, action)
    return await person.post(address, data=hidden | filled, headers=own(person))


async def write_note(person: httpx.AsyncClient, page: str, text: str) -> httpx.Response:
    """Send the note's form of a code page."""
    return await send(person, page, NOTES, act="write", text=text)


async def test_a_code_page_adds_a_favourite_in_a_new_folder_and_takes_it_out(person: httpx.AsyncClient) -> None:
    page = (await person.get(PAGE)).text
    kept = await send(person, page, FAVOURITES, act="keep", new_folder="To check")
    assert (kept.url.path, "own__kept" in kept.text) == (PAGE, True)
    library = await person.get(LIBRARY)
    assert "Invented scratch" in library.text
    assert '<span class="badge badge--folder">To check</span>' in library.text
    assert library.headers["cache-control"] == "no-store"
    found = await person.get(LIBRARY, params={"q": "scratch"})
    assert "S09.0" in found.text
    gone = await send(person, kept.text, FAVOURITES, act="remove")
    assert "Add to favourites" in gone.text


async def test_the_library_moves_marked_ones_and_changes_their_order_and_folders(person: httpx.AsyncClient) -> None:
    for code in ("S09.0", "S06.0", "S90"):
        await send(person, (await person.get(f"/codes/icd10cm/{code}")).text, FAVOURITES, act="keep")
    made = await send(person, (await person.get(LIBRARY)).text, "/account/library/folders", name="Heads")
    folder = made.url.params["folder"]
    library = (await person.get(LIBRARY)).text
    address, hidden = form_fields(library, "order")
    await person.post(address, data=hidden | {"act": "up:icd10cm/S90"}, headers=own(person))
    library = (await person.get(LIBRARY)).text
    assert library.index("/codes/icd10cm/S90") < library.index("/codes/icd10cm/S06.0")
    marked = hidden | {"act": "move", "folder": folder, "code": ["icd10cm/S090", "icd10cm/S060"]}
    await person.post(address, data=marked, headers=own(person))
    heads = (await person.get(LIBRARY, params={"folder": folder})).text
    assert "/codes/icd10cm/S09.0" in heads
    assert "/codes/icd10cm/S90" not in heads
    renamed = await send(person, heads, f"folders/{folder}", act="rename", name="Skulls & heads")
    assert "Favourites in “Skulls &amp; heads”" in renamed.text
    await send(person, heads, f"folders/{folder}", act="remove")
    everything = (await person.get(LIBRARY)).text
    assert "Skulls" not in everything
    assert everything.count('class="library-list__line"') == 3


async def test_of_two_tabs_the_second_sees_both_texts_and_decides(person: httpx.AsyncClient) -> None:
    tab = (await person.get(PAGE)).text
    first = await write_note(person, tab, "text of the first tab")
    assert "text of the first tab" in first.text
    second = await write_note(person, tab, "text of the second tab")
    assert second.status_code == 412
    assert "text of the first tab" in second.text
    assert "text of the second tab" in second.text
    assert second.headers["cache-control"] == "no-store"
    decided = await send(person, second.text, NOTES, act="write", text="text of both tabs")
    assert (decided.url.path, "text of both tabs" in decided.text) == (PAGE, True)
    deleted = await send(person, decided.text, NOTES, act="delete", text="")
    assert "Write a private note" in deleted.text


async def test_a_note_that_cannot_be_saved_comes_back_whole(person: httpx.AsyncClient) -> None:
    page = (await person.get(PAGE)).text
    refused = await write_note(person, page, "<i>" + "x" * 4000)
    assert refused.status_code == 400
    assert "up to 4,000 fit" in refused.text
    assert "&lt;i&gt;" + "x" * 4000 in refused.text
    saved = await send(person, refused.text, NOTES, act="write", text="shorter")
    assert "shorter" in saved.text


async def test_the_history_is_switched_off_and_cleared_on_its_page(person: httpx.AsyncClient) -> None:
    await person.get(PAGE)
    await person.get("/search", params={"q": "nothing like it"})
    history = (await person.get("/account/library/history")).text
    assert "Invented scratch" in history
    assert "nothing like it" in history
    switched = await send(person, history, "/account/library/history", act="off")
    assert "Nothing is recorded." in switched.text
    cleared = await send(person, switched.text, "/account/library/history", act="clear")
    assert "Invented scratch" not in cleared.text


async def test_a_kept_page_goes_on_for_its_session_alone_and_foreign_forms_are_refused(
    site: SignInRooms, person: httpx.AsyncClient
) -> None:
    page = await person.get(PAGE)
    tag = {"If-None-Match": page.headers["etag"]}
    assert (await person.get(PAGE, headers=tag)).status_code == 304
    address, hidden = form_fields(page.text, FAVOURITES)
    for broken in ({**hidden, "form_token": "x" * 86}, {k: v for k, v in hidden.items() if k != "form_token"}):
        assert (await person.post(address, data=broken, headers=own(person))).status_code == 403
    foreign = await person.post(address, data=hidden, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    async with browser(site) as elsewhere:
        await sign_in(elsewhere, "ada@example.org")
        assert (await elsewhere.get(PAGE, headers=tag)).status_code == 200
        assert (await elsewhere.post(address, data=hidden, headers=own(elsewhere))).status_code == 403
    assert "own__kept" not in (await person.get(PAGE)).text


async def test_a_guest_is_led_to_the_sign_in_and_sees_no_panel(site: SignInRooms) -> None:
    async with browser(site) as guest:
        assert "own__row" not in (await guest.get(PAGE)).text
        assert (await guest.get(LIBRARY)).url.path.startswith("/realms/")
        refused = await guest.post(NOTES, data={"code": "icd10cm/S090", "text": "x"}, headers=own(guest))
        assert refused.status_code == 401
