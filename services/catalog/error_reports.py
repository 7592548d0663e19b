"""Readers' reports of errors on a page: filed by anybody once, read and closed by editors and operators."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from codingahead.catalog.v1 import catalog_pb2 as pb

from services.catalog import cursors
from services.catalog.pages.parts import Refs
from services.catalog.records import CodeRecord, Key, Library
from services.catalog.systems import system_of, undotted
from shared.clock import Clock
from shared.errors import FailedPrecondition, InvalidInput, NotFound

SECTIONS = ("official", "common", "guidelines", "documentation", "billing", "edits", "fees", "crosswalks", "coverage")
SHORTEST, LONGEST = 10, 4_000
LONGEST_EMAIL = 254
LARGEST_PAGE = 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Report:
    """A report in the queue; `number` is its place."""

    id: str
    number: int
    system: str
    code: str
    section: str
    text: str
    email: str
    filed_at: datetime
    resolved_at: datetime | None
    resolution: str
    resolved_by: str


class Reports(Protocol):
    """Where reports are kept."""

    async def file(self, request_id: str, fingerprint: bytes, report: Report, filed_by: str) -> str:
        """Keep a report once for its request id, and give the id it got the first time."""
        ...

    async def queue(self, after: int, limit: int, *, include_resolved: bool) -> list[Report]:
        """Give reports in order of filing, from behind a number."""
        ...

    async def resolve(self, report_id: str, resolution: str, by: str, now: datetime) -> Report | None:
        """Close a report unless it is closed, and give it as it is then; None when there is none."""
        ...


class ErrorReports:
    """The queue of reports."""

    def __init__(self, reports: Reports, library: Library, clock: Clock) -> None:
        """Take where reports are kept, where codes are read from, and the clock."""
        self._reports = reports
        self._library = library
        self._clock = clock

    async def file(self, request: pb.ReportErrorRequest, filed_by: str) -> pb.ReportErrorResponse:
        """File a report; a repeat of a request id gives the first answer.

        Raises:
            InvalidInput: section, text or e-mail are not right.
            NotFound: the code has no page.
            Conflict: the request id was used for another report.

        """
        system, code = system_of(request.system).id, undotted(request.code)
        text, email = request.text.strip(), request.email.strip()
        _check(request.section, text, email)
        if not await self._records([(system, code)]):
            raise NotFound("CODE_UNKNOWN", f"code: there is no page of {code} to report an error on.")
        report = Report("", 0, system, code, request.section, text, email, self._clock.now(), None, "", "")
        fingerprint = request.SerializeToString(deterministic=True)
        return pb.ReportErrorResponse(
            report_id=await self._reports.file(request.request_id, fingerprint, report, filed_by)
        )

    async def queue(self, request: pb.ListErrorReportsRequest) -> pb.ListErrorReportsResponse:
        """A page of the queue, oldest first."""
        size = cursors.page_size(request.page_size, largest=LARGEST_PAGE)
        after = 0
        if request.page_token:
            after = int(cursors.from_token(request.page_token, int)[0])
            if not 0 <= after < 2**63:
                raise cursors.malformed()
        reports = await self._reports.queue(after, size + 1, include_resolved=request.include_resolved)
        known = await self._records([(report.system, report.code) for report in reports])
        return pb.ListErrorReportsResponse(
            reports=[_message(report, known) for report in reports[:size]],
            next_page_token=cursors.to_token(reports[size - 1].number) if len(reports) > size else "",
        )

    async def resolve(self, request: pb.ResolveErrorReportRequest, by: str) -> pb.ResolveErrorReportResponse:
        """Close a report; closing it again in the same words changes nothing.

        Raises:
            InvalidInput: nothing is said of what was done.
            NotFound: there is no such report.
            FailedPrecondition: it was closed before with other words.

        """
        resolution = request.resolution.strip()
        if not 1 <= len(resolution) <= LONGEST:
            raise InvalidInput("RESOLUTION_WRONG", f"resolution: say what was done, in 1 to {LONGEST:,} characters.")
        report = await self._reports.resolve(request.report_id, resolution, by, self._clock.now())
        if report is None:
            raise NotFound("REPORT_UNKNOWN", "report_id: there is no such report.")
        if (report.resolution, report.resolved_by) != (resolution, by):
            raise FailedPrecondition("REPORT_RESOLVED", f"The report was closed before, by {report.resolved_by}.")
        return pb.ResolveErrorReportResponse(
            report=_message(report, await self._records([(report.system, report.code)]))
        )

    async def _records(self, keys: list[Key]) -> dict[Key, CodeRecord]:
        releases = await self._library.releases_in_force()
        return await self._library.records([release.id for release in releases.values()], list(dict.fromkeys(keys)))


def _check(section: str, text: str, email: str) -> None:
    if section and section not in SECTIONS:
        raise InvalidInput("SECTION_UNKNOWN", f"section: expected is one of {', '.join(SECTIONS)}, or nothing.")
    if not SHORTEST <= len(text) <= LONGEST or "\0" in text:
        raise InvalidInput("TEXT_WRONG", f"text: say what is wrong in {SHORTEST} to {LONGEST:,} characters.")
    if email and (len(email) > LONGEST_EMAIL or "\0" in email or not _EMAIL.fullmatch(email)):
        raise InvalidInput("EMAIL_WRONG", "email: this is no e-mail address; leave it empty for no answer.")


def _message(report: Report, known: dict[Key, CodeRecord]) -> pb.ErrorReport:
    message = pb.ErrorReport(
        report_id=report.id,
        code=Refs(known).of(report.system, report.code),
        section=report.section,
        text=report.text,
        email=report.email,
        resolution=report.resolution,
        resolved_by=report.resolved_by,
    )
    message.filed_at.FromDatetime(report.filed_at.astimezone(UTC))
    if report.resolved_at is not None:
        message.resolved_at.FromDatetime(report.resolved_at.astimezone(UTC))
    return message
