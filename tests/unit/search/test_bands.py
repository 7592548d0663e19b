"""Numbers are found in the bands that titles give."""

from itertools import pairwise

import pytest
import simple_icd_10_cm

from services.search.lexicon import lexicon, split, words
from services.search.lexicon.bands import _rows, measured


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("BMI 42", "body mass index 40.0-44.9 adult"),
        ("BMI of 42.3", "body mass index 40.0-44.9 adult"),
        ("body mass index 35.9 kg/m2", "body mass index 35.0-35.9 adult"),
        ("BMI 18", "body mass index 19.9 or less adult"),
        ("BMI 90th percentile", "body mass index pediatric 85th percentile to less than 95th percentile for age"),
        ("GCS 7", "glasgow coma scale score 3-8"),
        ("GCS of 14", "glasgow coma scale score 13-15"),
        ("25% TBSA burn", "burns involving 20-29% of body surface"),
        ("burn 92% BSA", "burns involving 90% or more of body surface"),
        ("birth weight 1300 g", "other low birth weight newborn 1250-1499 grams"),
        ("1300g birth weight", "other low birth weight newborn 1250-1499 grams"),
    ],
)
def test_a_number_with_its_measure_is_the_band_that_it_is_in(typed: str, title: str) -> None:
    found = measured(split(typed))
    assert found is not None
    assert found.row.expansion == title
    assert (found.start, found.end) == (0, len(split(typed)))


@pytest.mark.parametrize(
    "typed", ["42", "BMI", "BMI percentile", "GCS 99", "lumbar 4", "BMI and 3 more words", "E11.9"]
)
def test_a_number_without_a_measure_or_outside_of_its_bands_is_left_alone(typed: str) -> None:
    assert measured(split(typed)) is None


def test_the_words_around_a_measure_are_kept() -> None:
    first = lexicon().readings_of("obesity with BMI 37.5 kg/m2")[0]
    assert (first.start, first.words) == (2, words("body mass index 37.0-37.9 adult"))


def test_the_bands_of_a_measure_follow_each_other_and_are_of_codes_that_there_are() -> None:
    for measure in {measure for measure, _ in _rows()}:
        bands = [band for each, band in _rows() if each == measure]
        assert all(one.least < one.most < other.least for one, other in pairwise(bands)), measure
    for _, band in _rows():
        code = band.source.removeprefix("icd10cm: ")
        assert simple_icd_10_cm.is_valid_item(code), code
        title = words(simple_icd_10_cm.get_description(code))
        assert set(words(band.title)) <= set(title), code
