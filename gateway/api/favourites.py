"""The API of favourites and their folders."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.api.library_models import (
    FavouriteAnswer,
    FavouriteChange,
    FavouriteList,
    FavouriteWanted,
    FolderAnswer,
    FolderChange,
    FolderId,
    FolderList,
    FolderWanted,
    Key,
    Limit,
    favourite_values,
    folder_values,
)
from gateway.api.paging import Cursor
from gateway.idempotency import needed
from gateway.library import paging
from gateway.library.favourites import LOOSE
from gateway.library.named import named
from gateway.library.records import Favourite
from gateway.library.rules import MOST_FAVOURITES, MOST_FOLDERS, CodeKey, key_of
from gateway.platform import gateway_of, reader_of
from shared.errors import NotFound

router = APIRouter(prefix="/api/v1", tags=["Library"])
Folder = Annotated[
    str | None,
    Query(pattern=rf"^(fld_[0-9a-f]{{16}}|{LOOSE})$", description=f"Those of one folder; {LOOSE}: in no folder."),
]


@router.head("/favourites", response_model=FavouriteList, include_in_schema=False)
@router.get("/favourites", response_model=FavouriteList, summary="The favourites")
async def list_favourites(
    request: Request, response: Response, folder: Folder = None, limit: Limit = 100, cursor: Cursor = ""
) -> dict[str, Any]:
    """List favourite codes, folder by folder, in the reader's order."""
    response.headers["Cache-Control"] = "no-store"
    gateway, account = gateway_of(request), reader_of(request).principal.id
    listed = await paging.favourites(gateway.library.favourites, account, folder=folder, cursor=cursor, limit=limit)
    names = await named(gateway.catalog, [each.key for each in listed.entries])
    return {
        "favourites": [favourite_values(each, names) for each in listed.entries],
        "next_cursor": listed.next_cursor,
    }


@router.post(
    "/favourites",
    response_model=FavouriteAnswer,
    status_code=HTTPStatus.CREATED,
    summary=f"Keep a code; up to {MOST_FAVOURITES:,} favourites",
    dependencies=[Depends(needed)],
)
async def add_favourite(request: Request, response: Response, wanted: FavouriteWanted) -> dict[str, Any]:
    """Add a code at the end of a folder, or of those in none."""
    response.headers["Cache-Control"] = "no-store"
    gateway, account = gateway_of(request), reader_of(request).principal.id
    code = (await gateway.pages.get(*key_of(wanted.system, wanted.code))).code
    added = await gateway.library.favourites.add(account, CodeKey(code.system, code.code), wanted.folder)
    return await _answer(request, added)


@router.patch("/favourites/{system}/{code}", response_model=FavouriteAnswer, summary="Move a favourite")
async def move_favourite(request: Request, response: Response, key: Key, wanted: FavouriteChange) -> dict[str, Any]:
    """Put a favourite into another folder, at its end, or to a place in its folder."""
    response.headers["Cache-Control"] = "no-store"
    store, account = gateway_of(request).library.favourites, reader_of(request).principal.id
    favourite = await store.one(account, key)
    if "folder" in wanted.model_fields_set:
        await store.move(account, [key], wanted.folder)
        favourite = await store.one(account, key)
    if wanted.position is not None:
        favourite = await store.place(account, key, wanted.position)
    return await _answer(request, favourite)


@router.delete("/favourites/{system}/{code}", status_code=HTTPStatus.NO_CONTENT, summary="Take a code out")
async def remove_favourite(request: Request, key: Key) -> Response:
    """Take a code out of the favourites."""
    store, account = gateway_of(request).library.favourites, reader_of(request).principal.id
    if not await store.remove(account, [key]):
        raise NotFound("FAVOURITE_UNKNOWN", f"{key.system} {key.code} is no favourite of this account.")
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.head("/favourite-folders", response_model=FolderList, include_in_schema=False)
@router.get("/favourite-folders", response_model=FolderList, summary="The folders of favourites")
async def list_folders(request: Request, response: Response, limit: Limit = 100, cursor: Cursor = "") -> dict[str, Any]:
    """List the folders in the reader's order."""
    response.headers["Cache-Control"] = "no-store"
    store, account = gateway_of(request).library.folders, reader_of(request).principal.id
    listed = await paging.folders(store, account, cursor=cursor, limit=limit)
    return {"folders": [folder_values(each) for each in listed.entries], "next_cursor": listed.next_cursor}


@router.post(
    "/favourite-folders",
    response_model=FolderAnswer,
    status_code=HTTPStatus.CREATED,
    summary=f"Make a folder; up to {MOST_FOLDERS}",
    dependencies=[Depends(needed)],
)
async def make_folder(request: Request, response: Response, wanted: FolderWanted) -> dict[str, Any]:
    """Make a folder at the end of the list."""
    response.headers["Cache-Control"] = "no-store"
    return folder_values(await gateway_of(request).library.folders.make(reader_of(request).principal.id, wanted.name))


@router.patch("/favourite-folders/{folder_id}", response_model=FolderAnswer, summary="Rename or move a folder")
async def change_folder(
    request: Request, response: Response, folder_id: FolderId, wanted: FolderChange
) -> dict[str, Any]:
    """Give a folder another name or another place."""
    response.headers["Cache-Control"] = "no-store"
    folders, account = gateway_of(request).library.folders, reader_of(request).principal.id
    changed = await folders.one(account, folder_id)
    if wanted.name is not None:
        changed = await folders.rename(account, folder_id, wanted.name)
    if wanted.position is not None:
        changed = await folders.move(account, folder_id, wanted.position)
    return folder_values(changed)


@router.delete("/favourite-folders/{folder_id}", status_code=HTTPStatus.NO_CONTENT, summary="Remove a folder")
async def remove_folder(request: Request, folder_id: FolderId) -> Response:
    """Remove a folder; what is in it stays a favourite, in no folder."""
    await gateway_of(request).library.folders.remove(reader_of(request).principal.id, folder_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _answer(request: Request, favourite: Favourite) -> dict[str, Any]:
    return favourite_values(favourite, await named(gateway_of(request).catalog, [favourite.key]))
