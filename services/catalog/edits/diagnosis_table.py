"""The codes of one release of ICD-10-CM in memory, with the notes that rules of claims read.

A hundred thousand codes take some 30 MB: a code is a number, and what is said of it stands in columns. What claims name
becomes objects, which are kept up to a bound, so that what rules worked out of them is found again.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.catalog.edits.diagnosis import Diagnosis, Notes, Place, SeventhCharacters, padded, written

READ = frozenset({"excludes1", "code_first", "use_additional"})
"""Kinds of notes that rules read."""
MOST_KEPT = 20_000
"""Places and diagnoses that stay; when there are more, they are made anew."""
_NOWHERE = -1


class PlaceRow(NamedTuple):
    """A row of a release."""

    code: str
    display: str
    kind: str
    heading: str
    reportable: bool
    reportable_below: int
    extension: bool
    parent: str | None
    notes: Sequence[tuple[str, Sequence[str]]] = ()
    seventh: Sequence[Sequence[str]] = ()


class DiagnosisTable:
    """The places of a release."""

    def __init__(self, rows: Iterable[PlaceRow], *, with_notes: bool) -> None:
        """Take the rows, parents before what stands below them, and whether the edition has notes."""
        self.with_notes = with_notes
        self._number: dict[str, int] = {}
        self._codes: list[str] = []
        self._headings: list[str] = []
        self._kinds: list[str] = []
        self._reportable, self._extension = bytearray(), bytearray()
        self._below, self._parents = array("i"), array("i")
        self._displays: dict[int, str] = {}
        """Where they are not the code with its dot."""
        self._notes: dict[int, Notes] = {}
        self._seventh: dict[int, SeventhCharacters] = {}
        for row in rows:
            self._add(row)
        self._last = self._lasts()
        self._places: dict[int, Place] = {}
        self._diagnoses: dict[str, Diagnosis] = {}

    def _add(self, row: PlaceRow) -> None:
        number = len(self._headings)
        self._number[row.code] = number
        self._codes.append(row.code)
        self._headings.append(row.heading)
        self._kinds.append(row.kind)
        self._reportable.append(row.reportable)
        self._extension.append(row.extension)
        self._below.append(row.reportable_below)
        self._parents.append(_NOWHERE if row.parent is None else self._number.get(row.parent, _NOWHERE))
        if row.display != written(row.code):
            self._displays[number] = row.display
        notes = tuple((kind, tuple(texts)) for kind, texts in row.notes if kind in READ)
        if notes:
            self._notes[number] = notes
        if row.seventh:
            self._seventh[number] = tuple((character, meaning) for character, meaning in row.seventh)

    def _lasts(self) -> "array[int]":
        """Where what stands below each place ends."""
        last = array("i", range(len(self._parents)))
        for number in range(len(last) - 1, -1, -1):
            parent = self._parents[number]
            if parent != _NOWHERE:
                last[parent] = max(last[parent], last[number])
        return last

    def __len__(self) -> int:
        """How many places it holds."""
        return len(self._headings)

    def noted(self) -> Iterator[Notes]:
        """The notes of every place that has some."""
        return iter(self._notes.values())

    def diagnosis(self, code: str) -> Diagnosis:
        """What the release knows of an undotted code."""
        kept = self._diagnoses.get(code)
        if kept is None:
            if len(self._diagnoses) >= MOST_KEPT:
                self._diagnoses.clear()
            number = self._number.get(code)
            kept = self._absent(code) if number is None else self._present(code, number)
            self._diagnoses[code] = kept
        return kept

    def _present(self, code: str, number: int) -> Diagnosis:
        if not self._reportable[number]:
            return Diagnosis(code, self._place(number), below=self._directly_below(number))
        own = self._parents[number] if self._extension[number] else number
        parent = self._parents[own]
        beside = parent != _NOWHERE and "unspecified" in self._headings[own].lower()
        return Diagnosis(code, self._place(number), beside=self._directly_below(parent) if beside else ())

    def _absent(self, code: str) -> Diagnosis:
        meant = next((spelling for spelling in padded(code) if spelling in self._number), "")
        beginnings = (self._number.get(code[:length]) for length in range(len(code) - 1, 2, -1))
        nearest = next((number for number in beginnings if number is not None), None)
        if nearest is None:
            return Diagnosis(code, None, meant=meant)
        below = () if self._reportable[nearest] else self._directly_below(nearest)
        return Diagnosis(code, None, self._place(nearest), below=below, meant=meant)

    def _directly_below(self, number: int) -> tuple[Place, ...]:
        found, below = [], number + 1
        while below <= self._last[number]:
            found.append(self._place(below))
            below = self._last[below] + 1
        return tuple(found)

    def _place(self, number: int) -> Place:
        kept = self._places.get(number)
        if kept is None:
            parent = self._parents[number]
            above = None if parent == _NOWHERE else self._place(parent)
            if len(self._places) >= MOST_KEPT:
                self._places.clear()
            kept = self._places[number] = self._made(number, above)
        return kept

    def _made(self, number: int, above: Place | None) -> Place:
        code = self._codes[number]
        return Place(
            code=code,
            display=self._displays.get(number) or written(code),
            kind=self._kinds[number],
            heading=self._headings[number],
            reportable=bool(self._reportable[number]),
            reportable_below=self._below[number],
            extension=bool(self._extension[number]),
            notes=self._notes.get(number, ()),
            seventh=self._seventh.get(number, ()),
            above=above,
        )
