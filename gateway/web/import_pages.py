"""The operators' pages of imports: send files, see them imported, read what is wrong with them."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from codingahead.catalog.v1 import catalog_pb2
from codingahead.catalog.v1 import imports_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.audit import Performed
from gateway.import_acts import SAID, order, receive, retry, whom_of, why_of
from gateway.platform import gateway_of, reader_of
from gateway.release_acts import slot_of
from gateway.web.answers import page
from gateway.web.release_pages import by_slot
from shared.errors import Conflict, DomainError, FailedPrecondition, InvalidInput, QuotaExceeded

router = APIRouter()
NO_STORE = {"Cache-Control": "no-store"}
LIST = "/operator/imports"
LONGEST_LEFT_OUT = 500
STATES = {
    pb.IMPORT_STATE_WAITING: "waiting",
    pb.IMPORT_STATE_RUNNING: "running",
    pb.IMPORT_STATE_DONE: "done",
    pb.IMPORT_STATE_FAILED: "failed",
}
UNDER_WAY = frozenset({pb.IMPORT_STATE_WAITING, pb.IMPORT_STATE_RUNNING})
TOLD_IN_PLACE = (InvalidInput, FailedPrecondition, Conflict, QuotaExceeded)


@router.api_route("/operator/imports", methods=["GET", "HEAD"])
async def imports(request: Request, after: str = "", left_out: str = "") -> Response:
    """The form, and the imports that were ordered, the last first."""
    return await _drawn(request, {}, after=after, left_out=left_out[:LONGEST_LEFT_OUT])


@router.post("/operator/imports")
async def send_files(request: Request) -> Response:
    """Take files in and order their imports; what is wrong is told above the form."""
    said: Mapping[str, str] = {}
    try:
        received = await receive(request)
        said = received.fields
        why = why_of(said, whom_of(said), said["request_id"])
        performed = await order(request, why, received.upload_id, said)
    except TOLD_IN_PLACE as error:
        return await _drawn(request, said, error=error)
    return _back(performed)


@router.post("/operator/imports/order")
async def complete_order(request: Request) -> Response:
    """Complete an order whose outcome is not known, from the audit."""
    given = await _given(request)
    why = why_of(given, given.get("principal", ""), given.get("request_id", ""))
    said = {name: given[name] for name in SAID if name in given}
    return _back(await order(request, why, given.get("upload", ""), said))


@router.api_route("/operator/imports/{job_id}", methods=["GET", "HEAD"])
async def one_import(request: Request, job_id: str) -> Response:
    """One import: how far it is, its defects, its release."""
    job = await gateway_of(request).imports.job(job_id, reader_of(request).principal)
    values = {
        "title": f"Import: {job.title} | Coding Ahead",
        "noindex": True,
        "job": job,
        "states": STATES,
        "under_way": job.state in UNDER_WAY,
        "slot": f"{job.kind}/{job.setting}" if job.setting else job.kind,
        "release": await _release(request, job),
        "request_id": secrets.token_hex(16),
    }
    return page(request, "pages/import.html", values)


@router.post("/operator/imports/{job_id}/retry")
async def retry_form(request: Request, job_id: str) -> Response:
    """Have a failed import run again."""
    given = await _given(request)
    why = why_of(given, given.get("principal", ""), given.get("request_id", ""))
    await retry(request, why, job_id)
    return RedirectResponse(f"{LIST}/{job_id}", status_code=303, headers=NO_STORE)


async def _drawn(
    request: Request,
    said: Mapping[str, str],
    *,
    error: DomainError | None = None,
    after: str = "",
    left_out: str = "",
) -> Response:
    operator = reader_of(request).principal
    found = await gateway_of(request).imports.jobs(operator, page_token=after)
    values = {
        "title": "Imports | Coding Ahead",
        "noindex": True,
        "kinds": await gateway_of(request).imports.kinds(operator),
        "jobs": found.jobs,
        "next": found.next_page_token,
        "states": STATES,
        "under_way": any(job.state in UNDER_WAY for job in found.jobs),
        "said": dict.fromkeys((*SAID, "reason"), "") | dict(said),
        "error": error.message if error else "",
        "left_out": left_out,
        "request_id": secrets.token_hex(16),
    }
    return page(request, "pages/imports.html", values, status=error.http_status if error else 200)


async def _release(
    request: Request, job: pb.ImportJob
) -> tuple[catalog_pb2.DataRelease, catalog_pb2.DataRelease | None] | None:
    """The release of an import and the one before it in its slot; None while there is none."""
    if not job.release_id:
        return None
    known = await gateway_of(request).catalog.releases(job.kind)
    release = next((each for each in known if each.release_id == job.release_id), None)
    if release is None:  # pruned since
        return None
    slot = by_slot(known)[slot_of(release)]
    before = slot[slot.index(release) + 1 :]
    return release, before[0] if before else None


async def _given(request: Request) -> dict[str, str]:
    async with request.form() as sent:
        return {name: str(value).strip() for name, value in sent.items()}


def _back(performed: Performed) -> Response:
    jobs = str(performed.after.get("imports", "")).split(", ")
    left_out = str(performed.after.get("left out", ""))[:LONGEST_LEFT_OUT]
    address = f"{LIST}/{jobs[0]}" if len(jobs) == 1 and not left_out else LIST
    if left_out:
        address += "?" + urlencode({"left_out": left_out})
    return RedirectResponse(address, status_code=303, headers=NO_STORE)
