"""What operators do about imports, by the page and by the API alike, each act audited: ordering them, trying again.

Files go to catalog as they come. Nothing is imported of them before the order is written down in the audit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date

from codingahead.catalog.v1 import imports_pb2 as pb
from google.type.date_pb2 import Date
from starlette.requests import ClientDisconnect, Request

from gateway.audit import Act, Performed, Standing
from gateway.form_stream import Field, FileBegins, FileBytes, Part, parts_of
from gateway.http_server import MORE_TIME
from gateway.operators import LONGEST_REASON, Why
from gateway.platform import gateway_of, reader_of
from gateway.release_acts import slot_of
from shared.errors import InvalidInput

FILES = "file"
FIELDS = frozenset(
    {"form_token", "request_id", "kind", "setting", "edition", "effective_from", "effective_to", "licence_accepted",
     "reason"}
)  # fmt: skip
SAID = ("kind", "setting", "edition", "effective_from", "effective_to", "licence_accepted")
MANY = "imports"
"""What the audit calls an order of files that are recognised by their names."""
NAMES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Received:
    """A form that has come: what its fields say, and the files, which catalog has."""

    fields: Mapping[str, str]
    upload_id: str
    file_names: tuple[str, ...]


async def receive(request: Request, request_id: str = "") -> Received:
    """Take a form in, its fields first, and send its files on; `request_id` where no field of the form says it."""
    parts = parts_of(request.headers.get("content-type", ""), _pieces(request))
    fields, first = await _fields(parts)
    upload_id = request_id or fields.get("request_id", "")
    why_of(fields, MANY, upload_id)  # refused before the files come
    if first is None:
        raise InvalidInput("FILES_WRONG", f"{FILES}: choose at least one file.")
    answer = await gateway_of(request).imports.upload(_requests(upload_id, first, parts), reader_of(request).principal)
    return Received(fields, answer.upload_id, tuple(file.name for file in answer.files))


async def order(request: Request, why: Why, upload_id: str, said: Mapping[str, str]) -> Performed:
    """Order the imports of files that catalog has; gives their ids and which files belong to none."""
    operator = reader_of(request).principal
    asked = pb.BeginImportsRequest(
        request_id=f"operator-{why.request_id}",
        upload_id=upload_id,
        kind=said.get("kind", ""),
        setting=said.get("setting", ""),
        edition=said.get("edition", ""),
        effective_from=_day(said, "effective_from"),
        effective_to=_day(said, "effective_to"),
        licence_accepted=bool(said.get("licence_accepted")),
    )

    async def work() -> Standing:
        answer = await gateway_of(request).imports.begin(asked, operator)
        standing: dict[str, object] = {"imports": ", ".join(job.job_id for job in answer.jobs)}
        if answer.unknown_file_names:
            standing["left out"] = ", ".join(answer.unknown_file_names)
        return standing

    fields = {"upload": upload_id} | {name: said[name] for name in SAID if said.get(name)}
    act = Act(operator.name, _words(said), why.principal, why.reason, why.request_id, fields)
    return await gateway_of(request).audit.perform(act, await _in_force(request, said.get("kind", "")), work)


async def retry(request: Request, why: Why, job_id: str) -> Performed:
    """Have a failed import run again."""
    operator = reader_of(request).principal
    job = await gateway_of(request).imports.job(job_id, operator)
    asked = pb.RetryImportJobRequest(request_id=f"operator-{why.request_id}", job_id=job_id)

    async def work() -> Standing:
        return {"imports": (await gateway_of(request).imports.retry(asked, operator)).job_id}

    act = Act(operator.name, "try an import again", why.principal, why.reason, why.request_id, {"job": job_id})
    return await gateway_of(request).audit.perform(act, {"attempts": job.attempts}, work)


def why_of(fields: Mapping[str, str], whom: str, request_id: str) -> Why:
    """Give why an operator acts; InvalidInput names the field that is missing."""
    return Why(whom, fields.get("reason", "")[: LONGEST_REASON + 1], request_id)


def whom_of(said: Mapping[str, str]) -> str:
    """Give what the audit calls the object of an order."""
    kind, setting = said.get("kind", ""), said.get("setting", "")
    return (f"{kind}/{setting}" if setting else kind) or MANY


async def _fields(parts: AsyncIterator[Part]) -> tuple[dict[str, str], FileBegins | None]:
    """Read a form up to its first file, which is given as well."""
    fields: dict[str, str] = {}
    async for part in parts:
        if isinstance(part, FileBegins):
            _check_file(part)
            return fields, part
        if isinstance(part, Field):
            if part.name == FILES:
                raise InvalidInput("FILES_WRONG", f"{FILES}: choose at least one file; it is sent with its name.")
            if part.name not in FIELDS:
                raise InvalidInput("FIELD_UNKNOWN", f"{part.name[:40]}: there is no such field.")
            fields[part.name] = part.value.strip()
    return fields, None


async def _requests(
    upload_id: str, first: FileBegins, parts: AsyncIterator[Part]
) -> AsyncIterator[pb.UploadFilesRequest]:
    yield pb.UploadFilesRequest(request_id=upload_id)
    yield pb.UploadFilesRequest(file_name=first.name)
    async for part in parts:
        if isinstance(part, FileBytes):
            yield pb.UploadFilesRequest(chunk=part.data)
        elif isinstance(part, FileBegins):
            _check_file(part)
            yield pb.UploadFilesRequest(file_name=part.name)
        else:
            raise InvalidInput("FIELD_LATE", f"{part.name[:40]}: fields go before the files.")
    yield pb.UploadFilesRequest(whole=True)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    more_time = (request.scope.get("extensions") or {}).get(MORE_TIME)
    try:
        async for piece in request.stream():
            if more_time is not None:
                more_time()
            yield piece
    except ClientDisconnect:
        raise InvalidInput("FORM_CUT_OFF", "The form did not arrive whole: send it again.") from None


async def _in_force(request: Request, kind: str) -> Standing:
    if not kind:
        return {}
    found = [release for release in await gateway_of(request).catalog.releases(kind) if release.in_force]
    return {slot_of(release): release.edition for release in found} or {kind: "nothing"}


def _check_file(part: FileBegins) -> None:
    if part.field != FILES:
        raise InvalidInput("FIELD_UNKNOWN", f"{part.field[:40]}: files go in the field {FILES}.")


def _day(said: Mapping[str, str], field: str) -> Date | None:
    if not said.get(field):
        return None
    try:
        day = date.fromisoformat(said[field])
    except ValueError:
        raise InvalidInput("DATE_MALFORMED", f"{field}: a day as YYYY-MM-DD is expected.") from None
    return Date(year=day.year, month=day.month, day=day.day)


def _words(said: Mapping[str, str]) -> str:
    return f"import {said['kind']}" if said.get("kind") else "import files by their names"
