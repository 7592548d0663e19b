"""Since when and until when a code stands in the editions of its code set."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog import answers
from services.catalog.pages.standing import Standing, editions_sentence, history
from services.catalog.validity import Kind, Presence, changes, days_of

TODAY = date(2026, 5, 1)


def edition(year: int, *, held: bool = True, heading: str = "Invented wound", reportable: bool = True) -> Presence:
    """The edition of an invented fiscal year."""
    return Presence(f"FY {year}", date(year - 1, 10, 1), date(year, 9, 30), held, heading, reportable)


def test_a_code_is_valid_from_the_first_edition_that_holds_it_to_the_day_before_the_first_that_does_not() -> None:
    editions = [edition(2024, held=False), edition(2025), edition(2026), edition(2027, held=False)]
    first, last = date(2024, 10, 1), date(2026, 9, 30)
    for day, expected in [
        (first - timedelta(days=1), (False, first, None)),
        (first, (True, first, last)),
        (last, (True, first, last)),
        (last + timedelta(days=1), (False, None, last)),
    ]:
        found = days_of(editions, day)
        assert (found.valid, found.first_day, found.last_day) == expected


def test_before_the_oldest_edition_nothing_is_known() -> None:
    found = days_of([edition(2025)], date(2024, 9, 30))
    assert (found.valid, found.first_day, found.last_day) == (None, None, None)
    assert days_of([edition(2025)], date(2024, 10, 1)).first_day is None, "what was before the oldest is not known"


def test_the_newest_edition_answers_later_days_and_says_that_it_had_ended() -> None:
    editions = [edition(2025), edition(2026)]
    assert days_of(editions, date(2027, 1, 1)).stale
    assert not days_of(editions, date(2026, 9, 30)).stale
    assert "had ended by then" in Standing("S09.0", "Set", editions, date(2027, 1, 1), TODAY).status().sentence


def test_the_days_of_the_code_itself_are_narrower_than_the_edition() -> None:
    own = Presence("July", date(2024, 7, 1), None, True, "X", True, date(2020, 1, 1), date(2024, 8, 31))
    assert days_of([own], date(2024, 8, 31)).valid
    assert days_of([own], date(2024, 9, 1)).valid is False


def test_where_days_lie_between_two_editions_a_code_ends_with_its_own_and_its_first_day_is_not_known() -> None:
    april = Presence("FY 2026, April", date(2026, 4, 1), date(2026, 9, 30), False)
    gone = days_of([edition(2025), april], date(2026, 5, 1))
    assert (gone.valid, gone.last_day) == (False, date(2025, 9, 30))
    assert days_of([edition(2025), april], date(2025, 12, 1)).stale
    added = [edition(2025, held=False), replace(april, held=True)]
    assert days_of(added, date(2026, 5, 1)).first_day is None
    told = [replace(each, first_day=date(2025, 10, 1)) if each.held else each for each in added]
    assert days_of(told, date(2026, 5, 1)).first_day == date(2025, 10, 1)
    assert [change.day for change in changes([edition(2025), april])] == [date(2025, 10, 1)]


def test_no_code_of_a_set_that_ended_is_valid_behind_its_last_edition() -> None:
    last = Presence("v32", date(2014, 10, 1), date(2015, 9, 30), True, "X", True, final=True)
    assert days_of([last], date(2015, 9, 30)).valid
    gone = days_of([last], date(2015, 10, 1))
    assert (gone.valid, gone.last_day, gone.stale) == (False, date(2015, 9, 30), False)


def test_a_code_that_came_back_has_the_days_around_the_one_asked_for() -> None:
    editions = [edition(2024), edition(2025, held=False), edition(2026)]
    assert days_of(editions, date(2023, 12, 1)).last_day == date(2024, 9, 30)
    assert days_of(editions, date(2025, 12, 1)).first_day == date(2025, 10, 1)
    gone = days_of(editions, date(2025, 1, 1))
    assert (gone.valid, gone.last_day, gone.first_day) == (False, date(2024, 9, 30), date(2025, 10, 1))


def test_what_happened_is_told_by_edition() -> None:
    editions = [
        edition(2024, held=False),
        edition(2025),
        edition(2026, heading="Invented wound, sided", reportable=False),
        edition(2027, held=False),
    ]
    assert [(change.kind, change.day) for change in changes(editions)] == [
        (Kind.ADDED, date(2024, 10, 1)),
        (Kind.REVISED, date(2025, 10, 1)),
        (Kind.DIVIDED, date(2025, 10, 1)),
        (Kind.DELETED, date(2026, 10, 1)),
    ]
    events = list(history(editions, "Invented list"))
    assert [event.date for event in events] == sorted((event.date for event in events if event.date), reverse=True)


def test_accents_and_blanks_are_no_revision() -> None:
    assert not list(changes([edition(2025, heading="Ménière's  disease"), edition(2026, heading="Meniere's disease")]))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (None, "S09.0 is not valid: its last day was September 30, 2025, by Set FY 2026."),
        (
            date(2025, 10, 1),
            "S09.0 is not valid on October 1, 2025: its last day was September 30, 2025, by Set FY 2026.",
        ),
        (date(2025, 9, 30), "Valid on September 30, 2025, by Set FY 2025."),
    ],
)
def test_the_standing_is_a_sentence_with_its_edition(asked: date | None, sentence: str) -> None:
    editions = [edition(2025), edition(2026, held=False)]
    assert Standing("S09.0", "Set", editions, asked, TODAY).status().sentence == sentence


def test_without_dated_editions_nothing_is_claimed() -> None:
    undated = [Presence("2026-11", None, None, True)]
    assert Standing("99213", "CPT", [], None, TODAY).status() == answers.CodeStatus(validity=answers.Validity.UNKNOWN)
    assert "no edition has dates" in Standing("99213", "CPT", [], date(2026, 1, 1), TODAY).status().sentence
    assert "with dates" in editions_sentence("CPT", undated)


@given(st.lists(st.booleans(), min_size=1, max_size=6), st.integers(-400, 3000))
def test_validity_agrees_with_the_edition_of_the_day(held: list[bool], offset: int) -> None:
    editions = [edition(2021 + number, held=each) for number, each in enumerate(held)]
    day = date(2020, 10, 1) + timedelta(days=offset)
    found = days_of(editions, day)
    begun = [each for each in editions if each.begins and each.begins <= day]
    assert found.valid is (begun[-1].held if begun else None)
    if found.valid:
        assert found.first_day is None or found.first_day <= day
        assert found.last_day is None or found.last_day >= day
