"""Results of a search as its page shows them: grouped by code set, with marks, reasons and the release. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from codingahead.search.v1 import search_pb2 as pb

from gateway.web.links import browse_path, code_path, dotted_diagnosis, system_name
from gateway.web.words import calendar_date, calendar_span

LONGEST_REASON = 160
_SAID_OF_ALL = frozenset({pb.REASON_KIND_CODE, pb.REASON_KIND_CODE_PREFIX, pb.REASON_KIND_TITLE})
_LEAD = {
    pb.REASON_KIND_TERM: "Listed as: ",
    pb.REASON_KIND_CORRECTION: "Corrected: ",
    pb.REASON_KIND_INDEX: "By the index: ",
    pb.REASON_KIND_SOME_WORDS: "Has only: ",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One result."""

    system: str
    code: str
    path: str
    """Its page; empty where it has none."""
    pieces: tuple[tuple[str, bool], ...]
    """The title in pieces, each with whether it fits the query."""
    ours: str
    """The label of a title in our words; empty for an official one."""
    reason: str
    crumbs: tuple[tuple[str, str, str], ...]
    """Code, title and address of each step above it."""
    billable: bool
    deleted: str
    """When it was deleted, or that it is not valid; empty while it is valid."""
    successors: tuple[tuple[str, str], ...]
    """What stands for it since, with addresses."""
    release: str
    """The release, where it is another one than that of its group."""

    @property
    def named_alone(self) -> bool:
        """Whether its name is all that it is known by, as of families of codes of our own."""
        return self.code == "".join(text for text, _ in self.pieces)


@dataclass(slots=True)
class Reading:
    """Results of one code set that belong to one reading of an abbreviation; all of them where there is only one."""

    name: str
    hits: list[Hit] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """What all of them are there for, to be said once; empty where they differ or are few."""
        reasons = {hit.reason for hit in self.hits}
        return reasons.pop() if len(reasons) == 1 and len(self.hits) > 1 else ""


@dataclass(slots=True)
class Group:
    """The results of one code set."""

    system: str
    release: str = ""
    readings: dict[str, Reading] = field(default_factory=dict)
    count: str = ""
    """How many there are, where that is known."""
    address: str = ""
    """All of them; empty where these are all, or where one code set is asked for anyway."""

    @property
    def name(self) -> str:
        """The code set as readers know it."""
        return system_name(self.system)


def groups_of(answer: pb.SearchResponse, today: date) -> list[Group]:
    """Results grouped by code set, in the order in which their first ones stand."""
    groups: dict[str, Group] = {}
    for result in answer.results:
        release = release_words(answer.releases[result.release], today)
        group = groups.setdefault(result.system, Group(result.system, release))
        hit = hit_of(result, release if release != group.release else "")
        group.readings.setdefault(result.group, Reading(result.group)).hits.append(hit)
    return list(groups.values())


def hits_of(results: Iterable[pb.Result]) -> list[Hit]:
    """Results without groups, such as those that are near."""
    return [hit_of(result, "") for result in results]


def hit_of(result: pb.Result, release: str) -> Hit:
    """A result."""
    descriptor = "CPT" if result.system == "cpt" else "official"
    return Hit(
        system=result.system,
        code=result.code,
        path=code_path(result.system, result.code) if result.has_page else "",
        pieces=pieces_of(result.title, result.matched),
        ours=f"Our summary, not the {descriptor} descriptor" if result.origin == pb.TITLE_ORIGIN_OURS else "",
        reason=reason_words(result.reason),
        crumbs=tuple(_crumb(result.system, crumb) for crumb in result.breadcrumb),
        billable=result.billable,
        deleted=_deleted(result),
        successors=tuple(_successor(result.system, code) for code in result.successors),
        release=release,
    )


def pieces_of(title: str, spans: Sequence[pb.Span]) -> tuple[tuple[str, bool], ...]:
    """A title in pieces; what fits side by side is one piece."""
    found: list[tuple[str, bool]] = []
    at = 0
    for span in spans:
        between = title[at : span.begin]
        if found and found[-1][1] and not between.strip():
            found[-1] = (found[-1][0] + title[at : span.end], True)
        else:
            found += [(between, False)] if between else []
            found.append((title[span.begin : span.end], True))
        at = span.end
    return (*found, (title[at:], False)) if at < len(title) else tuple(found)


def reason_words(reason: pb.Reason) -> str:
    """Why a result is there, where its code and title do not say it themselves."""
    if reason.kind in _SAID_OF_ALL:
        return ""
    if reason.kind == pb.REASON_KIND_TERM and not reason.words:
        return "The rest of the words stands in its text, chapter or section"
    words = reason.words
    if len(words) > LONGEST_REASON:
        words = f"{words[:LONGEST_REASON].rsplit(' ', 1)[0]} …"
    return _LEAD.get(reason.kind, "") + words


def release_words(release: pb.ReleaseRef, today: date) -> str:
    """A release with its dates, and whether they have passed."""
    named = ", ".join(part for part in (release.title, release.edition) if part)
    dates = calendar_span(release.effective_from, release.effective_to)
    parts = (named, dates, "not current" if _past(release, today) else "")
    return "; ".join(part for part in parts if part)


def _past(release: pb.ReleaseRef, today: date) -> bool:
    end = release.effective_to
    return release.HasField("effective_to") and (end.year, end.month, end.day) < (today.year, today.month, today.day)


def _deleted(result: pb.Result) -> str:
    if result.valid:
        return ""
    last = calendar_date(result.last_day) if result.HasField("last_day") else ""
    first = calendar_date(result.first_day) if result.HasField("first_day") else ""
    if last:
        return f"deleted: last day {last}"
    return f"not valid before {first}" if first else "not valid"


def _successor(system: str, code: str) -> tuple[str, str]:
    shown = dotted_diagnosis(code) if system == "icd10cm" and "." not in code else code
    return shown, code_path(system, shown)


def _crumb(system: str, crumb: pb.Crumb) -> tuple[str, str, str]:
    title = crumb.title if crumb.title != crumb.display_code else ""
    return crumb.display_code, title, browse_path(system, crumb.display_code or crumb.code)
