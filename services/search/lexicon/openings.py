"""Openings of phrases that charts write in many forms: h/o, hx of, history of. A row with one of them holds for all."""

from collections.abc import Iterator
from dataclasses import replace

from services.search.lexicon.row import Kind, Row

_BEHIND_ONE = (
    "h/o", "hx of", "hx", "history of", "personal history of", "personal hx of", "past history of", "past hx of",
    "PMH of", "PMHx of", "PMH", "PMHx", "prior", "previous", "s/p", "status post", "had",
)  # fmt: skip
_IN_THE_FAMILY = (
    "family history of", "family history", "family hx of", "family hx", "fam hx of", "fam hx", "FHx of", "FHx",
    "FH of", "FH", "mother", "mother with", "mom", "mom with", "father", "father with", "dad", "dad with", "sister",
    "sister with", "brother", "brother with", "parent with", "grandmother", "grandmother with", "grandfather",
    "grandfather with", "aunt with", "uncle with",
)  # fmt: skip
_TAKEN_FOR_LONG = (
    "long term", "long term use of", "long term current use of", "chronic use of", "current use of", "on chronic",
    "on long term", "on daily", "daily", "takes", "taking", "maintained on",
)  # fmt: skip
OPENINGS = (_BEHIND_ONE, _IN_THE_FAMILY, _TAKEN_FOR_LONG)
ENDINGS = (("vaccine", "vaccination", "shot", "shots", "booster", "immunization", "jab"),)
"""Those of one line say the same."""
_OPENED = tuple(f"{each.casefold()} " for openings in OPENINGS for each in openings)
_SAID = frozenset({Kind.LAY, Kind.SYNONYM, Kind.ABBREVIATION})


def forms_of(row: Row) -> Iterator[Row]:
    """A row with the other openings or endings in place of its own; nothing where it has none. A procedure is called as
    its row says.
    """
    if row.kind not in _SAID:
        return
    term = row.term.casefold()
    for endings in ENDINGS:
        last = next((each for each in endings if term.endswith(f" {each}")), "")
        if last:
            yield from (replace(row, term=row.term[: -len(last)] + each) for each in endings if each != last)
            return
    for openings in OPENINGS if term.startswith(_OPENED) else ():
        own = max((each for each in openings if term.startswith(f"{each.casefold()} ")), key=len, default="")
        if own:
            rest = row.term[len(own) :]
            yield from (replace(row, term=f"{each}{rest}") for each in openings if each != own)
            return
