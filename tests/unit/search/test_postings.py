"""What has some of the words of a question: by the sum of what its terms weigh, and only what filters leave."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import pytest

from services.search.engine import Narrowed
from services.search.entry import Entry, Key
from services.search.postings import CONTEXT_COUNTS, Postings, Weighted
from services.search.shelf import Shelf
from services.search.shelving import shelf_of, with_changes

WORDS = ("fever", "rat", "bite", "cough", "dry", "left", "hand", "burn", "acute", "other")
ENTRIES = (
    Entry("icd10cm", "R", "R", "General symptom", billable=False),
    Entry("icd10cm", "R50", "R50", "Fever", ancestors=("R",)),
    Entry("icd10cm", "R05", "R05", "Cough", ancestors=("R",)),
    Entry("icd9cm", "E906", "E906", "Bite of rat with fever"),
)


def shelf(entries: Sequence[Entry] = ENTRIES) -> Shelf:
    """A table of some entries."""
    return shelf_of("one", entries, {})


def weightiest(of: Shelf, terms: Iterable[Weighted], narrowed: Narrowed | None = None, limit: int = 10) -> list[str]:
    """The codes with some of the terms."""
    rows = Postings(of).weightiest(list(terms), narrowed or Narrowed(), limit)
    return [of.code_of(row)[1] for row in rows]


def term(of: Shelf, word: str, weight: int, *, telling: bool = True, own: bool = False) -> Weighted:
    """A word as it is asked for."""
    return Weighted(of.numbers[word], weight, telling, own)


def test_some_of_the_terms_are_enough_and_what_weighs_more_comes_first() -> None:
    table = shelf()
    assert weightiest(table, [term(table, "rat", 8), term(table, "fever", 5)]) == ["E906", "R50"]
    assert weightiest(table, [term(table, "fever", 5)], Narrowed(systems=("icd9cm",))) == ["E906"]
    assert weightiest(table, []) == []


def test_of_equal_ones_the_first_stay_when_there_are_more_than_asked_for() -> None:
    table = shelf()
    asked = [term(table, "rat", 5), term(table, "fever", 5), term(table, "cough", 10)]
    assert weightiest(table, asked, limit=2) == ["R05", "E906"]
    assert weightiest(table, [term(table, "fever", 5)], limit=1) == ["R50"]


def test_what_stands_above_counts_for_telling_terms_that_are_not_looked_for_in_titles_alone() -> None:
    table = shelf()
    assert weightiest(table, [term(table, "symptom", 10), term(table, "cough", 4)]) == ["R", "R05", "R50"]
    assert weightiest(table, [term(table, "symptom", 10, own=True)]) == ["R"]
    beside = [term(table, "cough", 5), term(table, "symptom", 9, telling=False)]
    assert weightiest(table, beside) == ["R05"], "nothing is found by what does not tell"
    assert weightiest(table, [term(table, "symptom", 9, telling=False)]) == []


def test_a_code_that_changed_is_found_by_its_new_words_and_lies_below_what_took_the_place_of_its_chapter() -> None:
    table = with_changes(
        shelf(),
        [
            Entry("icd10cm", "R05", "R05", "Barking", ancestors=("R",)),
            Entry("icd10cm", "R", "R", "Symptom", billable=False),
        ],
        [("icd9cm", "E906")],
        {},
    )
    asked = [term(table, "cough", 5), term(table, "barking", 5), term(table, "fever", 4)]
    assert weightiest(table, asked, Narrowed(section="icd10cm/r")) == ["R05", "R50"]
    assert weightiest(table, [term(table, "rat", 5)]) == []
    assert weightiest(table, asked, Narrowed(section="icd10cm/nowhere")) == []


@dataclass(frozen=True)
class Made:
    """A random table, and what a question asks of it."""

    table: Shelf
    entries: dict[Key, Entry]
    terms: list[Weighted]
    narrowed: Narrowed
    limit: int


def made(chance: random.Random) -> Made:
    """Entries of a few words, some below others, some changed since, and a question about them."""
    entries: list[Entry] = []
    for number in range(chance.randint(1, 40)):
        system = chance.choice(("icd10cm", "icd9cm", "hcpcs"))
        above = chance.choice([None, *(each for each in entries if each.system == system)])
        entries.append(random_entry(chance, system, f"A{number}", above))
    table = shelf(entries)
    known = {entry.key: entry for entry in entries}
    for _ in range(chance.randint(0, 3)):
        old = chance.choice(entries)
        if chance.random() < 0.3 and not any(old.code in entry.ancestors for entry in known.values()):
            table = with_changes(table, [], [old.key], {})
            known.pop(old.key, None)
        elif old.key in known:
            above = known.get((old.system, old.ancestors[-1])) if old.ancestors else None
            new = random_entry(chance, old.system, old.code, above)
            known[old.key] = msgspec.structs.replace(
                new, title=old.title
            )  # what lies below keeps it till the next build
            table = with_changes(table, [known[old.key]], [], {})
    words = chance.sample([word for word in WORDS if word in table.numbers], k=chance.randint(1, 3))
    terms = [
        Weighted(table.numbers[word], chance.randint(1, 6), bool(not place or chance.random() < 0.5), place == 2)
        for place, word in enumerate(words)
    ]
    narrowed = Narrowed(
        systems=chance.choice([(), (), ("icd10cm",), ("icd9cm", "hcpcs")]),
        billable_only=chance.random() < 0.2,
        section="/".join(chance.choice(entries).key).lower() if chance.random() < 0.3 else "",
        day=chance.choice([None, date(2026, 5, 1)]),
    )
    terms.sort(key=lambda each: not each.telling)
    return Made(table, known, terms, narrowed, chance.choice([1, 3, 100]))


def random_entry(chance: random.Random, system: str, code: str, above: Entry | None) -> Entry:
    """An entry below another one."""
    return Entry(
        system,
        code,
        code,
        " ".join(chance.choices(WORDS, k=chance.randint(1, 4))),
        terms=tuple(chance.sample(WORDS, k=chance.randint(0, 2))),
        billable=chance.random() < 0.7,
        ancestors=(*above.ancestors, above.code) if above else (),
        last_day=chance.choice([None, None, date(2020, 1, 1)]),
    )


def by_hand(given: Made) -> list[tuple[int, int]]:
    """Sums and rows, entry by entry."""
    table, worth = given.table, []
    for key in given.entries:
        row = table.rows[key]
        entry = table.entry(row)
        own = {word for text in (entry.title, *entry.terms) for word in text.split()}
        below = {word for code in entry.ancestors for word in given.entries[entry.system, code].title.split()} - own
        has = [(table.vocabulary[term.term], term) for term in given.terms]
        if not any(word in own or (word in below and term.above) for word, term in has if term.telling):
            continue
        total = sum(term.weight for word, term in has if word in own)
        total += sum(term.above for word, term in has if word in below)
        if is_left(entry, given.narrowed):
            worth.append((-total, row))
    return sorted(worth)[: given.limit]


def is_left(entry: Entry, narrowed: Narrowed) -> bool:
    """Whether a filter leaves an entry, by what is said of filters."""
    within = {f"{entry.system}/{code}".lower() for code in (entry.code, *entry.ancestors)}
    return (
        (not narrowed.systems or entry.system in narrowed.systems)
        and (entry.billable or not narrowed.billable_only)
        and (not narrowed.section or narrowed.section in within)
        and (narrowed.day is None or entry.valid_on(narrowed.day))
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_same_is_found_as_by_looking_at_every_entry(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a draw that is the same each time
    met = 0
    for _ in range(20):
        given = made(chance)
        postings = Postings(given.table)
        expected = [row for _, row in by_hand(given)]
        for _ in range(2):  # the second time as the first: nothing is left of a question
            assert postings.weightiest(given.terms, given.narrowed, given.limit) == expected
        met += bool(expected)
    assert met, "questions that nothing fits prove nothing"


def test_what_counts_above_is_a_part_of_the_weight_and_at_least_something() -> None:
    assert Weighted(0, 10).above == round(10 * CONTEXT_COUNTS)
    assert Weighted(0, 1).above == 1
    assert (Weighted(0, 10, telling=False).above, Weighted(0, 10, own=True).above) == (0, 0)
