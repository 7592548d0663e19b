"""The API of the history of reading: what was read and looked up on the site."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.library_models import (
    HistoryAnswer,
    HistoryChoice,
    Limit,
    look_up_values,
    reading_values,
)
from gateway.api.paging import Cursor
from gateway.library import paging
from gateway.library.named import named
from gateway.library.rules import KEPT_DAYS, MOST_LOOK_UPS, MOST_READINGS
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1/history", tags=["Library"])


@router.head("", response_model=HistoryAnswer, include_in_schema=False)
@router.get(
    "",
    response_model=HistoryAnswer,
    summary="What was read and looked up",
    description=f"The newest {MOST_READINGS:,} pages and {MOST_LOOK_UPS} look-ups of {KEPT_DAYS} days.",
)
async def read_history(request: Request, response: Response, limit: Limit = 100, cursor: Cursor = "") -> dict[str, Any]:
    """List what was read on the site, the last first; calls of programs are not in it."""
    response.headers["Cache-Control"] = "no-store"
    gateway, account = gateway_of(request), reader_of(request).principal.id
    await gateway.library.history.write()
    store = gateway.library.history.store
    listed = await paging.readings(store, account, cursor=cursor, limit=limit)
    names = await named(gateway.catalog, [each.key for each in listed.entries])
    return {
        "recording": await store.recording(account),
        "readings": [reading_values(each, names) for each in listed.entries],
        "look_ups": [] if cursor else [look_up_values(each) for each in await store.look_ups(account)],
        "next_cursor": listed.next_cursor,
    }


@router.delete("", status_code=HTTPStatus.NO_CONTENT, summary="Clear the history")
async def clear_history(request: Request) -> Response:
    """Remove everything that was read and looked up."""
    store = gateway_of(request).library.history.store
    await store.clear(reader_of(request).principal.id, datetime.now(UTC))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.put("/recording", response_model=HistoryChoice, summary="Switch the history on or off")
async def choose_recording(request: Request, response: Response, wanted: HistoryChoice) -> dict[str, Any]:
    """Say whether what is read and looked up is recorded; what is there stays until it is cleared."""
    response.headers["Cache-Control"] = "no-store"
    store = gateway_of(request).library.history.store
    await store.choose(reader_of(request).principal.id, recording=wanted.recording)
    return {"recording": wanted.recording}
