"""The edit checker: paste codes or lines, see what is found, change a modifier and check again. Nothing is kept.

The whole form is in the address, so that a check can be shared, kept as a bookmark and gone back to; it holds nothing
that names a patient.
"""

from codingahead.catalog.v1 import edits_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.claims_body import Defect, message_of
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import page
from gateway.web.edit_findings import KINDS, STATES, as_csv, counts, matrix, shown_findings, shown_lines
from gateway.web.edit_form import PATH, SETTINGS, EditForm
from shared.errors import InvalidInput

router = APIRouter()

CSV_PATH = "/edits/findings.csv"


@router.api_route(PATH, methods=["GET", "HEAD"])
async def edit_checker(request: Request) -> Response:
    """The form, and what was found on the claim that it makes."""
    form = EditForm.of(request.query_params)
    if not form.lines:
        return _drawn(request, form, None, [])
    checked, defects = await _checked(request, form)
    return _drawn(request, form, checked, defects)


@router.api_route(CSV_PATH, methods=["GET", "HEAD"])
async def findings_as_csv(request: Request) -> Response:
    """What was found, for a spreadsheet."""
    form = EditForm.of(request.query_params)
    checked, defects = await _checked(request, form)
    if checked is None:
        words = " ".join(defect["what"] for defect in defects) or "There is no line to check."
        raise InvalidInput("CLAIM_INVALID", words)
    headers = {"Content-Disposition": 'attachment; filename="findings.csv"', "Cache-Control": "no-store"}
    return Response(as_csv(form.lines, checked), media_type="text/csv", headers=headers)


async def _checked(request: Request, form: EditForm) -> tuple[pb.CheckedClaim | None, list[Defect]]:
    claim, defects = form.claim()
    if claim is None:
        return None, defects
    gateway = gateway_of(request)
    if request.method != "HEAD":
        gateway.room.count(reader_of(request), "edit-check")
    return await gateway.edits.one(message_of(claim)), []


def _drawn(request: Request, form: EditForm, checked: pb.CheckedClaim | None, defects: list[Defect]) -> Response:
    findings = shown_findings(checked) if checked is not None else []
    values = {
        "title": "Check claim edits | Coding Ahead",
        "description": "Checks claim lines against NCCI procedure-to-procedure edits, MUE values, add-on codes, the "
        "Medicare fee schedule and the rules of ICD-10-CM, for a day of service.",
        "here": "edits",
        "noindex": bool(form.lines),
        "form": form,
        "settings": SETTINGS,
        "checked": checked,
        "defects": defects,
        "findings": findings,
        "lines": shown_lines(form.lines, findings),
        "counts": counts(findings),
        "matrix": matrix(checked) if checked is not None else None,
        "kinds": KINDS,
        "states": STATES,
        "link": form.link(),
        "csv_link": form.link(CSV_PATH),
    }
    wrong = bool(defects or form.complaint)
    return page(request, "pages/edits.html", values, status=400 if wrong else 200, canonical=PATH)
