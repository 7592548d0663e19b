"""Random tables of codes, with questions about them of which not all terms must be found."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.search.engine import Narrowed, Weighted
from services.search.entry import Entry, Key
from services.search.shelf import Shelf
from services.search.shelving import shelf_of, with_changes

WORDS = ("fever", "rat", "bite", "cough", "dry", "left", "hand", "burn", "acute", "other")
SYSTEMS = ("icd10cm", "icd9cm", "hcpcs")


@dataclass(frozen=True)
class RandomTable:
    """A table, and the entries that it has to hold."""

    table: Shelf
    entries: dict[Key, Entry]

    def heaviest(self, terms: Sequence[Weighted], narrowed: Narrowed, limit: int) -> list[int]:
        """The rows with some terms by what those weigh together, found by looking at each entry."""
        worth: list[tuple[int, int]] = []
        for key, entry in self.entries.items():
            own = {word for text in (entry.title, *entry.terms) for word in text.split()}
            above = [self.entries[entry.system, code].title for code in entry.ancestors]
            below = {word for title in above for word in title.split()} - own
            if any(t.telling and (t.term in own or (t.term in below and t.above)) for t in terms):
                total = sum(t.weight for t in terms if t.term in own)
                total += sum(t.above for t in terms if t.term in below)
                worth += [(-total, self.table.rows[key])] if _is_left(entry, narrowed) else []
        return [row for _, row in sorted(worth)[:limit]]


def _is_left(entry: Entry, narrowed: Narrowed) -> bool:
    """Whether a filter leaves an entry, by what is said of filters."""
    within = {f"{entry.system}/{code}".lower() for code in (entry.code, *entry.ancestors)}
    return (
        (not narrowed.systems or entry.system in narrowed.systems)
        and (entry.billable or not narrowed.billable_only)
        and (not narrowed.section or narrowed.section in within)
        and (narrowed.day is None or entry.valid_on(narrowed.day))
    )


def random_table(chance: random.Random) -> RandomTable:
    """Entries of a few words, some below others, some changed since."""
    entries: list[Entry] = []
    for number in range(chance.randint(1, 40)):
        system = chance.choice(SYSTEMS)
        above = chance.choice([None, *(each for each in entries if each.system == system)])
        entries.append(_entry(chance, (system, f"A{number}"), _title(chance), above))
    table = shelf_of("one", entries, {})
    known = {entry.key: entry for entry in entries}
    for old in chance.sample(entries, k=min(len(entries), chance.randint(0, 4))):
        if chance.random() < 0.3 and not any(old.code in entry.ancestors for entry in known.values()):
            table = with_changes(table, [], [old.key], {})
            del known[old.key]
            continue
        above = known[old.system, old.ancestors[-1]] if old.ancestors else None
        known[old.key] = _entry(chance, old.key, old.title, above)  # of a title what lies below knows at the next build
        table = with_changes(table, [known[old.key]], [], {})
    return RandomTable(table, known)


def _title(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, 4)))


def _entry(chance: random.Random, key: Key, title: str, above: Entry | None) -> Entry:
    """An entry below another one."""
    return Entry(
        *key,
        key[1],
        title,
        terms=tuple(chance.sample(WORDS, k=chance.randint(0, 2))),
        billable=chance.random() < 0.7,
        ancestors=(*above.ancestors, above.code) if above else (),
        last_day=chance.choice([None, None, date(2020, 1, 1)]),
    )


def random_terms(chance: random.Random) -> list[Weighted]:
    """Terms of a question, those first that tell."""
    terms = [
        Weighted(word, chance.randint(1, 6), telling=not place or chance.random() < 0.5, own=chance.random() < 0.3)
        for place, word in enumerate(chance.sample(WORDS, k=chance.randint(1, 4)))
    ]
    return sorted(terms, key=lambda each: not each.telling)


def random_filter(chance: random.Random, made: RandomTable) -> Narrowed:
    """What to look among."""
    keys = list(made.entries) or [("icd10cm", "A0")]
    return Narrowed(
        systems=chance.choice([(), (), ("icd10cm",), ("icd9cm", "hcpcs")]),
        billable_only=chance.random() < 0.2,
        section="/".join(chance.choice(keys)).lower() if chance.random() < 0.3 else "",
        day=chance.choice([None, date(2026, 5, 1)]),
    )
