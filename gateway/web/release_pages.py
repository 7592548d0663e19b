"""Pages about releases: which there are, what two of them differ in (also as CSV), and the operators' way back."""

import csv
import io
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date

from codingahead.catalog.v1 import catalog_pb2, events_pb2, releases_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from gateway.catalog_releases import OPERATOR
from gateway.operators import Why
from gateway.platform import gateway_of, reader_of
from gateway.release_acts import revert, slot_of
from gateway.web.answers import page
from gateway.web.csv_cells import harmless
from shared.errors import AlreadyExists

router = APIRouter()
ON_A_PAGE = 200
CHANGES = {
    events_pb2.CODE_CHANGE_KIND_ADDED: "added",
    events_pb2.CODE_CHANGE_KIND_DELETED: "deleted",
    events_pb2.CODE_CHANGE_KIND_REVISED: "revised",
}
HEADINGS = ("change", "system", "code", "old_text", "new_text")
NO_STORE = {"Cache-Control": "no-store"}


@router.api_route("/data/releases", methods=["GET", "HEAD"])
async def releases(request: Request) -> Response:
    """All releases by kind and setting, the last to answer first."""
    found = await gateway_of(request).catalog.releases()
    values = {
        "title": "Releases | Coding Ahead",
        "description": "Every edition that is loaded here, when each answers, and what one changes against another.",
        "slots": by_slot(found),
        "operator": OPERATOR in reader_of(request).principal.roles,
        "new_request_id": lambda: secrets.token_hex(16),
    }
    return page(request, "pages/releases.html", values, canonical="/data/releases")


@router.api_route("/data/releases/compare", methods=["GET", "HEAD"])
async def choose(request: Request, old: str = "", new: str = "") -> Response:
    """Lead from the form of two releases to their comparison."""
    known = {release.release_id for release in await gateway_of(request).catalog.releases()}
    path = f"/data/releases/{old}/{new}" if {old, new} <= known else "/data/releases"
    return RedirectResponse(path, status_code=303, headers=NO_STORE)


@router.api_route("/data/releases/{old}/{new}.csv", methods=["GET", "HEAD"])
async def comparison_as_csv(request: Request, old: str, new: str, change: str = "") -> Response:
    """Everything that two releases differ in, for a spreadsheet."""
    parts = gateway_of(request).releases.differences(old, new, change, reader_of(request).principal)
    first = await anext(parts)  # what is wrong with the request is told before the answer begins
    headers = {"Content-Disposition": f'attachment; filename="{old}-{new}.csv"'} | NO_STORE
    return StreamingResponse(_as_csv(first, parts), media_type="text/csv; charset=utf-8", headers=headers)


@router.api_route("/data/releases/{old}/{new}", methods=["GET", "HEAD"])
async def comparison(request: Request, old: str, new: str, change: str = "", after: str = "") -> Response:
    """What two releases differ in, a page of it."""
    asked = releases_pb2.CompareReleasesRequest(
        old_release_id=old, new_release_id=new, change=change, page_size=ON_A_PAGE, page_token=after
    )
    found = await gateway_of(request).releases.compare(asked, reader_of(request).principal)
    values = {
        "title": f"{found.new_release.title}: {found.old_release.edition} and {found.new_release.edition}"
        " | Coding Ahead",
        "noindex": True,
        "found": found,
        "changes": CHANGES,
        "change": change,
        "path": f"/data/releases/{old}/{new}",
        "first": not after,
    }
    return page(request, "pages/release_changes.html", values)


@router.post("/operator/releases/revert")
async def revert_form(request: Request) -> Response:
    """Put a kind and setting back to a release."""
    async with request.form() as sent:
        given = {name: str(value).strip() for name, value in sent.items()}
    why = Why(given.get("principal", ""), given.get("reason", ""), given.get("request_id", ""))
    performed = await revert(request, why, given.get("release", ""))
    if performed.repeated:
        raise AlreadyExists("ACT_REPEATED", "request_id: this act was done before; nothing was changed a second time.")
    return RedirectResponse("/data/releases", status_code=303, headers=NO_STORE)


def by_slot(releases: Iterable[catalog_pb2.DataRelease]) -> Mapping[str, list[catalog_pb2.DataRelease]]:
    """Releases by kind and setting, ordered by title; within, by first day, the last one first."""
    slots: dict[str, list[catalog_pb2.DataRelease]] = {}
    for release in sorted(releases, key=_first_day, reverse=True):  # those of one day stay as they are: newest first
        slots.setdefault(slot_of(release), []).append(release)
    return dict(sorted(slots.items(), key=lambda slot: slot[1][0].title))


def _first_day(release: catalog_pb2.DataRelease) -> date:
    first = release.effective_from
    return date(first.year, first.month, first.day) if first.year else date.min


async def _as_csv(
    first: releases_pb2.CompareReleasesResponse, rest: AsyncIterator[releases_pb2.CompareReleasesResponse]
) -> AsyncIterator[str]:
    yield _rows([HEADINGS])
    yield _rows(_cells(each) for each in first.differences)
    async for part in rest:
        yield _rows(_cells(each) for each in part.differences)


def _cells(difference: releases_pb2.CodeDifference) -> tuple[str, ...]:
    code = difference.display_code
    return CHANGES[difference.change], difference.system, code, difference.old_text, difference.new_text


def _rows(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()
