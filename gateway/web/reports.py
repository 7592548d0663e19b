"""Error reports: the form on which a reader says what is wrong, and the queue that editors work through."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import gateway_of, reader_of
from gateway.spelling import undotted
from gateway.view import SECTION_TITLES
from gateway.web.answers import page
from gateway.web.links import code_path, system_name
from shared.errors import Denied

router = APIRouter()

SHORTEST_TEXT, LONGEST_TEXT, LONGEST_EMAIL = 10, 4000, 254
EDITOR_ROLES = frozenset({"editor", "operator"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(slots=True)
class ReportForm:
    """What a reader filled in, and what is wrong with it by field."""

    system: str
    code: str
    section: str = ""
    text: str = ""
    email: str = ""
    request_id: str = ""
    defects: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> "ReportForm":
        """Read and check a sent form."""
        system, code, section, text, email, request_id = (
            str(form.get(name, "")).strip() for name in ("system", "code", "section", "text", "email", "request_id")
        )
        read = cls(system, code, section, text.replace("\r\n", "\n"), email, request_id)
        length = len(read.text)
        if length < SHORTEST_TEXT:
            read.defects["text"] = f"Say in at least {SHORTEST_TEXT} characters what is wrong."
        elif length > LONGEST_TEXT:
            read.defects["text"] = f"That is {length:,} characters; up to {LONGEST_TEXT:,} fit."
        if read.email and (len(read.email) > LONGEST_EMAIL or not _EMAIL.fullmatch(read.email)):
            read.defects["email"] = "That is not an e-mail address; leave it empty if you need no answer."
        if read.section and read.section not in SECTION_TITLES:
            read.defects["section"] = "Choose a section of the list."
        return read

    def identity(self) -> str:
        """The same for a form that is sent twice, another once its text is changed."""
        parts = (self.request_id or secrets.token_hex(16), self.system, self.code, self.section, self.text, self.email)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@router.api_route("/report-error", methods=["GET", "HEAD"])
async def report_form(request: Request, system: str = "", code: str = "") -> Response:
    """The form for one page; 404 with near codes when the page does not exist."""
    held = await gateway_of(request).pages.get(system.lower(), undotted(code))
    form = ReportForm(held.code.system, held.code.display_code, request_id=secrets.token_hex(16))
    return _drawn(request, form)


@router.post("/report-error")
async def send_report(request: Request) -> Response:
    """File a report, or show the form again with a sentence at each defect."""
    gateway = gateway_of(request)
    async with request.form() as sent:
        form = ReportForm.of(sent)
    held = await gateway.pages.get(form.system.lower(), undotted(form.code))
    form.system, form.code = held.code.system, held.code.display_code
    if form.defects:
        return _drawn(request, form)
    reader = reader_of(request)
    report = catalog_pb2.ReportErrorRequest(
        request_id=form.identity(),
        system=held.code.system,
        code=held.code.code,
        section=form.section,
        text=form.text,
        email=form.email,
    )
    await gateway.catalog.report_error(report, gateway.readers.token(reader))
    address = f"/report-error/thanks?system={held.code.system}&code={held.code.display_code}"
    return RedirectResponse(address, status_code=303)


@router.api_route("/report-error/thanks", methods=["GET", "HEAD"])
async def thanks(request: Request, system: str = "", code: str = "") -> Response:
    """Thank a reader and lead back to the page."""
    held = await gateway_of(request).pages.get(system.lower(), undotted(code))
    values = {
        "title": "Thank you | Coding Ahead",
        "noindex": True,
        "name": f"{system_name(held.code.system)} {held.code.display_code}",
        "path": code_path(held.code.system, held.code.display_code),
    }
    return page(request, "pages/report_thanks.html", values)


def _drawn(request: Request, form: ReportForm) -> Response:
    values = {
        "title": f"Report an error on {system_name(form.system)} {form.code} | Coding Ahead",
        "noindex": True,
        "form": form,
        "name": f"{system_name(form.system)} {form.code}",
        "path": code_path(form.system, form.code),
        "sections": SECTION_TITLES,
        "longest_text": LONGEST_TEXT,
    }
    return page(request, "pages/report_error.html", values, status=400 if form.defects else 200)


@router.api_route("/editor/reports", methods=["GET", "HEAD"])
async def queue(request: Request, after: str = "", resolved: bool = False) -> Response:
    """The editors' queue."""
    token = _editor_token(request)
    asked = catalog_pb2.ListErrorReportsRequest(include_resolved=resolved, page_size=50, page_token=after)
    answer = await gateway_of(request).catalog.error_reports(asked, token)
    values = {
        "title": "Error reports | Coding Ahead",
        "noindex": True,
        "reports": answer.reports,
        "next_page": answer.next_page_token,
        "resolved": resolved,
        "section_titles": SECTION_TITLES,
    }
    return page(request, "pages/report_queue.html", values)


@router.post("/editor/reports/{report_id}")
async def resolve(report_id: str, request: Request) -> Response:
    """Close a report with what was done."""
    token = _editor_token(request)
    async with request.form() as sent:
        resolution = str(sent.get("resolution", "")).strip()
    asked = catalog_pb2.ResolveErrorReportRequest(report_id=report_id, resolution=resolution)
    await gateway_of(request).catalog.resolve_error_report(asked, token)
    return RedirectResponse("/editor/reports", status_code=303)


def _editor_token(request: Request) -> str:
    reader = reader_of(request)
    if not EDITOR_ROLES & reader.principal.roles:
        raise Denied("EDITORS_ONLY", "The queue of error reports is open to editors and operators only.")
    return gateway_of(request).readers.token(reader)
