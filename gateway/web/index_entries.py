"""The page of all index entries that lead to an ICD-10-CM code."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.index_entries import entries_of
from gateway.platform import gateway_of, reader_of
from gateway.spelling import undotted
from gateway.web import links
from gateway.web.answers import page

router = APIRouter()
_PAGE_SIZE = 200


@router.api_route("/index-entries/icd10cm/{code}", methods=["GET", "HEAD"])
async def index_entries(code: str, request: Request) -> Response:
    """The entries, a page at a time."""
    asked = request.query_params
    canonical = links.index_entries_path(undotted(code))
    if request.url.path != canonical:
        asked_so = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(canonical + asked_so, status_code=308)
    after, date = asked.get("after", ""), asked.get("date", "")
    found = await entries_of(
        gateway_of(request).catalog, code, date, limit=_PAGE_SIZE, cursor=after, names={"page_token": "after"}
    )
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    display = links.dotted_diagnosis(undotted(code))
    kept = {"date": date} if date else {}
    more = urlencode({**kept, "after": found.next_page_token})
    values = {
        "title": f"Index entries of {display} | Coding Ahead",
        "description": f"Terms of the ICD-10-CM indexes and tables that lead to {display}.",
        "here": "browse",
        "noindex": bool(request.url.query),
        "code": undotted(code),
        "display": display,
        "found": found,
        "first": not after,
        "start": f"{canonical}?{urlencode(kept)}" if kept else canonical,
        "more": f"{canonical}?{more}" if found.next_page_token else "",
    }
    return page(request, "pages/index_entries.html", values, canonical=canonical)
