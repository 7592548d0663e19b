"""What has some of the words of a question, found in the table by what its terms weigh; only what filters leave."""

from __future__ import annotations

import random

import pytest

from services.search.engine import CONTEXT_COUNTS, Narrowed, Weighted
from services.search.entry import Entry
from services.search.postings import Postings
from services.search.shelving import shelf_of, with_changes
from tests.search.random_tables import random_filter, random_table, random_terms


@pytest.mark.parametrize("seed", range(20))
async def test_the_same_is_found_as_by_looking_at_every_entry(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a draw that is the same each time
    met = 0
    for _ in range(20):
        made = random_table(chance)
        asked = random_terms(chance), random_filter(chance, made), chance.choice([1, 3, 100])
        postings, expected = Postings(made.table), made.heaviest(*asked)
        for _ in range(2):  # the second time as the first: nothing is left of a question
            assert await postings.some_of(*asked) == expected
        met += bool(expected)
    assert met, "questions that nothing fits prove nothing"


async def test_a_code_that_changed_is_found_by_its_new_words_below_what_took_the_place_of_its_chapter() -> None:
    changed = (
        Entry("icd10cm", "R05", "R05", "Barking", ancestors=("R",)),
        Entry("icd10cm", "R", "R", "Symptom", billable=False),
    )
    entries = (
        Entry("icd10cm", "R", "R", "General symptom", billable=False),
        Entry("icd10cm", "R50", "R50", "Fever", ancestors=("R",)),
        Entry("icd10cm", "R05", "R05", "Cough", ancestors=("R",)),
        Entry("icd9cm", "E906", "E906", "Bite of rat"),
    )
    table = with_changes(shelf_of("one", entries, {}), changed, [("icd9cm", "E906")], {})
    postings = Postings(table)
    asked = [Weighted("cough", 5), Weighted("barking", 5), Weighted("fever", 4)]

    async def found(narrowed: Narrowed) -> list[str]:
        return [table.code_of(row)[1] for row in await postings.some_of(asked, narrowed, 10)]

    assert await found(Narrowed(section="icd10cm/r")) == ["R05", "R50"]
    assert await found(Narrowed(section="icd10cm/nowhere")) == []
    assert await postings.some_of([Weighted("rat", 5)], Narrowed(), 10) == []


def test_what_counts_above_is_a_part_of_the_weight_and_at_least_something() -> None:
    assert Weighted("fever", 10).above == round(10 * CONTEXT_COUNTS)
    assert Weighted("fever", 1).above == 1
    assert (Weighted("fever", 10, telling=False).above, Weighted("fever", 10, own=True).above) == (0, 0)
