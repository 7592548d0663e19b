"""Reads what of a query may be codes: single ones, as pasted forms, ranges, beginnings and lists.

Nothing here knows which codes exist. A shape is a proposal; the table of codes decides.
"""

import re

import msgspec

MOST_LISTED = 50
_PIECE = re.compile(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]*)?", re.ASCII)
_SINGLE = re.compile(r"^[A-Za-z0-9.\s]+$", re.ASCII)
_OPEN = re.compile(r"^([A-Za-z0-9.\s]+?)[.\s]*[-*]+$", re.ASCII)
_X_END = re.compile(r"^([A-Z][0-9][A-Z0-9.]{1,3})\.?[xX]+$", re.ASCII)
_RANGE = re.compile(
    r"^([A-Za-z0-9.]{3,8})\s*(?:[-\u2013\u2014]|\bto\b|\bthrough\b|\bthru\b)\s*([A-Za-z0-9.]{3,8})$", re.ASCII
)
_MODIFIED = re.compile(r"^([A-Za-z0-9]{5})((?:\s*-\s*|\s+)[A-Za-z0-9]{2}){1,4}$", re.ASCII)
_UNITS = re.compile(r"^([A-Za-z0-9][0-9]{4}(?:-[A-Za-z0-9]{2})*)\s+[xX]\s*[0-9]{1,3}$", re.ASCII)
"""A code of a service with its units, as on a charge sheet: J1885 x 2."""
_DESCRIBED = re.compile(
    r"^(?:([A-Z][0-9][A-Z0-9]\.[A-Z0-9]{1,4}|[0-9]{5}|[A-Z][0-9]{4}"
    r"|[0-9][A-Z0-9]{6}|[0-9]{3}\.[0-9]{1,2})\s*(?:[-:=\u2013\u2014]\s*)?"
    r"|([A-Z0-9.]{3,8})\s*[:=\u2013\u2014]\s*|([A-Z0-9.]{3,8})\s+-\s*)(?=[^\W\d_]{3})(?<=[\W])\D",
    re.IGNORECASE,
)
"""A code before its title, as lists and records have it: E11.9 Type 2 diabetes mellitus, I10 - Hypertension."""
_NAMED = re.compile(r"^(?:(modifiers?|mod\.?|place of service|pos)\s+|-)([A-Za-z0-9]{2})$", re.ASCII | re.IGNORECASE)
_DIVIDER = re.compile(r"[,;|/\n\t]+|\s+and\s+", re.ASCII)
_DIGIT = re.compile(r"\d")
LONGEST, LONGEST_CODE = 16, 7
"""Of names of codes with those of chapters and blocks, and of codes alone."""
_LOOK_ALIKES = ({"O": "0", "0": "O"}, {"I": "1", "1": "I", "L": "1"})


class Codes(msgspec.Struct, frozen=True, gc=False):
    """Codes that a query may name, each without dot, in capitals."""

    exact: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    """Two characters behind a procedure's code."""
    prefix: str = ""
    """All codes that begin so."""
    dotted: bool = False
    """Whether the beginning is written with a dot: such codes are in ICD-10-CM and ICD-9-CM alone."""
    span: tuple[str, str] | None = None
    """All codes from one to another."""
    system: str = ""
    """The code set that it names, such as places of service."""
    sure: bool = False
    """Whether its form says that codes are meant and words are not: a dash at the end, a range, a list."""


def undotted(text: str) -> str:
    """Without dots and blanks, in capitals."""
    return "".join(text.split()).replace(".", "").upper()


def codes_of(query: str) -> Codes:
    """The codes that a query may name."""
    text = query.strip().strip(",;:()[]{}<>\"'\\").strip()
    if not text or len(text) > 400:
        return Codes()
    text = _UNITS.sub(r"\1", text)
    for read in _READ if _DIGIT.search(text) else _READ_WITHOUT_DIGIT:
        found = read(text)
        if found is not None:
            return found
    return Codes()


def _named(text: str) -> Codes | None:
    """A code of two characters by the name of its code set: modifier 25, mod JW, -59, POS 11, place of service 11."""
    match = _NAMED.match(text)
    if not match:
        return None
    system = "pos" if (match.group(1) or "").lower().startswith("p") else "modifier"
    return Codes((match.group(2).upper(),), system=system, sure=True)


