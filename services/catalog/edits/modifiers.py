"""Modifiers as the edits know them, and the sites that anatomic ones name."""

from collections.abc import Iterable

DISTINCT = frozenset({"59", "XE", "XS", "XP", "XU"})
"""Bypass an edit on either line (NCCI Policy Manual 2026, ch. I, E.d and E.e)."""
OF_VISITS = frozenset({"24", "25", "57"})
"""Belong to evaluation and management services (ch. I, D)."""
OF_LATER_PROCEDURES = frozenset({"58", "78", "79"})
"""Belong to a procedure in the postoperative period of another one (ch. I, C.13, C.14 and E.c)."""
SEVERAL_VISITS = "27"
"""Several visits of one day to an outpatient hospital."""
REPEATED_TEST = "91"
"""A clinical laboratory test that is repeated on the same day (ch. I, N)."""
NEVER = frozenset({"22", "76", "77"})
"""Never bypass an edit (ch. I, E)."""

_LEFT = frozenset({"E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"})
_RIGHT = frozenset({"E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"})
_CORONARY = frozenset({"LC", "LD", "LM", "RC", "RI"})
ANATOMIC = frozenset({"LT", "RT"}) | _LEFT | _RIGHT | _CORONARY
"""The anatomic modifiers of NCCI (ch. I, E); 50 is none of them."""
PTP_ASSOCIATED = DISTINCT | OF_VISITS | OF_LATER_PROCEDURES | {SEVERAL_VISITS, REPEATED_TEST} | ANATOMIC
OF_REPEATED_LINES = DISTINCT | {"76", "77", "91"} | ANATOMIC
"""With these one code may stand on several lines (ch. I, V)."""
BOTH_SIDES = "50"


def sites_differ(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether the anatomic modifiers of two lines name sites that have nothing in common.

    A line without one says nothing of its site. LT holds the left eyelids, fingers and toes, RT the right ones; 50 says
    both sides. Coronary vessels are compared with one another alone.
    """
    mine, theirs = _sites(one), _sites(other)
    return bool(mine) and bool(theirs) and all(_apart(a, b) for a in mine for b in theirs)


def _sites(modifiers: Iterable[str]) -> set[str]:
    given = set(modifiers)
    return (given & ANATOMIC) | ({"LT", "RT"} if BOTH_SIDES in given else set())


def _apart(one: str, other: str) -> bool:
    if one == other or (one in _CORONARY) is not (other in _CORONARY):
        return False
    holds = {"LT": _LEFT, "RT": _RIGHT}
    return other not in holds.get(one, ()) and one not in holds.get(other, ())
