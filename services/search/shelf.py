"""The table of codes: every entry in memory, found by number, with its terms as arrays that ranking reads at once.

It is the search service's own, whatever engine stands behind: codes are found by it while the engine is away. A table
never changes; `with_changes` makes another.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.search.entry import SYSTEMS, Entry, Key, Release
from services.search.kept import Kept
from services.search.kin import stem_of

Numbers = NDArray[np.int32]
TITLE, TERM, NAME, FURTHER, PATH, SUMMARY, CONTEXT = range(7)
"""Kinds of phrases; a further name is what other places of official publications call it."""


@dataclass(frozen=True)
class Phrases:
    """The phrases of all entries, one behind the other, and the terms of all phrases, likewise."""

    terms: Numbers
    starts: Numbers
    """Where each phrase begins in `terms`; one more at the end."""
    kinds: NDArray[np.int8]
    texts: Numbers
    """Which of the entry's texts each phrase is; -1 for what stands above it."""
    first: Numbers
    """Where each entry begins in `starts`; one more at the end."""

    def terms_of(self, phrase: int) -> list[int]:
        """The terms of a phrase."""
        found: list[int] = self.terms[int(self.starts[phrase]) : int(self.starts[phrase + 1])].tolist()
        return found


@dataclass(frozen=True)
class Spots:
    """Where the terms of titles stand in them, title by title: first and next character of each."""

    begins: NDArray[np.uint16]
    ends: NDArray[np.uint16]
    first: Numbers
    """Where each entry begins; one more at the end."""


@dataclass(frozen=True)
class Columns:
    """What of entries decides their order."""

    system: NDArray[np.int8]
    billable: NDArray[np.bool_]
    first_day: Numbers
    """Ordinal of the first day; 0 where it is not known."""
    last_day: Numbers
    """Ordinal of the last day; a day far off where there is none."""
    alive: NDArray[np.bool_]
    """Whether the row counts: one that another took the place of does not."""
    above: Numbers
    """The row of the nearest entry above each; -1 where there is none."""

    def valid(self, rows: NDArray[np.int64], day: int) -> NDArray[np.bool_]:
        """Which of some rows are valid on a day."""
        found: NDArray[np.bool_] = (self.first_day[rows] <= day) & (day <= self.last_day[rows])
        return found


_ENTRY = msgspec.json.Decoder(Entry)
FAR_OFF = 10**7
CHARACTERS = 7
MOST_ENTRIES = 20_000
ON_DEVICES = {"0": "2PW", "1": "2P", "2": "05"}
"""Root operations on devices that are there, by section of ICD-10-PCS: change, removal and revision."""
NOT_TRAUMATIC = (("M80", "M80"), ("M843", "M846"))
"""Codes of fractures by age, by stress and by disease."""


