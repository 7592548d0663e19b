"""The page of one code's procedure-to-procedure edits: all of them, by setting and column, checked against a code."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import gateway_of, reader_of
from gateway.ptp_edits import EditQuery, Setting, edits_of
from gateway.spelling import undotted
from gateway.web import links
from gateway.web.answers import page
from shared.errors import InvalidInput

router = APIRouter()

_PAGE_SIZE = 100
_WORDS = {
    Setting.PRACTITIONER: "Practitioners and ambulatory surgical centers",
    Setting.OUTPATIENT: "Outpatient hospitals",
}
_COLUMNS = {"": "either column", "1": "column 1, paid", "2": "column 2, denied"}


@router.api_route("/edits/{system}/{code}", methods=["GET", "HEAD"])
async def code_edits(system: str, code: str, request: Request) -> Response:
    """The edits of a code, a page at a time; a form narrows them to a setting, a column and another code."""
    asked = request.query_params
    setting, column = _setting(asked.get("setting", "")), _column(asked.get("column", ""))
    canonical = links.edits_path(system.lower(), undotted(code))
    if request.url.path != canonical:
        asked_so = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(canonical + asked_so, status_code=308)
    query = EditQuery(
        system, code, setting, int(column or 0), asked.get("with", ""), asked.get("date", ""), _PAGE_SIZE,
        asked.get("after", ""),
    )  # fmt: skip
    found = await edits_of(gateway_of(request).catalog, query, {"page_token": "after", "with_code": "with"})
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    kept = {"setting": setting.value, "column": column, "with": query.with_code.strip().upper(), "date": query.date}
    said = urlencode({name: value for name, value in kept.items() if value})
    shown = undotted(code)
    values = {
        "title": f"NCCI edits of {shown} | Coding Ahead",
        "description": f"NCCI edits of {links.system_name(system)} {shown}, by setting and column.",
        "here": "edits",
        "noindex": bool(request.url.query),
        "system": system,
        "code": shown,
        "found": found,
        "kept": kept,
        "settings": {each.value: _WORDS[each] for each in Setting},
        "columns": _COLUMNS,
        "first": not query.cursor,
        "start": f"{canonical}?{said}",
        "more": f"{canonical}?{said}&after={found.next_page_token}" if found.next_page_token else "",
    }
    return page(request, "pages/code_edits.html", values, canonical=canonical)


def _setting(text: str) -> Setting:
    try:
        return Setting(text or Setting.PRACTITIONER)
    except ValueError:
        raise InvalidInput(
            "SETTING_WRONG", "setting: practitioner or outpatient is expected.", metadata={"field": "setting"}
        ) from None


def _column(text: str) -> str:
    if text not in _COLUMNS:
        raise InvalidInput(
            "COLUMN_WRONG", "column: 1 or 2 is expected, or nothing for both.", metadata={"field": "column"}
        )
    return text
