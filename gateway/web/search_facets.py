"""What narrows a search down, as links: each value leads to the search with it, or without it where it is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from codingahead.search.v1 import search_pb2 as pb

from gateway.web.links import system_name
from gateway.web.search_query import Asked


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet."""

    words: str
    count: int
    address: str
    chosen: bool = False
    least: bool = False
    """Whether there may be more than `count`."""

    @property
    def counted(self) -> str:
        """How many, as it is read."""
        return count_words(self.count, self.least)


@dataclass(frozen=True, slots=True)
class FacetLinks:
    """A facet with its values."""

    title: str
    choices: tuple[Choice, ...]


def count_words(count: int, least: bool) -> str:
    """A count, and whether there may be more."""
    return f"{count:,} or more" if least else f"{count:,}"


def facet_links(
    asked: Asked,
    facets: Iterable[pb.Facet],
    today: date,
    code_sets: Mapping[str, tuple[int, bool]],
    *,
    least: bool,
) -> list[FacetLinks]:
    """The facets that have something to choose from; where not all was looked at, there may be more of each value."""
    by_name = {facet.name: facet.values for facet in facets}
    made = [
        FacetLinks("May be reported", tuple(_billable(asked, by_name.get("billable", ())))),
        FacetLinks("Validity", tuple(_valid_today(asked, by_name.get("active", ()), today))),
        FacetLinks("Chapter or section", tuple(_sections(asked, by_name.get("section", ())))),
    ]
    marked = [replace(each, choices=tuple(replace(choice, least=least) for choice in each.choices)) for each in made]
    return [each for each in (FacetLinks("Code set", tuple(_systems(asked, code_sets))), *marked) if each.choices]


def chosen_words(asked: Asked, section_name: str) -> Iterator[tuple[str, str]]:
    """What narrows the search down now, in words, with the address without it."""
    if asked.system:
        yield system_name(asked.system), asked.address(system="", section="")
    if asked.billable:
        yield "may be reported", asked.address(billable="")
    if asked.section:
        yield section_name or asked.section.partition("/")[2] or asked.section, asked.address(section="")
    if asked.date:
        yield f"valid on {_day_words(asked.date)}", asked.address(date="")


def _day_words(text: str) -> str:
    day = date.fromisoformat(text)  # search has taken it for a day by now
    return f"{day.day} {day:%B} {day.year}"


def _systems(asked: Asked, code_sets: Mapping[str, tuple[int, bool]]) -> Iterator[Choice]:
    for system, (count, least) in code_sets.items():
        chosen = system == asked.system
        address = asked.address(system="" if chosen else system, section="")
        yield Choice(system_name(system), count, address, chosen, least)


def _billable(asked: Asked, values: Iterable[pb.FacetValue]) -> Iterator[Choice]:
    for value in values:
        address = asked.address(billable="" if asked.billable else "1")
        yield Choice("Only codes that may be reported", value.count, address, bool(asked.billable))


def _valid_today(asked: Asked, values: Iterable[pb.FacetValue], today: date) -> Iterator[Choice]:
    if not asked.date:
        for value in values:
            yield Choice("Only codes that are valid today", value.count, asked.address(date=today.isoformat()))


def _sections(asked: Asked, values: Iterable[pb.FacetValue]) -> Iterator[Choice]:
    """Chapters of several code sets may have the same title: those name their code set as well."""
    values = list(values)
    times = Counter(value.label for value in values)
    for value in values:
        chosen = value.value.lower() == asked.section.lower()
        address = asked.address(section="" if chosen else value.value)
        of = f" ({system_name(value.value.partition('/')[0])})" if times[value.label] > 1 else ""
        yield Choice(value.label + of, value.count, address, chosen)
