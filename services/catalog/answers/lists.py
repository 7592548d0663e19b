"""Lists: codes below a code, code systems, releases, error reports."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.answers.basics import CodeRef, DataRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCodesResponse:
    """A page of codes."""

    codes: tuple[CodeRef, ...] = ()
    """The codes, in order."""
    next_page_token: str = ""
    """The cursor of the next page; empty at the end."""
    parent: CodeRef | None = None
    """The parent; absent when the roots were asked for."""
    ancestors: tuple[CodeRef, ...] = ()
    """From the root down to the parent's parent."""
    releases: tuple[DataRelease, ...] = ()
    """The data the answer draws on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystem:
    """A code system."""

    system: str = ""
    """Its id, e.g. "icd10cm"."""
    name: str = ""
    """Its name, e.g. "ICD-10-CM"."""
    pages: int = 0
    """Codes with a page."""
    releases: tuple[DataRelease, ...] = ()
    """The data it draws on."""
    rights: str = ""
    """Rights in the code set, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSystemsResponse:
    """The code systems."""

    systems: tuple[CodeSystem, ...] = ()
    """The code systems with at least one code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReleasesResponse:
    """The releases."""

    releases: tuple[DataRelease, ...] = ()
    """Newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """A report in the queue."""

    report_id: str = ""
    """Its id."""
    code: CodeRef | None = None
    """The page."""
    section: str = ""
    """Section id; may be empty."""
    text: str = ""
    """What the reader said."""
    email: str = ""
    """Where to answer; may be empty."""
    filed_at: datetime | None = None
    """When it was filed."""
    resolved_at: datetime | None = None
    """When it was resolved; absent while open."""
    resolution: str = ""
    """What was done; empty while open."""
    resolved_by: str = ""
    """Who resolved it; empty while open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOwnErrorReportsResponse:
    """A page of the caller's own reports."""

    reports: tuple[ErrorReport, ...] = ()
    """The reports, oldest first, without the name of who resolved them."""
    next_page_token: str = ""
    """The cursor of the next page; empty at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListErrorReportsResponse:
    """A page of reports."""

    reports: tuple[ErrorReport, ...] = ()
    """The reports, oldest first."""
    next_page_token: str = ""
    """The cursor of the next page; empty at the end."""
