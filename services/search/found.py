"""What a search gives: results with their reasons, facets, near things, other queries and what was tried."""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from services.search.entry import Entry, Release


class Why(StrEnum):
    """Why a result is there."""

    CODE = "code"
    CODE_PREFIX = "code_prefix"
    TITLE = "title"
    TERM = "term"
    SYNONYM = "synonym"
    ABBREVIATION = "abbreviation"
    CORRECTION = "correction"
    INDEX = "index"
    SOME_WORDS = "some_words"


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way down to a code."""

    code: str
    display: str
    title: str


class Result(msgspec.Struct, frozen=True, gc=False):
    """One result."""

    entry: Entry
    matched: tuple[tuple[int, int], ...]
    why: Why
    words: str
    breadcrumb: tuple[Crumb, ...]
    valid: bool
    release: Release
    group: str = ""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that results can be narrowed down to."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """Values of one kind, the most frequent first."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, slots=True)
class DidYouMean:
    """Another query."""

    query: str
    because: str


class Found(msgspec.Struct, frozen=True, gc=False):
    """What fits a query."""

    results: tuple[Result, ...] = ()
    total: int = 0
    total_is_least: bool = False
    facets: tuple[Facet, ...] = ()
    did_you_mean: tuple[DidYouMean, ...] = ()
    near: tuple[Result, ...] = ()
    tried: tuple[str, ...] = ()
    limited: str = ""
