"""What a record must establish for one ICD-10-CM code rather than its siblings, drawn strictly from their titles."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from services.catalog import answers
from services.catalog.pages.diagnosis_order import asks_for_code_first, of_the_record
from services.catalog.pages.diagnosis_words import is_external_cause, is_other, is_unspecified
from services.catalog.pages.parts import statement
from services.catalog.pages.sources import guidelines
from services.catalog.pages.tabular_notes import is_completed, note_kinds
from services.catalog.records import CodeRecord, Neighbourhood

MOST_NAMED = 8
_SIDE = re.compile(r"\b(right|left|bilateral)\b", re.IGNORECASE)
_UNKNOWN_SIDE = re.compile(
    r"\bunspecified (side|eye|ear|hand|foot|arm|leg|limb|shoulder|elbow|wrist|hip|knee|ankle|breast|"
    r"upper limb|lower limb|upper arm|forearm|thigh|lower leg|finger|toe)\b",
    re.IGNORECASE,
)
_ENCOUNTER = re.compile(r"\b(initial encounter|subsequent encounter|sequela)\b", re.IGNORECASE)
_CAUSES, _REASONS = guidelines("I.C.20.a"), guidelines("I.C.21.a")
_TRIMESTER = re.compile(r"\btrimester\b", re.IGNORECASE)


def requirements(place: Neighbourhood) -> Iterator[answers.Statement]:
    """Statements with the section of the Official Guidelines behind each."""
    record = place.record
    if record.reportable:
        yield _what_the_title_says(record)
    else:
        yield statement(
            "Enough detail to choose one of the reportable codes below: a diagnosis is reported at the highest "
            "number of characters that the record supports.",
            guidelines("I.B.2"),
        )
    yield from _told_apart(place)
    titles = _titles(place)
    yield from _laterality(record, titles)
    yield from _stage(place, titles)
    if any(_TRIMESTER.search(title) for title in titles):
        yield statement("The trimester at the encounter, or the weeks of gestation.", guidelines("I.C.15.a.3"))
    yield from _of_the_title(place)


def _what_the_title_says(record: CodeRecord) -> answers.Statement:
    """What the record must say for the title: a diagnosis, a sign, a circumstance or a cause."""
    if is_external_cause(record):
        return statement(f"The cause, place, activity or status of the title: {record.heading}.", _CAUSES)
    if record.code[0] == "Z":
        return statement(f"The reason for the encounter or the circumstance of the title: {record.heading}.", _REASONS)
    if record.code[0] == "R":
        return statement(f"The symptom, sign or finding of the title: {record.heading}.", guidelines("I.B.4"))
    return statement(f"The provider's diagnostic statement for the title: {record.heading}.", guidelines("I.A.19"))


def _titles(place: Neighbourhood) -> list[str]:
    """The titles between which the record must decide."""
    if place.record.reportable:
        return [place.record.heading, *(sibling.heading for sibling in place.siblings)]
    return [code.heading for code in place.reportable]


def _told_apart(place: Neighbourhood) -> Iterator[answers.Statement]:
    if not place.record.reportable:
        choices = _named(place.children)
        if choices:
            yield statement(f"Which of the entries directly below it applies: {choices}.", guidelines("I.B.2"))
        return
    others = [sibling for sibling in place.siblings if sibling.code != place.record.code]
    if not others or is_completed(place.record):
        return
    own = distinct_part(place.record.heading, [sibling.heading for sibling in others])
    yield statement(
        f"What sets it apart from its neighbours: “{own}”, rather than {_named(others, _heading_of(place))}.",
        guidelines("I.B.2"),
    )


def _heading_of(place: Neighbourhood) -> list[str]:
    return [place.record.heading]


def _named(records: Sequence[CodeRecord], beside: Sequence[str] = ()) -> str:
    titles = [record.heading for record in records]
    shown = []
    for record in records[:MOST_NAMED]:
        others = [title for title in (*titles, *beside) if title != record.heading]
        shown.append(f"{record.display} ({distinct_part(record.heading, others)})")
    rest = len(records) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def distinct_part(title: str, others: Sequence[str]) -> str:
    """The title without the words with which every other one begins too; the whole title when nothing is left."""
    words = title.split()
    columns = zip(words, *(other.split() for other in others), strict=False)
    common = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns)) if others else 0
    rest = " ".join(words[common:]).strip(" ,;")
    return rest if common >= 2 and rest else title


def _laterality(record: CodeRecord, titles: Sequence[str]) -> Iterator[answers.Statement]:
    sides = {found.lower() for title in titles for found in _SIDE.findall(title)}
    if not {"right", "left"} <= sides:
        return
    choices = ["right", "left", *(["bilateral"] if "bilateral" in sides else [])]
    text = f"The side: the codes here tell {', '.join(choices[:-1])} and {choices[-1]} apart"
    mine = {found.lower() for found in _SIDE.findall(record.heading)}
    if record.reportable and len(mine) == 1:
        text += f", and this one is for {mine.pop()}"
    elif record.reportable and _UNKNOWN_SIDE.search(record.heading):
        text += ", and this one is for a record that does not say and cannot be clarified"
    yield statement(f"{text}.", guidelines("I.B.13"))


def _stage(place: Neighbourhood, titles: Sequence[str]) -> Iterator[answers.Statement]:
    seventh = any(is_completed(record) for record in (place.record,)) or any(len(r.code) == 7 for r in place.reportable)
    if not seventh:
        return
    if any(_ENCOUNTER.search(title) for title in titles):
        yield statement(
            "The stage of care: whether the patient is receiving active treatment (initial), routine care in the "
            "healing or recovery phase (subsequent), or is seen for what the condition left behind (sequela).",
            guidelines(_encounter_section(place.record)),
        )
    else:
        yield statement("What the seventh character tells apart.", guidelines("I.A.5"))


def _encounter_section(record: CodeRecord) -> str:
    if record.code[0] in "VWXY" or "CHAPTER-20" in (record.code, *record.ancestors):
        return "I.C.20.a.2"
    if "fracture" in record.heading.lower():
        return "I.C.13.c" if record.code[0] == "M" else "I.C.19.c.1"
    return "I.C.19.a" if record.code[0] in "ST" or "CHAPTER-19" in (record.code, *record.ancestors) else "I.A.5"


def _of_the_title(place: Neighbourhood) -> Iterator[answers.Statement]:
    record, kinds = place.record, note_kinds(place)
    yield from of_the_record(record)
    if asks_for_code_first(place):
        yield statement(
            "The underlying condition that the code first note asks for, where it is present.",
            guidelines("I.A.13"),
            guidelines("I.B.7"),
        )
    if "use_additional" in kinds:
        yield statement("What the use additional code notes ask for, where the record shows it.", guidelines("I.B.7"))
    if record.reportable and is_other(record):
        yield statement(
            "Detail for which no specific code exists; that is what a code titled “other” is for.",
            guidelines("I.A.9.a"),
        )
    if record.reportable and is_unspecified(record):
        yield statement(
            "An unspecified code fits when the record does not allow a more specific one; ask the provider first where "
            "the detail can be had.",
            guidelines("I.A.9.b"),
            guidelines("I.B.18"),
        )
