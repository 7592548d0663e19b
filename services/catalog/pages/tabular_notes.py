"""The notes of the Tabular List on a code's page: its own first, then those that it inherits, from near to far."""

from collections.abc import Iterator

from services.catalog import answers
from services.catalog.pages.named_codes import codes_in
from services.catalog.pages.parts import Refs, code_ref
from services.catalog.records import CodeRecord, Key, Neighbourhood

KINDS = {
    "inclusion": answers.TabularNoteKind.INCLUSION_TERM,
    "includes": answers.TabularNoteKind.INCLUDES,
    "excludes1": answers.TabularNoteKind.EXCLUDES1,
    "excludes2": answers.TabularNoteKind.EXCLUDES2,
    "code_first": answers.TabularNoteKind.CODE_FIRST,
    "use_additional": answers.TabularNoteKind.USE_ADDITIONAL,
    "code_also": answers.TabularNoteKind.CODE_ALSO,
    "note": answers.TabularNoteKind.NOTE,
}
_OWN_ONLY = "inclusion"
"""Inclusion terms name what one code is used for (Guidelines I.A.11); codes below it have their own."""


def near_to_far(place: Neighbourhood) -> Iterator[CodeRecord]:
    """The code itself, then its ancestors from the parent up."""
    yield place.record
    yield from reversed(place.ancestors)


def note_kinds(place: Neighbourhood) -> set[str]:
    """The kinds of notes that apply to a code, own and inherited."""
    return {
        kind
        for record in near_to_far(place)
        for kind, _ in record.body.get("notes", ())
        if _applies(place, record, kind)
    }


def tabular_notes(place: Neighbourhood, known: Refs) -> Iterator[answers.TabularNotes]:
    """Every block of notes that applies to a code."""
    for record in near_to_far(place):
        inherited = None if record is place.record else code_ref(record)
        for kind, texts in record.body.get("notes", ()):
            if _applies(place, record, kind):
                yield answers.TabularNotes(
                    kind=KINDS[kind],
                    notes=tuple(_note(text, known) for text in texts),
                    inherited_from=inherited,
                )
        if record.body.get("seven_notes"):
            yield answers.TabularNotes(
                kind=answers.TabularNoteKind.SEVENTH_CHARACTER,
                notes=tuple(_note(text, known) for text in record.body["seven_notes"]),
                inherited_from=inherited,
            )


def codes_named(place: Neighbourhood) -> list[Key]:
    """The codes that the notes of a page name, whether they exist or not."""
    texts = [
        text
        for record in near_to_far(place)
        for kind, block in record.body.get("notes", ())
        if _applies(place, record, kind)
        for text in block
    ]
    texts += [text for record in near_to_far(place) for text in record.body.get("seven_notes", ())]
    return [("icd10cm", code) for code in dict.fromkeys(code for text in texts for code in codes_in(text))]


def seventh_characters(place: Neighbourhood) -> answers.SeventhCharacters | None:
    """The seventh characters that complete the code, from the nearest place that defines them."""
    defined_at = next((record for record in near_to_far(place) if record.body.get("seven")), None)
    if defined_at is None:
        return None
    fitting = _fitting(place)
    return answers.SeventhCharacters(
        characters=tuple(
            answers.CharacterMeaning(character=character, meaning=meaning)
            for character, meaning in defined_at.body["seven"]
            if not fitting or character in fitting
        ),
        inherited_from=None if defined_at is place.record else code_ref(defined_at),
    )


def _fitting(place: Neighbourhood) -> set[str]:
    """The characters with which codes exist, where the code is completed by them; empty further up the tree."""
    completed = place.siblings if is_completed(place.record) else place.children
    return {record.code[6] for record in completed if len(record.code) == 7 and not record.children}


def is_completed(record: CodeRecord) -> bool:
    """Whether a seventh character completes the code, rather than the Tabular List naming it whole."""
    return "extension" in record.body


def _applies(place: Neighbourhood, record: CodeRecord, kind: str) -> bool:
    if kind != _OWN_ONLY or record is place.record:
        return True
    return is_completed(place.record) and record is place.ancestors[-1]


def _note(text: str, known: Refs) -> answers.TabularNote:
    named = (known.existing("icd10cm", code) for code in codes_in(text))
    return answers.TabularNote(text=text, codes=tuple(ref for ref in named if ref is not None))
