"""The plain name of a condition: a title without what nobody says."""

import pytest

from services.search.shelving import plainly


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Type 2 diabetes mellitus without complications", "Type 2 diabetes mellitus"),
        ("Alcohol abuse, uncomplicated", "Alcohol abuse"),
        ("Ulcer of esophagus without bleeding", "Ulcer of esophagus"),
        ("Migraine, unspecified, not intractable, without status migrainosus", "Migraine"),
        ("Migraine without aura, not intractable, without status migrainosus", "Migraine without aura"),
        (
            "Calculus of bile duct without cholangitis with obstruction",
            "Calculus of bile duct without cholangitis with obstruction",
        ),
        ("Stress fracture, left ankle, initial encounter for fracture", "Stress fracture, left ankle"),
    ],
)
def test_the_plain_name_leaves_out_what_is_absent_at_the_end(title: str, plain: str) -> None:
    assert plainly(title, "icd10cm") == plain


def test_titles_of_procedures_keep_it_for_without_contrast_is_another_examination() -> None:
    assert plainly("MRI of the brain without contrast", "cpt") == "MRI of the brain without contrast"
