"""Codes near one that does not exist: in another system, above it, with look-alike characters, or one edit away."""

import string

from services.catalog.records import CodeRecord

MOST_OFFERED = 8
LONGEST = 8
LOOKS_ALIKE, FAR = 1, 20
"""Of another system only the same code and its look-alikes are offered: its neighbours mean something else."""
_LETTERS = string.ascii_uppercase + string.digits
_LOOK_ALIKE = str.maketrans("O0I1L", "0O1I1")


def candidates(code: str) -> dict[str, int]:
    """Codes worth looking up, each with its distance: the less, the nearer."""
    found: dict[str, int] = {code: 0}
    for spelling in _look_alikes(code):
        found.setdefault(spelling, LOOKS_ALIKE)
    for length in range(len(code) - 1, 2, -1):
        found.setdefault(code[:length], 2 + len(code) - length)
    if len(code) <= LONGEST:
        for spelling in _one_edit_away(code):
            found.setdefault(spelling, 5)
    return found


def _look_alikes(code: str) -> set[str]:
    """Spellings with O and 0, I and 1 exchanged, in one place or in all."""
    one = {code[:i] + c.translate(_LOOK_ALIKE) + code[i + 1 :] for i, c in enumerate(code)}
    digits_last = code[:1] + code[1:].replace("O", "0").replace("I", "1").replace("L", "1")
    return (one | {code.translate(_LOOK_ALIKE), digits_last}) - {code}


def _one_edit_away(code: str) -> set[str]:
    splits = [(code[:i], code[i:]) for i in range(len(code) + 1)]
    deleted = {a + b[1:] for a, b in splits if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    replaced = {a + c + b[1:] for a, b in splits if b for c in _LETTERS}
    inserted = {a + c + b for a, b in splits for c in _LETTERS}
    return {spelling for spelling in deleted | swapped | replaced | inserted if len(spelling) >= 3} - {code}


def nearest(asked_system: str, code: str, found: list[CodeRecord]) -> list[CodeRecord]:
    """The nearest of the codes that exist: the same code elsewhere first, then those of the system asked for."""
    distance = candidates(code)

    def closeness(record: CodeRecord) -> tuple[int, bool, bool, str, str]:
        shares = record.code[:3] == code[:3]
        return distance[record.code], record.system != asked_system, not shares, record.code, record.system

    offered = [
        record
        for record in found
        if distance.get(record.code, FAR) < (FAR if record.system == asked_system else LOOKS_ALIKE + 1)
    ]
    return sorted(offered, key=closeness)[:MOST_OFFERED]