@dataclass(frozen=True)
class Shelf:
    """A table of codes."""

    generation: str
    releases: Mapping[str, Release]
    packed: bytes | memoryview
    """Every entry as JSON, one behind the other."""
    offsets: NDArray[np.int64]
    phrases: Phrases
    spots: Spots
    columns: Columns
    vocabulary: Sequence[str]
    """Terms by number; those of the first build in order of the alphabet."""
    ordered: int
    """How many terms of the vocabulary are in order."""
    frequency: Numbers
    """In how many entries each term stands."""
    built_at: float = 0.0
    _entries: Kept[int, Entry] = field(default_factory=lambda: Kept(MOST_ENTRIES))
    _keys: dict[int, Key] = field(default_factory=dict)
    _behind: dict[str, Mapping[int, int]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Rows, dead ones too."""
        return len(self.offsets) - 1

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each term."""
        return {term: number for number, term in enumerate(self.vocabulary)}

    @cached_property
    def codes(self) -> tuple[list[str], NDArray[np.int64]]:
        """Codes in order, and the row of each."""
        found = [(self.code_of(row)[1], row) for row in np.flatnonzero(self.columns.alive).tolist()]
        found.sort()
        return [code for code, _ in found], np.array([row for _, row in found], np.int64)

    @cached_property
    def code_places(self) -> Numbers:
        """Where each row stands in order of the code."""
        places = np.zeros(len(self), np.int32)
        _, rows = self.codes
        places[rows] = np.arange(len(rows), dtype=np.int32)
        return places

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where each row stands in order of system and code."""
        return self.columns.system.astype(np.int64) * len(self) + self.code_places

    @cached_property
    def places_end(self) -> int:
        """What is more than any of the places."""
        return (len(SYSTEMS) + 1) * max(len(self), 1)

    @cached_property
    def spans(self) -> NDArray[np.bool_]:
        """Which rows are chapters and blocks, whose names are spans of codes."""
        found = np.zeros(len(self), np.bool_)
        names, rows = self.codes
        found[rows] = ["-" in name for name in names]
        return found

    @cached_property
    def later(self) -> NDArray[np.bool_]:
        """Which rows are for a subsequent encounter or a sequela: seventh character D to S (ICD-10-CM Guidelines
        I.C.19.a); A to C are for active treatment.
        """
        found = np.zeros(len(self), np.bool_)
        names, rows = self.codes
        found[rows] = [len(name) == CHARACTERS and "D" <= name[-1] <= "S" for name in names]
        found &= self.columns.system == SYSTEMS.index("icd10cm")
        return found

    @cached_property
    def aside(self) -> NDArray[np.bool_]:
        """Which rows plain words do not lead to, beside those for later encounters: fractures that are not traumatic
        (M80, M84.3 to M84.6), for who means one says stress or pathological (ICD-10-CM Guidelines I.C.13.c, I.C.19.c);
        those for one of several fetuses, for a single one is not named (I.C.15.a.6); and procedures on a device that
        is there already (ICD-10-PCS Guidelines B6.1c), for who names a device alone means that it is put in.
        """
        found = self._of_devices.copy()
        of_pregnancy = self.within("O", "O")
        codes = (self.code_of(row)[1] for row in of_pregnancy.tolist())
        of_one = [len(code) == CHARACTERS and "1" <= code[-1] <= "9" for code in codes]
        found[of_pregnancy] |= np.array(of_one, np.bool_)
        for first, last in NOT_TRAUMATIC:
            found[self.within(first, last)] = True
        return found

    @cached_property
    def _of_devices(self) -> NDArray[np.bool_]:
        """Which rows are changes, removals and revisions of devices, by section and root operation of ICD-10-PCS."""
        found = np.zeros(len(self), np.bool_)
        names, rows = self.codes
        found[rows] = [name[2:3] in ON_DEVICES.get(name[0], "") and len(name) == CHARACTERS for name in names]
        found &= self.columns.system == SYSTEMS.index("icd10pcs")
        return found

    @cached_property
    def rows(self) -> Mapping[Key, int]:
        """The row of each key."""
        return {self.code_of(row): row for row in np.flatnonzero(self.columns.alive).tolist()}

    @cached_property
    def families(self) -> Mapping[str, tuple[int, ...]]:
        """The terms of each stem."""
        found: dict[str, list[int]] = {}
        for number, term in enumerate(self.vocabulary):
            found.setdefault(stem_of(term), []).append(number)
        return {stem: tuple(numbers) for stem, numbers in found.items()}

    @cached_property
    def weight(self) -> NDArray[np.float32]:
        """How telling each term is: the logarithm of how rare."""
        total = max(len(self), 1)
        return np.log1p(total / (1.0 + self.frequency)).astype(np.float32)

    @cached_property
    def phrase_weight(self) -> NDArray[np.float32]:
        """How telling the terms of each phrase are together."""
        terms, starts = self.phrases.terms, self.phrases.starts[:-1]
        return np.add.reduceat(self.weight[terms], starts) if len(terms) else np.zeros(0, np.float32)

    @cached_property
    def weights(self) -> list[float]:
        """The same as plain numbers, for one at a time."""
        return [float(weight) for weight in self.weight]

    @cached_property
    def below(self) -> list[int]:
        """Above how many entries each term stands."""
        above = np.repeat(self.phrases.kinds == CONTEXT, np.diff(self.phrases.starts))
        below: list[int] = np.bincount(self.phrases.terms[above], minlength=len(self.vocabulary)).tolist()
        return below

    @cached_property
    def _said_now(self) -> NDArray[np.bool_]:
        return self._said_by(self.columns.last_day == FAR_OFF)

    @cached_property
    def said_of_procedures(self) -> NDArray[np.bool_]:
        """Which terms stand in entries of ICD-10-PCS."""
        return self._said_by(self.columns.system == SYSTEMS.index("icd10pcs"))

    @cached_property
    def said_of_diagnoses(self) -> NDArray[np.bool_]:
        """Which terms stand in entries of ICD-10-CM."""
        return self._said_by(self.columns.system == SYSTEMS.index("icd10cm"))

    def _said_by(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which terms stand in some rows that count, or above them."""
        of_phrases = np.repeat(rows & self.columns.alive, np.diff(self.phrases.first))
        said = np.zeros(len(self.vocabulary), np.bool_)
        said[self.phrases.terms[np.repeat(of_phrases, np.diff(self.phrases.starts))]] = True
        return said

    def says_now(self, term: str) -> bool:
        """Whether an entry that has no last day says a term."""
        number = self.numbers.get(term)
        return number is not None and bool(self._said_now[number])

    def code_of(self, row: int) -> Key:
        """System and code of a row, without reading all of it: they are its first two values."""
        found = self._keys.get(row)
        if found is None:
            self._keys[row] = found = self._read_key(row)
        return found

    def _read_key(self, row: int) -> Key:
        begin = int(self.offsets[row])
        head = bytes(self.packed[begin : begin + 120]).split(b'"', 4)
        return head[1].decode(), head[3].decode()

    def entry(self, row: int) -> Entry:
        """The entry of a row; those that were read last are kept."""
        found = self._entries.get(row)
        if found is None:
            packed = self.packed[int(self.offsets[row]) : int(self.offsets[row + 1])]
            found = self._entries.keep(row, _ENTRY.decode(packed))
        return found

    def title_terms(self, row: int) -> list[int]:
        """The terms of a row's title."""
        begin = int(self.phrases.starts[self.phrases.first[row]])
        size = int(self.spots.first[row + 1] - self.spots.first[row])
        found: list[int] = self.phrases.terms[begin : begin + size].tolist()
        return found

    def behind(self, term: str) -> Mapping[int, int]:
        """How often each term stands right behind one in a phrase."""
        found = self._behind.get(term)
        if found is None:
            terms, starts = self.phrases.terms, self.phrases.starts
            places = np.flatnonzero(terms == self.numbers.get(term, -1)) + 1
            places = places[(starts[np.searchsorted(starts, places)] != places) & (places < len(terms))]
            numbers, counts = np.unique(terms[places], return_counts=True)
            self._behind[term] = found = dict(zip(numbers.tolist(), counts.tolist(), strict=True))
        return found

    def row(self, key: Key | int) -> int | None:
        """The row of a key; a number that an engine gave is one already, unless it is of another generation."""
        if isinstance(key, int):
            return key if 0 <= key < len(self) and self.columns.alive[key] else None
        return self.rows.get(key)

    def with_code(self, code: str) -> list[int]:
        """The rows of a code, in whatever system."""
        names, rows = self.codes
        low = bisect_left(names, code)
        return [int(row) for row in rows[low : bisect_right(names, code, low)]]

    def with_prefix(self, prefix: str) -> NDArray[np.int64]:
        """The rows whose codes begin so, in order of the code."""
        return self.within(prefix, prefix)

    def within(self, first: str, last: str) -> NDArray[np.int64]:
        """The rows between two codes, both included with all that lies below the last."""
        names, rows = self.codes
        low = bisect_left(names, first)
        return rows[low : bisect_left(names, last + "\uffff", low)]

    def beginning(self, start: str) -> tuple[range, list[int]]:
        """The terms that begin so: a range of those in order, and those that came later."""
        low = bisect_left(self.vocabulary, start, 0, self.ordered)
        high = bisect_left(self.vocabulary, start + "\uffff", low, self.ordered)
        later = [n for n in range(self.ordered, len(self.vocabulary)) if self.vocabulary[n].startswith(start)]
        return range(low, high), later

    def begins_any(self, start: str) -> bool:
        """Whether any term begins so."""
        terms, later = self.beginning(start)
        return bool(terms) or bool(later)

    def warm(self) -> None:
        """Make what is made on first use, so that the first question does not wait for it."""
        _ = (
            self.places,
            self.spans,
            self.later,
            self.aside,
            self.rows,
            self.families,
            self.weights,
            self.below,
            self.numbers,
            self.phrase_weight,
            self._said_now,
            self.said_of_procedures,
            self.said_of_diagnoses,
        )
