"""The pages of a reader's own library: favourites by folder, notes, history, and what a search in them finds."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.library import paging
from gateway.library.favourites import LOOSE
from gateway.library.named import named
from gateway.library.rules import LONGEST_FOLDER_NAME, LONGEST_NOTE, MOST_READINGS
from gateway.library.searching import LONGEST_WORDS, search
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import page

router = APIRouter()
ON_A_PAGE = 50
NO_STORE = {"Cache-Control": "no-store"}


@router.api_route("/account/library", methods=["GET", "HEAD"])
async def favourites(request: Request, folder: str = "", after: str = "", q: str = "") -> Response:
    """The favourites, of one folder or of all; or what a search finds."""
    if q.strip():
        return await _found(request, q)
    library, account = gateway_of(request).library, reader_of(request).principal.id
    listed = await paging.favourites(library.favourites, account, folder=folder or None, cursor=after, limit=ON_A_PAGE)
    folders = await library.folders.of(account)
    values = {
        "favourites": listed.entries,
        "next_cursor": listed.next_cursor,
        "folders": folders,
        "chosen": folder,
        "chosen_name": next((each.folder.name for each in folders if each.folder.id == folder), ""),
        "loose": LOOSE,
        "names": await named(gateway_of(request).catalog, [each.key for each in listed.entries]),
        "longest_name": LONGEST_FOLDER_NAME,
    }
    return drawn(request, "favourites", values)


@router.api_route("/account/library/notes", methods=["GET", "HEAD"])
async def notes(request: Request, after: str = "") -> Response:
    """The notes, by code."""
    library, account = gateway_of(request).library, reader_of(request).principal.id
    listed = await paging.notes(library.notes, account, cursor=after, limit=ON_A_PAGE)
    values = {
        "notes": listed.entries,
        "next_cursor": listed.next_cursor,
        "names": await named(gateway_of(request).catalog, [note.key for note in listed.entries]),
        "longest_note": LONGEST_NOTE,
    }
    return drawn(request, "notes", values)


@router.api_route("/account/library/history", methods=["GET", "HEAD"])
async def history(request: Request, after: str = "") -> Response:
    """What was read and looked up, and the switch."""
    gateway, account = gateway_of(request), reader_of(request).principal.id
    await gateway.library.history.write()
    store = gateway.library.history.store
    listed = await paging.readings(store, account, cursor=after, limit=ON_A_PAGE)
    values = {
        "readings": listed.entries,
        "next_cursor": listed.next_cursor,
        "look_ups": await store.look_ups(account) if not after else (),
        "recording": await store.recording(account),
        "names": await named(gateway.catalog, [each.key for each in listed.entries]),
        "most_readings": MOST_READINGS,
    }
    return drawn(request, "history", values)


async def _found(request: Request, words: str) -> Response:
    gateway = gateway_of(request)
    await gateway.library.history.write()
    found = await search(gateway.library, gateway.catalog, reader_of(request).principal.id, words)
    return drawn(request, "found", {"words": words.strip()[:LONGEST_WORDS], "found": found, "names": found.names})


def drawn(request: Request, part: str, values: dict[str, object], *, status: int = 200) -> Response:
    """A page of the library; nothing of it is kept by the browser."""
    fixed = {"title": "Your library | Coding Ahead", "noindex": True, "part": part, "words": ""}
    answer = page(request, f"library/{part}.html", fixed | values, status=status)
    answer.headers.update(NO_STORE)
    del answer.headers["etag"]
    return answer
