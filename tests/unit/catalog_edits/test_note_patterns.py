"""Which codes a note of the Tabular List names; the notes are as published."""

import pytest

from services.catalog.edits.note_patterns import patterns_of


@pytest.mark.parametrize(
    ("note", "named", "others"),
    [
        ("sleep related teeth grinding (G47.63)", ["G4763"], ["G476", "G4769"]),
        ("botulism (A05.1, A48.51-A48.52)", ["A051", "A4851", "A4852"], ["A4850", "A053"]),
        ("infarction (I63.3-I63.5-)", ["I6330", "I6359"], ["I6320", "I6360"]),
        ("ulcer (I70.2--I70.7-)", ["I70201", "I70799"], ["I701"]),
        ("diabetes with foot ulcer (E08-E13 with .62-)", ["E11621", "E0862"], ["E1165", "E119", "E14621"]),
        ("diabetes with gangrene (E08-E13 with .51-.52)", ["E1151", "E1352"], ["E1159"]),
        ("hemiplegia (I69. with final characters -23)", ["I6923"], ["I6921"]),
        ("poisoning (T36-T65 with fifth or sixth character 1-4)", ["T400X1A", "T39011A"], ["T400X5A", "T66"]),
        ("pedestrian (V01-V09 with 5th character 9)", ["V0109XA", "V0399XA"], ["V0110XA"]),
        ("open fracture (S02.- with 7th character B)", ["S020XXB"], ["S020XXA"]),
        ("in remission (B27.0-B27.9 with fifth character 1)", ["B2701"], ["B2700"]),
        ("arthritis (M05.00 to M05.8A)", ["M0500", "M058A"], ["M059"]),
        ("neoplasm of skin (C43-C44)", ["C4320", "C4409"], ["C4A0", "C45"]),
        ("pneumoconiosis with tuberculosis, any type in A15 (J65)", ["J65"], ["A150"]),
        ("torticollis NOS M43.6", ["M436"], ["M43"]),
        ("primary cutaneous CD30-positive T-cell proliferations (C86.6-)", ["C8660"], ["D300"]),
        ("acquired absence of knee joint following prior explantation (Z89.52-", ["Z89521"], ["Z8951"]),
        ("a cause (Y92)", ["Y92"], ["Y93"]),
    ],
)
def test_a_note_names_codes(note: str, named: list[str], others: list[str]) -> None:
    patterns = patterns_of(note)
    assert all(any(pattern.covers(code) for pattern in patterns) for code in named)
    assert not any(pattern.covers(code) for pattern in patterns for code in others)


@pytest.mark.parametrize(
    "note",
    [
        "normal variation in pattern of selective attachment",
        "deficiency of glucose-6-phosphate dehydrogenase [G6PD]",
        "diabetic acidosis - see categories E08-E10, E11, E13 with ketoacidosis",
        "open fracture of elbow and forearm (S52.- with open fracture 7th character)",
    ],
)
def test_what_names_no_code_or_restricts_it_in_other_words_is_not_tested(note: str) -> None:
    assert patterns_of(note) == ()
