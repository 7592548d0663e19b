"""The API of private notes. A write names the text it takes the place of, so that no two programs overwrite another."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response

from gateway.api.library_models import (
    Key,
    Limit,
    NoteAnswer,
    NoteList,
    NoteWanted,
    etag_of,
    note_values,
)
from gateway.api.paging import Cursor
from gateway.api.problem_answers import problem_answer
from gateway.library import paging
from gateway.library.named import named
from gateway.library.notes import NoteChanged
from gateway.library.records import Note
from gateway.library.rules import MOST_NOTES, CodeKey
from gateway.platform import gateway_of, reader_of
from gateway.problems import problem
from shared.errors import DomainError, InvalidInput

router = APIRouter(prefix="/api/v1/notes", tags=["Library"])
_MATCH = "The etag of the text that was read; needed, but for a first text."
IfMatch = Annotated[str | None, Header(description=_MATCH, max_length=30)]
IfNoneMatch = Annotated[str | None, Header(description="`*` for a first text: there must be none yet.", max_length=30)]
CONDITIONS = problem_answer(HTTPStatus.PRECONDITION_FAILED) | problem_answer(HTTPStatus.PRECONDITION_REQUIRED)


class ConditionMissing(DomainError):
    """A write of a note does not say which text it takes the place of."""

    http_status = HTTPStatus.PRECONDITION_REQUIRED


async def seen_revision(if_match: IfMatch = None, if_none_match: IfNoneMatch = None) -> int | None:
    """The revision that a caller has seen; None where he says that there is none."""
    if if_match is None and if_none_match is None:
        raise ConditionMissing(
            "CONDITION_MISSING",
            "If-Match: send the etag of the text that you read, or If-None-Match: * for a first text.",
        )
    if if_match is None and if_none_match is not None:
        if if_none_match.strip() != "*":
            raise InvalidInput("CONDITION_INVALID", "If-None-Match: * is meant, or If-Match with the etag of the note.")
        return None
    tag = (if_match or "").strip().strip('"')
    if not tag.isascii() or not tag.isdecimal() or len(tag) > 18:
        raise InvalidInput("CONDITION_INVALID", "If-Match: this is no etag of a note; send it as it was given.")
    return int(tag)


async def read_revision(if_match: IfMatch = None) -> int:
    """The revision that a caller has read."""
    seen = await seen_revision(if_match)
    assert seen is not None  # noqa: S101 - only If-None-Match says that there is no text
    return seen


@router.head("", response_model=NoteList, include_in_schema=False)
@router.get("", response_model=NoteList, summary="The notes")
async def list_notes(request: Request, response: Response, limit: Limit = 100, cursor: Cursor = "") -> dict[str, Any]:
    """List the own notes in order of system and code."""
    response.headers["Cache-Control"] = "no-store"
    gateway, account = gateway_of(request), reader_of(request).principal.id
    listed = await paging.notes(gateway.library.notes, account, cursor=cursor, limit=limit)
    names = await named(gateway.catalog, [note.key for note in listed.entries])
    return {"notes": [note_values(note, names) for note in listed.entries], "next_cursor": listed.next_cursor}


@router.head("/{system}/{code}", response_model=NoteAnswer, include_in_schema=False)
@router.get("/{system}/{code}", response_model=NoteAnswer, summary="The note on a code")
async def one_note(request: Request, response: Response, key: Key) -> dict[str, Any]:
    """Give the own note on a code."""
    note = await gateway_of(request).library.notes.of(reader_of(request).principal.id, key)
    return await _answer(request, response, note)


@router.put(
    "/{system}/{code}",
    response_model=NoteAnswer,
    responses=CONDITIONS,
    summary=f"Write a note; up to {MOST_NOTES:,} notes",
)
async def write_note(
    request: Request,
    response: Response,
    key: Key,
    wanted: NoteWanted,
    seen: Annotated[int | None, Depends(seen_revision)],
) -> Any:
    """Write the note on a code. 412 when another text stands there than was read; the member `note` gives it."""
    gateway, account = gateway_of(request), reader_of(request).principal.id
    if seen is None:
        found = (await gateway.pages.get(*key)).code
        key = CodeKey(found.system, found.code)
    try:
        note = await gateway.library.notes.write(account, key, wanted.text, seen=seen)
    except NoteChanged as changed:
        return await _changed(request, changed)
    return await _answer(request, response, note)


@router.delete(
    "/{system}/{code}", status_code=HTTPStatus.NO_CONTENT, responses=CONDITIONS, summary="Delete the note on a code"
)
async def delete_note(request: Request, key: Key, seen: Annotated[int, Depends(read_revision)]) -> Response:
    """Delete a note that was read. 412 when another text stands there by now."""
    try:
        await gateway_of(request).library.notes.remove(reader_of(request).principal.id, key, seen=seen)
    except NoteChanged as changed:
        return await _changed(request, changed)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _answer(request: Request, response: Response, note: Note) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = etag_of(note)
    return note_values(note, await named(gateway_of(request).catalog, [note.key]))


async def _changed(request: Request, changed: NoteChanged) -> Response:
    """The problem of a note that is another by now, with its present text; null when it is gone."""
    present = None
    if changed.present is not None:
        names = await named(gateway_of(request).catalog, [changed.present.key])
        present = NoteAnswer.model_validate(note_values(changed.present, names)).model_dump(mode="json")
    return problem(changed.http_status, changed.reason, changed.message, members={"note": present})
