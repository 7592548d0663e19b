"""Readers' reports of errors on a page: filed by anybody once, read and closed by editors and operators."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.catalog import answers, cursors
from services.catalog.holdings import holdings
from services.catalog.pages.parts import Refs
from services.catalog.records import CodeRecord, Key, Library
from services.catalog.systems import SYSTEMS, system_of, undotted
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


@dataclass(frozen=True, slots=True)
class Filing:
    """What a reader says is wrong, as it came in."""

    system: str
    code: str
    section: str
    text: str
    email: str


class Reports(Protocol):
    """Where reports are kept."""

    async def file(self, request_id: str, report: Report, filed_by: str) -> str:
        """Keep a report once for its request id, and give the id it got the first time; Conflict for another report."""
        ...

    async def queue(self, after: int, limit: int, *, include_resolved: bool) -> list[Report]:
        """Give reports in order of filing, from behind a number."""
        ...

    async def filed_by(self, reader: str, after: int, limit: int) -> list[Report]:
        """Give the reports of one reader, resolved ones too, in order of filing, from behind a number."""
        ...

    async def forget_address(self, request_id: str, email: str, caller: str) -> int:
        """Take an address out of every report, once for a request id, and give the number of reports."""
        ...

    async def resolve(self, request_id: str, report_id: str, resolution: str, by: str, now: datetime) -> Report | None:
        """Close a report unless it is closed, and give it as it is then; None when there is none.

        A repeat of a request id changes nothing and gives the report as it is; with another report, other words or
        another caller it is a Conflict.
        """
        ...


class ErrorReports:
    """The queue of reports."""

    def __init__(self, reports: Reports, library: Library, clock: Clock) -> None:
        """Take where reports are kept, where codes are read from, and the clock."""
        self._reports = reports
        self._library = library
        self._clock = clock

    async def file(self, request_id: str, filing: Filing, filed_by: str) -> str:
        """File a report and give its id; a repeat of a request id gives the first answer.

        Raises:
            InvalidInput: section, text or e-mail are not right.
            NotFound: the code has no page.
            Conflict: the request id was used for another report.

        """
        system, code = system_of(filing.system).id, undotted(filing.code)
        text, email = filing.text.strip(), filing.email.strip()
        _check(filing.section, text, email)
        if not await self._records([(system, code)]):
            raise NotFound("CODE_UNKNOWN", f"code: there is no page of {code} to report an error on.")
        report = Report("", 0, system, code, filing.section, text, email, self._clock.now(), None, "", "")
        return await self._reports.file(request_id, report, filed_by)

    async def queue(self, asked: int, token: str, *, include_resolved: bool) -> answers.ListErrorReportsResponse:
        """A page of the queue, oldest first; `asked` is its size."""
        size, after = _place(asked, token)
        reports = await self._reports.queue(after, size + 1, include_resolved=include_resolved)
        known = await self._records([(report.system, report.code) for report in reports])
        return answers.ListErrorReportsResponse(
            reports=tuple(_answer(report, known) for report in reports[:size]),
            next_page_token=cursors.to_token(reports[size - 1].number) if len(reports) > size else "",
        )

    async def own(self, asked: int, token: str, reader: str) -> answers.ListOwnErrorReportsResponse:
        """A page of the reports of one reader, oldest first; who resolved them stays among the editors."""
        size, after = _place(asked, token)
        reports = await self._reports.filed_by(reader, after, size + 1)
        known = await self._records([(report.system, report.code) for report in reports])
        return answers.ListOwnErrorReportsResponse(
            reports=tuple(replace(_answer(report, known), resolved_by="") for report in reports[:size]),
            next_page_token=cursors.to_token(reports[size - 1].number) if len(reports) > size else "",
        )

    async def forget_address(self, request_id: str, email: str, caller: str) -> int:
        """Take an address out of every report that was filed with it, and give their number.

        Raises:
            InvalidInput: it is no address.

        """
        if len(email) > LONGEST_EMAIL or "\0" in email or not _EMAIL.fullmatch(email):
            raise InvalidInput("EMAIL_WRONG", "email: the address to forget is needed, e.g. name@example.org.")
        return await self._reports.forget_address(request_id, email, caller)

    async def resolve(self, request_id: str, report_id: str, resolution: str, by: str) -> answers.ErrorReport:
        """Close a report; a repeat, or closing it again in the same words, changes nothing.

        Raises:
            InvalidInput: nothing is said of what was done.
            NotFound: there is no such report.
            FailedPrecondition: it was closed before with other words.
            Conflict: the request id was used for another closing.

        """
        resolution = resolution.strip()
        if not 1 <= len(resolution) <= LONGEST:
            raise InvalidInput("RESOLUTION_WRONG", f"resolution: say what was done, in 1 to {LONGEST:,} characters.")
        report = await self._reports.resolve(request_id, report_id, resolution, by, self._clock.now())
        if report is None:
            raise NotFound("REPORT_UNKNOWN", "report_id: there is no such report.")
        if (report.resolution, report.resolved_by) != (resolution, by):
            raise FailedPrecondition("REPORT_RESOLVED", f"The report was closed before, by {report.resolved_by}.")
        return _answer(report, await self._records([(report.system, report.code)]))

    async def _records(self, keys: list[Key]) -> dict[Key, CodeRecord]:
        releases = await self._library.releases_in_force()
        return await self._library.records(holdings(SYSTEMS.values(), releases), list(dict.fromkeys(keys)))


def _place(asked: int, token: str) -> tuple[int, int]:
    """The size of a page, and the number of the report before it."""
    size, after = cursors.page_size(asked, largest=LARGEST_PAGE), 0
    if token:
        after = int(cursors.from_token(token, int)[0])
        if not 0 <= after < 2**63:
            raise cursors.malformed()
    return size, after


def _check(section: str, text: str, email: str) -> None:
    if section and section not in SECTIONS:
        raise InvalidInput("SECTION_UNKNOWN", f"section: expected is one of {', '.join(SECTIONS)}, or nothing.")
    if not SHORTEST <= len(text) <= LONGEST or "\0" in text:
        raise InvalidInput("TEXT_WRONG", f"text: say what is wrong in {SHORTEST} to {LONGEST:,} characters.")
    if email and (len(email) > LONGEST_EMAIL or "\0" in email or not _EMAIL.fullmatch(email)):
        raise InvalidInput("EMAIL_WRONG", "email: this is no e-mail address; leave it empty for no answer.")


def _answer(report: Report, known: dict[Key, CodeRecord]) -> answers.ErrorReport:
    return answers.ErrorReport(
        report_id=report.id,
        code=Refs(known).of(report.system, report.code),
        section=report.section,
        text=report.text,
        email=report.email,
        filed_at=report.filed_at,
        resolved_at=report.resolved_at,
        resolution=report.resolution,
        resolved_by=report.resolved_by,
    )
