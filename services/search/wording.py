"""What a query says about its words: a code set that it names, what it leaves out, phrases in quotes, alternatives.

Nothing here knows which codes exist. A code set that is named is preferred where it has what the words ask for.
"""

from __future__ import annotations

import re

import msgspec

from services.search.charting import complaint_of

MOST_ALTERNATIVES = 4
_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"modifiers?|mod", ("modifier",)),
    (r"places?\s+of\s+service|pos", ("pos",)),
    (r"hcpcs(?:\s+level\s+(?:ii|2))?", ("hcpcs",)),
    (r"cpt(?:-4)?", ("cpt",)),
    (r"cdt", ("cdt",)),
    (r"icd[\s-]*10[\s-]*pcs|pcs", ("icd10pcs",)),
    (r"icd[\s-]*10[\s-]*cm", ("icd10cm",)),
    (r"icd[\s-]*10", ("icd10cm", "icd10pcs")),
    (r"icd[\s-]*9(?:[\s-]*cm)?", ("icd9cm", "icd9pcs")),
    (r"(?:icd|diagnos[ei]s|diagnostic|dx)(?=\s+codes?\b|\s*:)", ("icd10cm", "icd9cm")),
    (r"(?:procedure|procedural|px)(?=\s+codes?\b)", ("cpt", "hcpcs", "icd10pcs", "cdt", "icd9pcs")),
    (r"(?=codes?(?:\s+(?:for|of)\b|\s*:|\s+\S*\d))", ()),
)
"""Names of code sets, and which are meant; of the last one any."""
_ASKED = r"(?:(?:what|which)\s+(?:is|are)\s+)?(?:the\s+|a\s+)?"
_BEFORE = [
    (re.compile(rf"{_ASKED}\b({name})\s*(?:codes?\b)?\s*(?:\b(?:for|of)\b\s+|[:#]\s*|(?<=\s))(?=\S)", re.I), systems)
    for name, systems in _NAMES
]
_BEHIND = [
    (re.compile(rf"[\s,(]+(?:in\s+|as\s+)?({name})(?:\s+codes?)?[)?]*$", re.I), systems) for name, systems in _NAMES
]
_NOT = re.compile(
    r"(?:^|(?<=[\s,;(]))(?:but\s+|and\s+)?(?:not|except(?:ing)?(?:\s+for)?|excluding|exclude[sd]?|other\s+than)\s+"
    r"([^,;()]+?)(?=\s+(?:with|without|but|not|except|excluding)\b|[,;()]|$)",
    re.I,
)
_NO = re.compile(
    r"(?:^|(?<=[\s,;(]))(?:but\s+|and\s+)?(?:with\s+no|no|without)\s+"
    r"(?:(?:known|current|dx|diagnosis|evidence|signs?|hx|history)\s+(?:of\s+)?)*([^,;()]+?)"
    r"(?=\s+(?:with|without|but|no|not|except|excluding|left|right|bilateral|bilat|lt|rt|init|initial|subsequent)\b"
    r"|[,;()]|$)",
    re.I,
)
_SAID_OF_SOMEBODY = re.compile(
    r"\b(?:can|could|do|does|did|is|are|was|were|has|have|had|may|should|will|would)\s+$", re.I
)
_NO_THING = re.compile(
    r"elsewhere|otherwise|specified|stated|classif|applicable|able\b|(?!bleed|swell|vomit)\w+ing\b", re.I
)
"""What "not" turns into another word and does not leave out: not elsewhere classified, not able, not walking."""
_CODE_SET = r"mod|modifiers?|places?|pos|hcpcs|cpt|cdt|pcs|icd\w*|dx|diagnos\w+|proced\w+|px|codes?"
_NAMES_ONE = re.compile(rf"\b(?:{_CODE_SET})\b", re.I)
"""Without any of these a query names no code set."""
_SAYS = re.compile(
    rf"\b(?:{_CODE_SET}"
    r"|no|without|not|except\w*|exclud\w+|other\s+than|r/o|rul(?:e|ing)\s+out)\b|[\"“”„«»]|\sOR\s|\|\|",
    re.I,
)
"""Without any of these a query is nothing but its words."""
_DIVIDED = re.compile(r"\s+(?:or|and|nor)\s+", re.I)
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*\w[^\"“”„«»]*)[\"“”«»]")
_EITHER = re.compile(r"\s+OR\s+|\s*\|\|\s*")
_RULED_OUT = re.compile(r"(?<=\w)[\s,;:]+(?:to\s+)?(?:r/o|rule\s+out|ruling\s+out)\s+(?=\w)", re.I)
"""What a visit is for stands before it, and behind it what it may turn out to be."""


