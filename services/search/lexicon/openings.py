"""Openings of phrases that charts write in many forms: h/o, hx of, history of. A row with one of them holds for all."""

import re
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
ENDINGS = (
    ("vaccine", "vaccination", "shot", "shots", "booster", "immunization", "jab"),
    ("fracture", "fx", "fractures"),
    ("syndrome", "synd"),
    ("disease", "dz"),
)
"""Those of one line say the same."""
_OPENED = tuple(f"{each.casefold()} " for openings in OPENINGS for each in openings)
_OVERDOSE = " overdose"
_POISONED = re.compile(r"poisoning by (.+) accidental$")
_BY_INTENT = (
    ("poisoning by {} accidental", ("{} OD", "{} poisoning")),
    (
        "poisoning by {} intentional self-harm",
        ("{} overdose suicide attempt", "{} OD suicide attempt", "{} intentional overdose", "{} overdose on purpose"),
    ),
    ("adverse effect of {}", ("{} adverse effect", "{} AE", "{} adverse reaction", "{} side effect")),
    ("underdosing of {}", ("{} underdosing",)),
)
"""What the Table of Drugs and Chemicals has of a drug, by intent; an overdose is taken for an accident unless more is
said (ICD-10-CM Guidelines I.C.19.e.5.b).
"""
_REMOVALS = (("excision of ", ("partial", "subtotal")), ("resection of ", ("total", "complete", "radical")))
_SAID = frozenset({Kind.LAY, Kind.SYNONYM, Kind.ABBREVIATION, Kind.EPONYM})


def forms_of(row: Row) -> Iterator[Row]:
    """A row with the other openings or endings in place of its own, or of an overdose what else is said of its drug;
    nothing where it has none. A procedure is called as its row says.
    """
    if row.kind not in _SAID:
        return
    term = row.term.casefold()
    poisoned = _POISONED.match(row.expansion) if term.endswith(_OVERDOSE) else None
    if poisoned:
        yield from _of_drug(row, row.term[: -len(_OVERDOSE)], poisoned[1])
        return
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


def parts_of(row: Row) -> Iterator[Row]:
    """How the removal of a part, or of all of it, is called beside its plain name: excision is of a portion, resection
    of all of a body part (ICD-10-PCS Guidelines B3.8).
    """
    if row.kind is Kind.ICD10PCS and row.term.endswith("ectomy"):
        for operation, openings in _REMOVALS:
            if row.expansion.startswith(operation):
                yield from (replace(row, term=f"{opening} {row.term}") for opening in openings)


def _of_drug(row: Row, drug: str, written: str) -> Iterator[Row]:
    """The other ways to say and to mean an overdose of a drug, which titles write by its class."""
    for expansion, terms in _BY_INTENT:
        yield from (replace(row, term=term.format(drug), expansion=expansion.format(written)) for term in terms)
