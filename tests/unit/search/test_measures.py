"""Measures as queries state them, and spans as titles do."""

from math import inf

import pytest

from services.search.measures import Measure, Span, measure_in, spans_in


@pytest.mark.parametrize(
    ("text", "kind", "value", "rest"),
    [
        ("laceration 3 cm face", "cm", 3, "laceration face"),
        ("nevus 6mm back", "cm", 0.6, "nevus back"),
        ("discharge 45 min", "minute", 45, "discharge "),
        ("2 hour infusion", "minute", 120, "infusion"),
        ("3-year-old well check", "day", 3 * 365.25, "well check"),
        ("10 days old jaundice", "day", 10, "jaundice"),
        ("newborn 1.2 kg", "gram", 1200, "newborn "),
        ("6-week-old with cough", "day", 42, "with cough"),
    ],
)
def test_a_measure_is_read(text: str, kind: str, value: float, rest: str) -> None:
    found = measure_in(text)
    assert found is not None
    assert (found.kind, found.rest) == (kind, rest)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(("words", "side"), [("over 30 minutes", 1), ("> 30 min", 1), ("less than 30 minutes", -1)])
def test_what_is_beyond_a_number_is_not_the_number(words: str, side: int) -> None:
    found = measure_in(f"discharge {words}")
    assert isinstance(found, Measure)
    assert (found.value - 30) * side > 0


@pytest.mark.parametrize(
    "text",
    [
        "ceftriaxone 500 mg",
        "dressing 16 sq in",
        "graft 25 sq cm",
        "newborn 8 to 28 days",
        "minutes 16-30 min",
        "plate 3 x 4 cm",
        "cough for 3 days",
        "cough x 3 days",
        "fell 2 hours ago",
        "E11.9",
        "T12 fracture",
        "BMI 42",
        "OB scan 20 weeks",
        "3 cm",
        "",
    ],
)
def test_what_is_no_measure_of_something_is_none(text: str) -> None:
    assert measure_in(text) is None


@pytest.mark.parametrize(
    ("title", "least", "most"),
    [
        ("wounds, 2.6 to 5.0 cm in all", 2.6, 5),
        ("wounds, up to 2.5 cm", 0, 2.5),
        ("services, 15-29 minutes, provided", 15, 29),
        ("coma of 30 minutes or less", 0, 30),
        ("infusion (8 hours or greater)", 480, inf),
        ("the first 30 to 74 minutes of a date", 30, inf),
        ("Newborn light, 500-749 grams", 500, 749),
        ("patients of 65 years and over", 65 * 365.25, inf),
        ("loss of consciousness of 1 hour to 5 hours 59 minutes", 60, 359),
        ("loss of consciousness of 31 minutes to 59 minutes", 31, 59),
        ("loss of consciousness of 6 hours to 24 hours", 360, 1440),
    ],
)
def test_a_span_is_read(title: str, least: float, most: float) -> None:
    [span] = spans_in(title)
    assert (span.least, span.most) == pytest.approx((least, most))


def test_what_is_below_or_above_a_number_is_without_it() -> None:
    assert [span.most < 2 for span in spans_in("Contusion of spleen less than 2 cm")] == [True]
    assert [span.least > 30 for span in spans_in("discharge day, more than 30 minutes")] == [True]


@pytest.mark.parametrize("title", ["Psychotherapy, 45 minutes", "Injection, up to 250 mg", "each 15 minutes"])
def test_a_single_number_or_another_unit_is_no_span(title: str) -> None:
    assert list(spans_in(title)) == []


def test_a_title_may_state_several() -> None:
    assert list(spans_in("under 1 cm, or 2 to 3 cm"))[1] == Span("cm", 2, 3)