def _modified(text: str) -> Codes | None:
    """A procedure's code with modifiers: 99213-25, 99213 25 59."""
    if not _MODIFIED.match(text):
        return None
    code, *modifiers = re.split(r"[\s-]+", text.upper())
    return Codes((code,), modifiers=tuple(modifiers), sure="-" in text) if _DIGIT.search(code) else None


def _open_end(text: str) -> Codes | None:
    """All codes below one: E11.-, E11*, S66.51-, E11.x."""
    match = _OPEN.match(text) or _X_END.match(text)
    if not match or not _DIGIT.search(match.group(1)):
        return None
    code = undotted(match.group(1))
    return Codes(prefix=code, dotted="." in text, sure=True) if len(code) <= LONGEST else None


def _range(text: str) -> Codes | None:
    """All codes from one to another: 96360-96379, E08-E13."""
    match = _RANGE.match(text)
    if not match:
        return None
    first, last = undotted(match.group(1)), undotted(match.group(2))
    alike = first[:1].isalpha() == last[:1].isalpha() and _DIGIT.search(first) and _DIGIT.search(last)
    if not alike or first > last:
        return None
    return Codes(span=(first, last), sure=True)


def _list(text: str) -> Codes | None:
    """Codes divided by commas, semicolons, tabs or lines; by blanks when each piece has a digit and is long enough."""
    divided = [piece.strip() for piece in _DIVIDER.split(text) if piece.strip()]
    if len(divided) == 1:
        pieces = text.split()
        if len(pieces) < 2 or not all(len(undotted(p)) >= 4 and _DIGIT.search(p) for p in pieces):
            return None
    else:
        pieces = [part for piece in divided for part in _apart(piece)]
    cleaned = [piece.strip(".,;:()-") for piece in pieces]
    if len(cleaned) < 2 or not all(_PIECE.fullmatch(piece) and len(piece) <= LONGEST for piece in cleaned):
        return None
    if not all(_DIGIT.search(piece) or len(piece) == 2 for piece in cleaned):
        return None
    return Codes(tuple(dict.fromkeys(undotted(piece) for piece in cleaned[:MOST_LISTED])), sure=True)


def _described(text: str) -> Codes | None:
    """A code before its title: of a form that no word has, or divided from it."""
    match = _DESCRIBED.match(text)
    code = undotted(next(filter(None, match.groups()))) if match else ""
    return Codes((code,), dotted="." in text) if _DIGIT.search(code) else None


def _apart(piece: str) -> list[str]:
    """The codes of a piece that blanks divide, when each is a whole one; the piece itself otherwise."""
    parts = piece.split()
    return parts if all(len(undotted(part)) >= 3 and _DIGIT.search(part) for part in parts) else [piece]


def _single(text: str) -> Codes | None:
    """One code, dotted or not, with a stray blank; also what may be the beginning of one."""
    code = undotted(text)
    if not _SINGLE.match(text) or not 1 <= len(code) <= LONGEST or len(text.split()) > 3:
        return None
    prefix = code if _DIGIT.search(code) or (code.isalpha() and 1 < len(code) <= 3 and " " not in text) else ""
    return Codes((code,), prefix=prefix, dotted="." in text)


_READ = _named, _modified, _open_end, _range, _list, _described, _single
_READ_WITHOUT_DIGIT = _named, _list, _single


def look_alikes(code: str) -> list[tuple[str, str]]:
    """Other readings of a code, with O and 0 or I and 1 confused, each with a word on what was taken for what."""
    found: dict[str, str] = {}
    if len(code) > LONGEST_CODE:
        return []
    for table in _LOOK_ALIKES:
        for place, letter in enumerate(code):
            if letter in table:
                other = code[:place] + table[letter] + code[place + 1 :]
                found.setdefault(other, f"{_called(table[letter])} in place of {_called(letter)}")
        every = "".join(table.get(letter, letter) if place else letter for place, letter in enumerate(code))
        digits = code[:1] + code[1:].translate(str.maketrans("OIL", "011"))
        for other in (every, digits):
            if other != code:
                found.setdefault(other, "digits and letters that look alike")
    return list(found.items())


def _called(letter: str) -> str:
    return {"0": "0 (zero)", "O": "O (the letter)", "1": "1 (one)", "I": "I (the letter)", "L": "L (the letter)"}[
        letter
    ]
