"""Messages of the contract out of what was found, and questions out of messages."""

from __future__ import annotations

from datetime import date

from codingahead.search.v1 import search_pb2 as pb

from services.search.engine import Narrowed
from services.search.entry import Release
from services.search.found import Found, Result, Why
from services.search.searching import Request
from shared.dates import date_message
from shared.errors import InvalidInput

LARGEST_PAGE, LARGEST_OFFSET, MOST_SUGGESTED = 100, 1_000, 50
_KINDS = {why: pb.ReasonKind.Value(f"REASON_KIND_{why.name}") for why in Why}


def searched(message: pb.SearchRequest) -> Request:
    """A search of a message."""
    limit = _bounded(message.page_size, LARGEST_PAGE, "page_size") or 20
    offset = _bounded(message.offset, LARGEST_OFFSET, "offset")
    return Request(message.query, _narrowed(message.filter), limit, offset, message.facets, message.all_words)


def suggested(message: pb.SuggestRequest) -> Request:
    """A search of a message while typing."""
    limit = _bounded(message.limit, MOST_SUGGESTED, "limit") or 10
    return Request(message.query, _narrowed(message.filter), limit, typing=True)


def _bounded(number: int, largest: int, field: str) -> int:
    if not 0 <= number <= largest:
        raise InvalidInput(
            "PAGE_SIZE_WRONG", f"{field}: 0 to {largest:,} are possible, not {number:,}.", metadata={"field": field}
        )
    return number


def _narrowed(message: pb.Filter) -> Narrowed:
    day = message.active_on
    try:
        asked = date(day.year, day.month, day.day) if message.HasField("active_on") else None
    except ValueError:
        raise InvalidInput(
            "DATE_MALFORMED",
            f"active_on: {day.year}-{day.month}-{day.day} is no day; year, month and day are expected.",
            metadata={"field": "active_on"},
        ) from None
    return Narrowed(tuple(message.systems), message.billable_only, message.section, asked)


class Answering:
    """Makes messages of results, and numbers their releases."""

    def __init__(self) -> None:
        """Begin without any."""
        self._releases: dict[str, int] = {}
        self.releases: list[pb.ReleaseRef] = []

    def result(self, found: Result) -> pb.Result:
        """A result."""
        entry = found.entry
        return pb.Result(
            system=entry.system,
            code=entry.display,
            undotted=entry.code,
            title=entry.title,
            origin=pb.TITLE_ORIGIN_OFFICIAL if entry.official else pb.TITLE_ORIGIN_OURS,
            matched=[pb.Span(begin=begin, end=end) for begin, end in found.matched],
            reason=pb.Reason(kind=_KINDS[found.why], words=found.words),
            breadcrumb=[
                pb.Crumb(code=crumb.code, display_code=crumb.display, title=crumb.title) for crumb in found.breadcrumb
            ],
            billable=entry.billable,
            has_children=entry.has_children,
            valid=found.valid,
            first_day=date_message(entry.first_day),
            last_day=date_message(entry.last_day),
            successors=entry.successors,
            release=self._release(found.release),
            has_page=entry.has_page,
            group=found.group,
        )

    def _release(self, release: Release) -> int:
        if release.id not in self._releases:
            self._releases[release.id] = len(self.releases)
            self.releases.append(release_ref(release))
        return self._releases[release.id]


def release_ref(release: Release) -> pb.ReleaseRef:
    """A release as results name it."""
    return pb.ReleaseRef(
        release_id=release.id,
        kind=release.kind,
        title=release.title,
        edition=release.edition,
        effective_from=date_message(release.effective_from),
        effective_to=date_message(release.effective_to),
    )


def answered(found: Found) -> pb.SearchResponse:
    """The whole answer."""
    making = Answering()
    results = [making.result(result) for result in found.results]
    near = [making.result(result) for result in found.near]
    return pb.SearchResponse(
        results=results,
        near=near,
        releases=making.releases,
        total=found.total,
        total_is_least=found.total_is_least,
        facets=[
            pb.Facet(
                name=facet.name,
                values=[pb.FacetValue(value=v.value, label=v.label, count=v.count) for v in facet.values],
            )
            for facet in found.facets
        ],
        did_you_mean=_others(found),
        tried=found.tried,
        limited=found.limited,
    )


def suggestions(found: Found) -> pb.SuggestResponse:
    """The answer while typing."""
    making = Answering()
    results = [making.result(result) for result in found.results]
    return pb.SuggestResponse(
        results=results, releases=making.releases, did_you_mean=_others(found), limited=found.limited
    )


def _others(found: Found) -> list[pb.DidYouMean]:
    return [pb.DidYouMean(query=other.query, because=other.because) for other in found.did_you_mean]