class Wording(msgspec.Struct, frozen=True, gc=False):
    """A query taken apart."""

    text: str
    """The words that are looked for."""
    named: str = ""
    """The code set as it is named."""
    systems: tuple[str, ...] = ()
    """The code sets that the name means."""
    left_out: tuple[str, ...] = ()
    """What "not", "except" or "excluding" stands before."""
    phrases: tuple[str, ...] = ()
    """What stands in quotes."""
    alternatives: tuple[str, ...] = ()
    """What OR divides, when it does."""
    lacking: tuple[str, ...] = ()
    """What "no" or "without" stands before: left out where no title says so itself."""
    rest: str = ""
    """The other words then."""
    doubted: str = ""
    """What is to be ruled out beside what the visit is for; the two are alternatives."""
    charted: str = ""
    """What was typed, when a chart's words around a complaint are left out; titles may say them all the same."""


def wording_of(query: str) -> Wording:
    """Take a query apart; one that says nothing about its words is its own text."""
    inner = complaint_of(query)
    return taken_apart(query) if inner == query else msgspec.structs.replace(taken_apart(inner), charted=query)


def taken_apart(query: str) -> Wording:
    """The same of a query that is a complaint alone."""
    if not _SAYS.search(query):
        return Wording(query)
    phrases = tuple(" ".join(each.split()) for each in _QUOTED.findall(query) if len(each.split()) > 1)
    text = re.sub(r"[\"“”„«»]", " ", query) if phrases else query
    text, left_out = _without(text, _NOT)
    text, named, systems = _unnamed(text) if _NAMES_ONE.search(text) else (text, "", ())
    certain, *doubted = _RULED_OUT.split(text, maxsplit=1)
    parts = [certain, *doubted] if doubted else [part.strip() for part in _EITHER.split(text) if part.strip()]
    alternatives = tuple(parts[:MOST_ALTERNATIVES]) if len(parts) > 1 else ()
    rest, lacking = ("", ()) if left_out or phrases or alternatives else _without(text, _NO)
    return Wording(text, named, systems, left_out, phrases, alternatives, lacking, rest, "".join(doubted).strip())


def _without(text: str, negation: re.Pattern[str]) -> tuple[str, tuple[str, ...]]:
    """A text without what it leaves out; as it is when nothing else would stand there."""
    left_out: list[str] = []

    def taken(found: re.Match[str]) -> str:
        if _NO_THING.match(found[1]) or _SAID_OF_SOMEBODY.search(text[: found.start()]):
            return found[0]
        left_out.extend(part.strip() for part in _DIVIDED.split(found[1]) if part.strip())
        return " "

    rest = _finished(negation.sub(taken, text), text)
    return (rest, tuple(left_out)) if left_out and re.search(r"\w", rest) else (text, ())


def _finished(rest: str, text: str) -> str:
    """What is left of a text, tidied; a blank says that its last word is whole when something stood behind it."""
    whole = " " if text.rstrip()[-3:] != rest.rstrip()[-3:] else ""
    return " ".join(rest.strip(" ,;").split()) + whole


def _unnamed(text: str) -> tuple[str, str, tuple[str, ...]]:
    """A text without the name of a code set at its beginning or end, the name, and what it means."""
    stripped = text.strip()
    for pattern, systems in _BEFORE:
        found = pattern.match(stripped)
        if found and re.search(r"\w", stripped[found.end() :]):
            return _padded(text.lstrip()[found.end() :], systems), found[1] or "code", systems
    for pattern, systems in _BEHIND:
        found = pattern.search(stripped)
        if found and systems and re.search(r"\w", stripped[: found.start()]):
            return _padded(f"{stripped[: found.start()]} ", systems), found[1], systems
    return text, "", ()


def _padded(text: str, systems: tuple[str, ...]) -> str:
    """A place of service has two digits: 2 is 02."""
    return f"0{text.strip()}" if systems == ("pos",) and re.fullmatch(r"\s*\d\s*", text, re.ASCII) else text
