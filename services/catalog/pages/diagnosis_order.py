"""Where an ICD-10-CM code stands among the others of an encounter, by its title and the notes that apply to it."""

from collections.abc import Iterator, Mapping

from services.catalog import answers
from services.catalog.pages.diagnosis_words import is_external_cause
from services.catalog.pages.parts import statement
from services.catalog.pages.sources import guidelines
from services.catalog.pages.tabular_notes import is_completed, note_kinds
from services.catalog.records import CodeRecord, Neighbourhood
from services.catalog.tabular.titles import Toxicity, is_manifestation, toxicity

_ORDER: Mapping[Toxicity, tuple[str, str]] = {
    Toxicity.ADVERSE_EFFECT: (
        "Sequence the nature of the adverse effect first, and this code, which names the drug, after it.",
        "I.C.19.e.5.a",
    ),
    Toxicity.POISONING: (
        "Sequence this code first, and after it those of what the poisoning did to the patient.",
        "I.C.19.e.5.b",
    ),
    Toxicity.UNDERDOSING: (
        "Sequence the condition for which the drug was prescribed first, where it came back or grew worse.",
        "I.C.19.e.5.c",
    ),
    Toxicity.TOXIC_EFFECT: (
        "Sequence this code first, and after it those of what the substance did to the patient.",
        "I.C.19.e.5.d",
    ),
}
_RECORD: Mapping[Toxicity, tuple[str, str]] = {
    Toxicity.ADVERSE_EFFECT: (
        "That the drug was correctly prescribed and properly given, and the nature of the effect.",
        "I.C.19.e.5.a",
    ),
    Toxicity.POISONING: (
        "How the drug was used improperly, such as an overdose or a wrong drug, and the intent.",
        "I.C.19.e.5.b",
    ),
    Toxicity.UNDERDOSING: (
        "That less was taken than was prescribed or instructed, with the reason where it is known.",
        "I.C.19.e.5.c",
    ),
    Toxicity.TOXIC_EFFECT: (
        "The substance, how the patient came into contact with it, and the intent.",
        "I.C.19.e.5.d",
    ),
}


def asks_for_code_first(place: Neighbourhood) -> bool:
    """Whether another code goes before it by the title or a note; that of T36 to T50 is for adverse effects alone."""
    if _toxicity(place.record) is not None:
        return False
    return is_manifestation(place.record.heading) or "code_first" in note_kinds(place)


def order(place: Neighbourhood) -> Iterator[answers.Statement]:
    """What comes before the code and what after it."""
    kinds, effect = note_kinds(place), _toxicity(place.record)
    if _is_sequela(place.record):
        yield statement(
            "Sequence what the condition left behind first, and this code, which tells where it came from, after it.",
            guidelines("I.B.10"),
        )
    elif effect is not None:
        text, section = _ORDER[effect]
        yield statement(text, guidelines(section))
    elif "code_first" in kinds:
        yield statement(
            "Sequence the condition of the code first note before this one, where it is present.",
            guidelines("I.A.13"),
            guidelines("I.B.7"),
        )
    if "use_additional" in kinds:
        yield statement(
            "Add the codes of the use additional code notes after this one, where they are known.", guidelines("I.B.7")
        )


def never_first(record: CodeRecord) -> Iterator[answers.Statement]:
    """Why the code is never the first-listed one."""
    if is_manifestation(record.heading):
        yield statement(
            "Never first-listed or principal: the underlying condition comes first, and this code follows it.",
            guidelines("I.A.13"),
        )
    if is_external_cause(record):
        yield statement("Never first-listed or principal: it tells the cause of a condition.", guidelines("I.C.20.a.6"))
    if _toxicity(record) is Toxicity.UNDERDOSING:
        yield statement(
            "Never first-listed or principal: it tells that too little of a drug was taken.", guidelines("I.C.19.e.5.c")
        )


def of_the_record(record: CodeRecord) -> Iterator[answers.Statement]:
    """What the record must say of a substance that harmed the patient."""
    effect = _toxicity(record)
    if effect is not None:
        text, section = _RECORD[effect]
        yield statement(text, guidelines(section))


def _is_sequela(record: CodeRecord) -> bool:
    """Whether its seventh character says so; of external causes the order is another."""
    return is_completed(record) and record.body["extension"][0] == "S" and not is_external_cause(record)


def _toxicity(record: CodeRecord) -> Toxicity | None:
    return toxicity(record.code, record.heading)
