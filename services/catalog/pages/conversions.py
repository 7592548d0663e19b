"""What the ICD-10-CM conversion table says of a code: what stood for it before, and what stands for it now.

A successor is named only where the code is not valid on the day; while it is, the codes that were split off it stand
beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.catalog import answers
from services.catalog.code_spans import spans_in
from services.catalog.pages.parts import Refs, citation_of, statement
from services.catalog.records import Conversion, Key, Known
from services.catalog.validity import Presence, days_of

SYSTEM = "icd10cm"
KIND = "icd10cm-conversion"
MOST = 60


def in_words(day: date) -> str:
    """A day, e.g. "October 1, 2025"."""
    return f"{day:%B} {day.day}, {day.year}"


def codes_named(known: Known) -> list[Key]:
    """The codes that conversions name beside the page's own."""
    codes = [c.code for c in known.facts.conversions]
    codes += [end for c in known.facts.conversions if c.code == known.place.record.code for end in _ends(c)]
    return [(SYSTEM, code) for code in dict.fromkeys(codes) if code != known.place.record.code]


def onward(conversions: Sequence[Conversion], code: str, last_day: date | None) -> list[Conversion]:
    """The conversions that lead on from a code that is not valid any more.

    Where its last day is known, those of the day after it; otherwise all that name the code.
    """
    leading = [conversion for conversion in conversions if conversion.code != code]
    at_once = [c for c in leading if last_day is not None and c.effective == last_day + timedelta(days=1)]
    return at_once or leading


def begun(presences: Sequence[Presence], conversions: Sequence[Conversion], code: str) -> Iterator[Presence]:
    """The presences with the first day that the conversion table gives the code, on which editions may not begin."""
    first = next((conversion.effective for conversion in conversions if conversion.code == code), None)
    for presence in presences:
        fits = first and presence.held and (presence.ends is None or first <= presence.ends)
        yield replace(presence, first_day=presence.first_day or first) if fits else presence


def successors(known: Known, today: date) -> list[Conversion]:
    """The conversions to the codes that took the place of one that is not valid on the day; none of a valid one."""
    day = known.asked or today
    days = days_of(known.editions, day)
    ended = days.valid is False and (days.last_day is None or days.last_day < day)
    if not ended or KIND not in known.releases:
        return []
    return onward(known.facts.conversions, known.place.record.code, days.last_day)[:MOST]


def related(known: Known, named: Refs, today: date) -> Iterator[answers.RelatedCode]:
    """Successors of a code that is not valid any more, and what stood for a code before it was added."""
    release = known.releases.get(KIND)
    if release is None:
        return
    source = citation_of(release)
    for conversion in successors(known, today):
        words = f"Valid since {in_words(conversion.effective)}; assigned before: {conversion.previous}."
        yield answers.RelatedCode(
            code=named.of(SYSTEM, conversion.code), relation="successor", note=statement(words, source)
        )
    for conversion in known.facts.conversions:
        if conversion.code == known.place.record.code:
            words = f"Assigned before {in_words(conversion.effective)}: {conversion.previous}."
            for code in _ends(conversion)[:MOST]:
                yield answers.RelatedCode(
                    code=named.of(SYSTEM, code), relation="predecessor", note=statement(words, source)
                )


def history(known: Known) -> Iterator[answers.HistoryEvent]:
    """When the conversion table says that the code was added."""
    release = known.releases.get(KIND)
    for conversion in known.facts.conversions if release else ():
        if release and conversion.code == known.place.record.code:
            before = "nothing" if conversion.previous.lower() == "none" else conversion.previous
            words = f"Added to ICD-10-CM; assigned before: {before}."
            yield answers.HistoryEvent(date=conversion.effective, event=statement(words, citation_of(release)))


def _ends(conversion: Conversion) -> list[str]:
    """The codes that stood for it before, ranges by their ends."""
    return list(dict.fromkeys(end for span in spans_in(conversion.previous) for end in span))
