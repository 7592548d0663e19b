"""A main term with its other forms behind commas is one word of a query; two things are two, and a heading is none."""

from __future__ import annotations

import pytest

from services.search.lexicon import split
from services.search.main_terms import with_forms, without_headings


def read(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The words of a text with their other forms."""
    return [(word.normal, word.forms) for word in with_forms(text, split(text))]


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Ulcer, ulcerated, ulcerating heel", ("ulcerated", "ulcerating")),
        ("Stenosis, stenotic aqueduct", ("stenotic",)),
        ("Deficiency, deficient factor", ("deficient",)),
        ("Occlusion, occluded artery", ("occluded",)),
        ("Neuralgia, neuralgic trigeminal", ("neuralgic",)),
        ("Leak, leakage device", ("leakage",)),
        ("Body, bodies loose", ("body",)),
        ("atrophy ,ATROPHIC skin", ("atrophic",)),
    ],
)
def test_other_forms_behind_commas_are_one_word(text: str, forms: tuple[str, ...]) -> None:
    first, *others = read(text)
    assert first[1] == forms
    assert others
    assert not any(behind for _, behind in others)


def test_a_word_below_the_main_term_has_forms_too() -> None:
    assert read("Cyst ovary, ovarian chocolate") == [("cyst", ()), ("ovary", ("ovarian",)), ("chocolate", ())]


@pytest.mark.parametrize(
    "text",
    [
        "hypertension, hyperlipidemia",
        "hemorrhoids, hemorrhage",
        "thyroid, thyroiditis",
        "gastritis, gastric ulcer",
        "diverticulosis, diverticulitis",
        "osteopenia, osteoporosis",
        "thrombosis, thrombocytopenia",
        "bronchitis, bronchiectasis",
        "colitis, colic",
        "myopia, myopathy",
        "carcinoma, carcinoid",
        "T81.4, T81.40XA",
        "arm, army",
        "ulcer ulcerated",
        "ulcer; ulcerated",
    ],
)
def test_two_things_are_two_words(text: str) -> None:
    assert not any(forms for _, forms in read(text))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("injury blood vessel NEC radial artery", "injury blood vessel radial artery"),
        ("injury nerve NEC", "injury nerve nec"),
        ("NEC in newborn", "nec in newborn"),
        ("injury specified NEC uterus", "injury specified nec uterus"),
        ("injury specified blood vessel NEC arm", "injury specified blood vessel nec arm"),
    ],
)
def test_a_heading_says_nothing_of_what_stands_below_it(text: str, read: str) -> None:
    assert " ".join(word.normal for word in without_headings(split(text))) == read
