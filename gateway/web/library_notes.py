"""The form of a note, on code pages and in the library. What cannot be saved comes back whole."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from gateway.library.named import named
from gateway.library.notes import NoteChanged, Notes
from gateway.library.records import Note
from gateway.library.rules import LONGEST_NOTE, CodeKey
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import local_path
from gateway.web.library import drawn
from gateway.web.library_forms import existing, key_named, text_of, to
from shared.errors import FailedPrecondition, InvalidInput

router = APIRouter()
DEFECTS = frozenset({"NOTE_INVALID", "NOTES_FULL"})


@dataclass(frozen=True, slots=True)
class NoteForm:
    """A note as it was sent."""

    key: CodeKey
    act: str
    text: str
    seen: int | None
    """The revision that the form was drawn with; None where there was no note."""
    back: str

    @classmethod
    def of(cls, sent: FormData) -> NoteForm:
        """Read a sent form."""
        seen = text_of(sent, "seen")
        revision = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 19 else None
        key, back = key_named(text_of(sent, "code")), local_path(text_of(sent, "next"))
        return cls(key, text_of(sent, "act"), text_of(sent, "text"), revision, back)


@router.post("/account/library/notes")
async def note(request: Request) -> Response:
    """Write or delete a note."""
    async with request.form() as sent:
        form = NoteForm.of(sent)
    if form.seen is None:
        await existing(request, form.key)
    try:
        await _save(gateway_of(request).library.notes, reader_of(request).principal.id, form)
    except NoteChanged as changed:
        return await _not_saved(request, form, changed, changed.present)
    except (InvalidInput, FailedPrecondition) as defect:
        if defect.reason not in DEFECTS:
            raise
        return await _not_saved(request, form, defect)
    return to(f"{form.back}#own" if form.back else "/account/library/notes")


async def _save(notes: Notes, account: str, form: NoteForm) -> None:
    if form.act != "delete":
        await notes.write(account, form.key, form.text, seen=form.seen)
    elif form.seen is not None:
        await notes.remove(account, form.key, seen=form.seen)


async def _not_saved(
    request: Request, form: NoteForm, why: NoteChanged | InvalidInput | FailedPrecondition, present: Note | None = None
) -> Response:
    """What was typed, with why it was not saved; saving it again takes the place of what stands there now."""
    seen = form.seen if not isinstance(why, NoteChanged) else present.revision if present else None
    names = await named(gateway_of(request).catalog, [form.key])
    values = {
        "ref": names[form.key],
        "name": f"{form.key.system}/{form.key.code}",
        "sentence": why.message,
        "text": form.text,
        "present": present,
        "seen": seen,
        "back": form.back,
        "longest_note": LONGEST_NOTE,
    }
    changed = isinstance(why, NoteChanged)
    status = HTTPStatus.PRECONDITION_FAILED if changed else HTTPStatus.BAD_REQUEST
    return drawn(request, "note_not_saved", values, status=int(status))
