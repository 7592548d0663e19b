"""The forms of a reader's own library, on code pages and on the library's pages: star, folders, history."""

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.library.rules import CodeKey, key_of
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import local_path
from gateway.web.library import NO_STORE

router = APIRouter()
FAVOURITES, HISTORY = "/account/library", "/account/library/history"


@router.post("/account/library/favourites")
async def favourite(request: Request) -> Response:
    """Keep a code among the favourites, in a folder that may be new, or take it out."""
    library, account = gateway_of(request).library, reader_of(request).principal.id
    async with request.form() as sent:
        key, back = key_named(text_of(sent, "code")), local_path(text_of(sent, "next"))
        act, folder, new_folder = text_of(sent, "act"), text_of(sent, "folder"), text_of(sent, "new_folder")
    if act == "remove":
        await library.favourites.remove(account, [key])
    else:
        await library.favourites.keep(account, await existing(request, key), folder or None, new_folder.strip())
    return to(f"{back}#own" if back else FAVOURITES)


@router.post("/account/library/favourites/order")
async def order(request: Request) -> Response:
    """Move marked favourites to a folder, take them out, or move one up or down."""
    store, account = gateway_of(request).library.favourites, reader_of(request).principal.id
    async with request.form() as sent:
        marked = [key_named(str(code)) for code in sent.getlist("code")]
        act, _, name = text_of(sent, "act").partition(":")
        position, folder = text_of(sent, f"position:{name}"), text_of(sent, "folder")
        back = local_path(text_of(sent, "next"))
    if act in ("up", "down"):
        place = int(position) if position.isascii() and position.isdecimal() and len(position) < 6 else 0
        await store.place(account, key_named(name), max(0, place + (1 if act == "down" else -1)))
    elif act == "remove":
        await store.remove(account, marked)
    else:
        await store.move(account, marked, folder or None)
    return to(back or FAVOURITES)


@router.post("/account/library/folders")
async def make_folder(request: Request) -> Response:
    """Make a folder."""
    async with request.form() as sent:
        name = text_of(sent, "name")
    made = await gateway_of(request).library.folders.make(reader_of(request).principal.id, name)
    return to(f"{FAVOURITES}?folder={made.folder.id}")


@router.post("/account/library/folders/{folder_id}")
async def change_folder(folder_id: str, request: Request) -> Response:
    """Rename a folder, move it up, or remove it."""
    folders, account = gateway_of(request).library.folders, reader_of(request).principal.id
    async with request.form() as sent:
        act, name = text_of(sent, "act"), text_of(sent, "name")
    if act == "remove":
        await folders.remove(account, folder_id)
        return to(FAVOURITES)
    if act == "up":
        place = next((each.position for each in await folders.of(account) if each.folder.id == folder_id), 0)
        await folders.move(account, folder_id, max(0, place - 1))
    else:
        await folders.rename(account, folder_id, name)
    return to(f"{FAVOURITES}?folder={folder_id}")


@router.post("/account/library/history")
async def history(request: Request) -> Response:
    """Clear the history, or switch its recording on or off."""
    library, account = gateway_of(request).library, reader_of(request).principal.id
    async with request.form() as sent:
        act = text_of(sent, "act")
    if act == "clear":
        await library.history.store.clear(account, datetime.now(UTC))
    elif act in ("on", "off"):
        await library.history.store.choose(account, recording=act == "on")
    return to(HISTORY)


async def existing(request: Request, key: CodeKey) -> CodeKey:
    """The key of a code that has a page; NotFound with what is near otherwise."""
    held = await gateway_of(request).pages.get(*key)
    return CodeKey(held.code.system, held.code.code)


def key_named(name: str) -> CodeKey:
    """The key that a form names as "system/code"."""
    system, _, code = name.partition("/")
    return key_of(system, code)


def text_of(sent: FormData, name: str) -> str:
    """A field of a form; empty when it is not there."""
    return str(sent.get(name, ""))


def to(path: str) -> Response:
    """Lead on after a write."""
    return RedirectResponse(path, status_code=303, headers=NO_STORE)
