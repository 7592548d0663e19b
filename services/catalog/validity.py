"""What the editions of a code set say of one code: since when and until when it stands there, and what changed.

A code set's release holds every code that is valid in its days, so a code that a release lacks is not valid then. What
lies before the oldest edition that is loaded is not known. A code may also bear days of its own, as HCPCS Level II
records do; these are narrower.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from itertools import pairwise

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Presence:
    """An edition of a code set, and what it says of one code."""

    edition: str
    """Its name for readers."""
    begins: date | None
    """Its first day; None where nobody knows."""
    ends: date | None
    """Its last day, as it says itself; the next edition may begin earlier or later."""
    held: bool
    """Whether it holds the code."""
    heading: str = ""
    reportable: bool = False
    first_day: date | None = None
    """The first day that it gives the code itself."""
    last_day: date | None = None
    """The last day that it gives the code itself."""
    final: bool = False
    """Whether the code set ended with this edition, so that no code of it is valid behind its last day."""


def own_days(edition: str, added: str | None) -> list[Presence]:
    """What is said of a code by the first day that it bears itself, where no edition of a code set holds it."""
    if not added:
        return []
    first = date.fromisoformat(added)
    return [Presence(edition, None, None, held=True, reportable=True, first_day=first)]


class Kind(Enum):
    """What happened to a code between two editions."""

    ADDED = auto()
    DELETED = auto()
    REVISED = auto()
    DIVIDED = auto()
    """It was reportable and became a header."""
    COMPLETED = auto()
    """It was a header and became reportable."""


@dataclass(frozen=True, slots=True)
class Change:
    """One event in the history of a code."""

    kind: Kind
    day: date | None
    """The first day of the new state."""
    edition: str
    """The edition that brought it."""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a code around the day asked for."""

    valid: bool | None
    """Whether it is valid then; None where it is not known."""
    first_day: date | None
    last_day: date | None
    edition: str
    """The edition that answers; empty where none does."""
    stale: bool = False
    """Whether the edition that answers had ended by the day asked for."""


def changes(editions: Sequence[Presence]) -> Iterator[Change]:
    """What happened to the code from edition to edition, oldest first; what was before the oldest is not known."""
    for before, after in pairwise(editions):
        if after.held and not before.held:
            yield Change(Kind.ADDED, _first_day_after(before, after), after.edition, after=after.heading)
        elif before.held and not after.held:
            last = _last_day_until(before, after)
            yield Change(Kind.DELETED, last + ONE_DAY if last else None, after.edition, before=before.heading)
        elif before.held and after.held:
            yield from _revisions(before, after)


def _revisions(before: Presence, after: Presence) -> Iterator[Change]:
    if _plain(before.heading) != _plain(after.heading):
        yield Change(Kind.REVISED, after.begins, after.edition, before.heading, after.heading)
    if before.reportable and not after.reportable:
        yield Change(Kind.DIVIDED, after.begins, after.edition)
    elif after.reportable and not before.reportable:
        yield Change(Kind.COMPLETED, after.begins, after.edition)


def _plain(heading: str) -> str:
    """A title as one of the two files of an edition may write it: order files have no accents."""
    folded = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return " ".join(folded.split()).casefold()


def _gap(before: Presence, after: Presence) -> bool:
    """Whether days lie between two editions that are loaded, of which neither speaks."""
    return bool(before.ends and after.begins and before.ends + ONE_DAY < after.begins)


def _first_day_after(before: Presence, after: Presence) -> date | None:
    """The first day of a code that an edition lacks and the next one holds; not known where days lie between."""
    return after.first_day or (None if _gap(before, after) else after.begins)


def _last_day_until(before: Presence, after: Presence) -> date | None:
    """The last day of a code that an edition holds and the next one lacks.

    Where days lie between, it is the last of the edition: code sets drop codes with an edition's end.
    """
    if before.last_day or _gap(before, after):
        return before.last_day or before.ends
    return after.begins - ONE_DAY if after.begins else None


def days_of(editions: Sequence[Presence], day: date) -> Days:
    """Whether the code is valid on a day; oldest edition first."""
    at = _answering(editions, day)
    if at is None:
        return Days(None, None, None, "")
    present = editions[at]
    stale = not present.final and present.ends is not None and present.ends < day
    if not present.held:
        return Days(False, _next_first_day(editions, at), _last_day_before(editions, at), present.edition, stale)
    first, last = _first_day(editions, at), _last_day(editions, at)
    valid = (first is None or first <= day) and (last is None or day <= last)
    return Days(valid, first, last, present.edition, stale)


def _answering(editions: Sequence[Presence], day: date) -> int | None:
    begun = [at for at, edition in enumerate(editions) if edition.begins is None or edition.begins <= day]
    return begun[-1] if begun else None


def _first_day(editions: Sequence[Presence], at: int) -> date | None:
    while at > 0 and editions[at - 1].held:
        at -= 1
    return _first_day_after(editions[at - 1], editions[at]) if at > 0 else editions[at].first_day


def _last_day(editions: Sequence[Presence], at: int) -> date | None:
    while at + 1 < len(editions) and editions[at + 1].held:
        at += 1
    last = editions[at]
    if last.last_day is not None or last.final:
        return last.last_day or last.ends
    return _last_day_until(last, editions[at + 1]) if at + 1 < len(editions) else None


def _last_day_before(editions: Sequence[Presence], at: int) -> date | None:
    """The last day on which an earlier edition held it."""
    held = [place for place in range(at) if editions[place].held]
    return _last_day(editions, held[-1]) if held else None


def _next_first_day(editions: Sequence[Presence], at: int) -> date | None:
    """The first day on which a later edition holds it."""
    held = [place for place in range(at + 1, len(editions)) if editions[place].held]
    return _first_day(editions, held[0]) if held else None
