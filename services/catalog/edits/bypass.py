"""Which modifier sets an edit of indicator 1 aside, on which line, and what the record must show for it.

NCCI Policy Manual for Medicare 2026, ch. I, D and E. Whether the record shows it is for a person to see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.catalog.edits import modifiers
from services.catalog.edits.claim import Line, Setting
from services.catalog.edits.services import (
    LABORATORY_TEST,
    PROCEDURE,
    VISIT,
    is_laboratory_test,
    is_procedure,
    is_visit,
    service_of,
)

RECORD = {
    "59": "different sites, encounters, incisions, lesions or injuries, and that no more exact modifier fits",
    "XE": "a separate encounter on the same day",
    "XS": "a separate organ or structure",
    "XP": "a different practitioner",
    "XU": "a service that does not overlap the usual parts of the main one",
    "24": "a visit in a postoperative period that is unrelated to the operation",
    "25": "a significant visit that is separately identifiable from the other service",
    "57": "a visit at which the major operation was decided",
    "27": "several visits of one day to the outpatient hospital",
    "58": "a procedure that was staged, more extensive, or therapy after a diagnostic one",
    "78": "an unplanned return to the operating room for a related procedure",
    "79": "a procedure unrelated to the earlier operation",
    "91": "a laboratory test that had to be repeated on the same day for its results",
}
_DISTINCT = "different sites, encounters or practitioners, or services that do not overlap"
SITES = "different sites, as the anatomic modifiers of both lines say"


@dataclass(frozen=True, slots=True)
class Bypass:
    """A modifier that sets an edit aside."""

    modifier: str
    line: Line

    @property
    def record(self) -> str:
        """What the record must show."""
        return RECORD.get(self.modifier, SITES)


def bypass(one: Line, other: Line, setting: Setting) -> Bypass | None:
    """The first modifier on two lines that sets an edit of indicator 1 between them aside."""
    if not one.modifiers and not other.modifiers:
        return None
    for line, beside in ((one, other), (other, one)):
        for modifier in line.modifiers:
            if _fits(modifier, line, beside, setting):
                return Bypass(modifier, line)
    return None


def _fits(modifier: str, line: Line, beside: Line, setting: Setting) -> bool:
    if modifier in modifiers.DISTINCT:
        return True
    if modifier in modifiers.OF_VISITS:
        return is_visit(line.code)
    if modifier in modifiers.OF_LATER_PROCEDURES:
        return is_procedure(line.code)
    if modifier == modifiers.SEVERAL_VISITS:
        return setting is Setting.OUTPATIENT and is_visit(line.code) and is_visit(beside.code)
    if modifier == modifiers.REPEATED_TEST:
        return is_laboratory_test(line.code)
    return modifier in modifiers.ANATOMIC and modifiers.sites_differ(line.modifiers, beside.modifiers)


def unfit(one: Line, other: Line) -> Iterator[str]:
    """Why modifiers that stand on two lines do not set the edit between them aside, a sentence each."""
    for line in (one, other):
        for modifier in line.modifiers:
            reason = _unfitness(modifier, line)
            if reason:
                yield f"{modifier} on {line.name} does not: {reason}."


def _unfitness(modifier: str, line: Line) -> str:
    """Why a modifier that does not set the edit aside does not; nothing where it never claims to."""
    reasons = (
        (modifiers.NEVER, "it never bypasses an edit"),
        (modifiers.OF_VISITS, f"it belongs to a visit, and {line.code} is none"),
        (modifiers.OF_LATER_PROCEDURES, f"it belongs to a procedure, and {line.code} is none"),
        ({modifiers.SEVERAL_VISITS}, "it belongs to one of several visits of a day to an outpatient hospital"),
        ({modifiers.REPEATED_TEST}, f"it belongs to a laboratory test, and {line.code} is none"),
        (modifiers.ANATOMIC, "anatomic modifiers help where both lines have one and their sites differ"),
        ({modifiers.BOTH_SIDES}, "it is none of the modifiers of NCCI"),
    )
    return next((reason for group, reason in reasons if modifier in group), "")


def ways(column_1: Line, column_2: Line, setting: Setting) -> str:
    """What would set an edit of indicator 1 aside, and what the record must show.

    59 does on either line; on a visit it does not belong (ch. I, E.d), so it is not proposed there.
    """
    one, other = service_of(column_1.code), service_of(column_2.code)
    if one == other == PROCEDURE:
        return BETWEEN_PROCEDURES  # as most are, and no line is named
    return _ways((column_1.name, one), (column_2.name, other), outpatient=setting is Setting.OUTPATIENT)


@lru_cache(maxsize=20_000)
def _ways(one: tuple[str, str], other: tuple[str, str], *, outpatient: bool) -> str:
    visits = [name for name, service in (one, other) if service == VISIT]
    others = [name for name, service in (one, other) if service != VISIT]
    found = [f"25 on {name}, the visit, when the record shows {RECORD['25']}" for name in visits]
    if len(visits) == 1:
        found.append(
            f"24 or 57 on {visits[0]}, when it shows a visit unrelated to an earlier operation, or the decision for "
            "major surgery"
        )
    if len(visits) == 2 and outpatient:
        found.append("27, when it shows several visits of one day")
    if others:
        where = others[0] if visits else "either line"
        found.append(f"59, or better XE, XS, XP or XU, on {where}, when the record shows {_DISTINCT}")
    if not visits:
        found.append("anatomic modifiers on both lines, such as LT and RT, when the sites differ")
    tests = [name for name, service in (one, other) if service == LABORATORY_TEST]
    found += [f"91 on {name}, when it shows a repeated test" for name in tests[:1]]
    procedures = [name for name, service in (one, other) if service == PROCEDURE]
    if procedures and not tests:
        found.append("58, 78 or 79 on a later procedure, when it shows a staged, a related or an unrelated one")
    return "; ".join(found)


BETWEEN_PROCEDURES = _ways(("", PROCEDURE), ("", PROCEDURE), outpatient=False)
"""What would set an edit between two procedures aside."""
