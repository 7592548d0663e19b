"""What two releases say of one entry of a code set, in words: its name, and the facts that only one of them states."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_FACTS = 5
"""Facts that stand for one entry on each side; the number of the others is told."""
NOT_COMPARED = frozenset({"action", "action_date"})
"""The publisher's own mark of when a record was last worked on revises no code."""
FACTS = {
    "short": "short description",
    "added": "first day",
    "terminated": "last day",
    "coverage": "coverage code",
    "pricing": "pricing indicator",
    "multiple_pricing": "multiple pricing indicator",
    "betos": "BETOS",
    "types_of_service": "type of service",
    "base_units": "anesthesia base units",
    "coverage_manual": "coverage manual section",
    "carriers_manual": "carriers manual section",
    "cross_references": "cross reference",
    "laboratory": "laboratory certification",
    "processing_note": "processing note",
    "asc_group": "ambulatory surgery group",
    "asc_from": "in the ambulatory surgery group from",
    "extension": "seventh character",
    "seven": "seventh character",
    "seven_notes": "note on the seventh character",
    "inclusion": "inclusion term",
    "excludes1": "Excludes1",
    "excludes2": "Excludes2",
}
"""Names of facts as readers know them, where they are not the key itself in words."""

COLUMNS = {
    "mai": "MAI",
    "pctc": "PC/TC",
    "work": "work RVU",
    "non_facility_pe": "non-facility practice expense RVU",
    "facility_pe": "facility practice expense RVU",
    "malpractice": "malpractice RVU",
    "non_facility_na": "non-facility not applicable",
    "facility_na": "facility not applicable",
    "pre_operative": "preoperative share",
    "intra_operative": "intraoperative share",
    "post_operative": "postoperative share",
    "co_surgeons": "co-surgeons",
    "assistant": "assistant surgeon",
}
"""Names of a payment table's columns as readers know them, likewise."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a code set as one release holds it."""

    heading: str
    reportable: bool
    official: bool
    body: Mapping[str, Any]

    def facts(self) -> list[str]:
        """Every fact by itself, in words."""
        return [
            fact
            for name, value in sorted(self.body.items())
            if name not in NOT_COMPARED
            for fact in _facts(FACTS.get(name, name.replace("_", " ")), value)
        ]


def in_words(old: Entry | None, new: Entry | None) -> tuple[str, str]:
    """What the old and the new release say of an entry; empty for one that lacks it.

    Where both hold it, each side names what the other one does not say as well.
    """
    if old is None or new is None:
        return _words(old), _words(new)
    before, after = _alone(old, new), _alone(new, old)
    if old.heading != new.heading:  # a short description follows its title
        before, after = ([f for f in facts if not f.startswith(FACTS["short"])] for facts in (before, after))
    elif not before and not after and old.reportable == new.reportable:
        after = ["its notes are in another order" if new.official else "our text of it is another one"]
    return _words(old, before), _words(new, after)


def row_facts(row: Mapping[str, Any], columns: Sequence[str], rows_by: Sequence[str]) -> list[str]:
    """The values of a table's row by the names of their columns, behind what tells the row from others of its code."""
    which = " ".join(str(row[name]) for name in rows_by if row[name])
    said = ((name, row[name]) for name in columns if name not in rows_by)
    return [
        " ".join(part for part in (which, COLUMNS.get(name, name.replace("_", " ")), _shown(value)) if part)
        for name, value in said
        if value is not None and value is not False and value != ""
    ]


def _shown(value: object) -> str:
    return "" if value is True else str(value)


def values_in_words(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """What the rows of a code say in the old and in the new release, without what both say."""
    return _joined([fact for fact in old if fact not in new]), _joined([fact for fact in new if fact not in old])


def _alone(one: Entry, other: Entry) -> list[str]:
    known = set(other.facts())
    return [fact for fact in one.facts() if fact not in known]


def _words(entry: Entry | None, facts: Sequence[str] = ()) -> str:
    if entry is None:
        return ""
    return _joined(facts, entry.heading, *(() if entry.reportable else ("not reportable",)))


def _joined(facts: Sequence[str], *before: str) -> str:
    more = len(facts) - MOST_FACTS
    return " · ".join([*before, *facts[:MOST_FACTS]]) + (f"; and {more:,} more" if more > 0 else "")


def _facts(name: str, value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            for key, inner in sorted(value.items()):
                yield from _facts(f"{name} {key}", inner)
        case [[str(), list()], *_]:  # notes of the Tabular List: kind and texts
            for kind, texts in value:
                yield from _facts(FACTS.get(kind, kind.replace("_", " ")), texts)
        case [[str(), str()], *_]:  # what each seventh character means
            yield from (f"{name} {character}: {meaning}" for character, meaning in value)
        case [str(), *_]:
            yield from (f"{name}: {text}" for text in value)
        case True:
            yield name
        case _:
            yield f"{name}: {value}"
