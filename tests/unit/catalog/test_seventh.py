"""Exceptions to seventh characters are read from the words of the Tabular List, or said not to be understood."""

from services.catalog.tabular.seventh import characters_for, exceptions_in

ENCOUNTERS = (("A", "initial encounter"), ("D", "subsequent encounter"), ("S", "sequela"))
AS_PUBLISHED = (
    "7th characters D and S do not apply to codes in category S06 with 6th character 7 - death due to brain injury "
    "prior to regaining consciousness, or 8 - death due to other cause prior to regaining consciousness."
)


def test_the_exception_of_category_s06_bars_two_characters_at_two_places() -> None:
    exceptions, unread = exceptions_in([AS_PUBLISHED])
    assert not unread
    assert [c for c, _ in characters_for("S061X7", ENCOUNTERS, exceptions)] == ["A"]
    assert [c for c, _ in characters_for("S061X8", ENCOUNTERS, exceptions)] == ["A"]
    assert [c for c, _ in characters_for("S061X9", ENCOUNTERS, exceptions)] == ["A", "D", "S"]
    assert [c for c, _ in characters_for("S0207", ENCOUNTERS, exceptions)] == ["A", "D", "S"]


def test_other_notes_are_no_exceptions() -> None:
    assert exceptions_in(["The appropriate 7th character is to be added to each code from category S52"]) == ((), [])


def test_an_exception_in_other_words_is_given_back() -> None:
    note = "7th character S does not apply on Sundays"
    assert exceptions_in([note]) == ((), [note])
