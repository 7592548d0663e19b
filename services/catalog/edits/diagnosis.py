"""A diagnosis as a claim names it, with what an edition of ICD-10-CM knows of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.catalog.records import Conversion, ReleaseRecord

FULL_LENGTH = 7
MOST_WORKED_OUT = 20_000
"""Diagnoses, or places above them, of which a rule keeps what it read from notes and titles."""
Notes = tuple[tuple[str, tuple[str, ...]], ...]
"""Blocks of notes in order, each with its kind and its texts."""
SeventhCharacters = tuple[tuple[str, str], ...]
"""Characters with their meanings."""


def written(code: str) -> str:
    """An undotted code with its dot."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def padded(code: str) -> Iterator[str]:
    """Spellings with the placeholder X in front of the last character, which may be meant for the seventh."""
    if 3 < len(code) < FULL_LENGTH:
        yield code[:-1].ljust(FULL_LENGTH - 1, "X") + code[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A code, or a chapter, block or category above codes. Rules keep what they worked out of one."""

    code: str
    display: str
    """As it is written."""
    kind: str
    heading: str
    reportable: bool
    reportable_below: int
    extension: bool
    """Whether its seventh character was added to the place above it, which has the title of its own."""
    notes: Notes
    """Of the kinds that rules read; none where the edition has no notes."""
    seventh: SeventhCharacters
    above: "Place | None"

    def upwards(self) -> Iterator["Place"]:
        """Itself and the places above it, near to far."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.above


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """A code as a claim names it, and what an edition knows of it. Rules keep what they worked out of one."""

    code: str
    place: Place | None
    """None where the edition has no such code."""
    nearest: Place | None = None
    """Of a code that does not exist the longest beginning that does."""
    beside: tuple[Place, ...] = ()
    """The codes that differ from it in what a side would be told by: its siblings, or its parent's; none where its
    title leaves nothing unspecified."""
    below: tuple[Place, ...] = ()
    """What stands directly below a header; of a code that does not exist, below the nearest header above it."""
    meant: str = ""
    """The code with placeholders before its seventh character, where that one exists."""
    elsewhere: tuple[ReleaseRecord, ...] = ()
    """Other editions in which the code can be reported, where it cannot in this one."""
    conversions: tuple[Conversion, ...] = ()
    """What the conversion table says of a code that cannot be reported on the day."""

    @property
    def reportable(self) -> bool:
        """Whether it exists and is complete."""
        return self.place is not None and self.place.reportable

    @property
    def lacks_seventh(self) -> bool:
        """Whether it is a header that a seventh character makes complete."""
        return self.place is not None and any(len(place.code) == FULL_LENGTH for place in self.below)

    @property
    def display(self) -> str:
        """The code as it is written."""
        return self.place.display if self.place is not None else written(self.code)

    def places(self) -> Iterator[Place]:
        """The code itself and the places above it, near to far."""
        start = self.place or self.nearest
        return start.upwards() if start is not None else iter(())

    def seventh(self) -> Sequence[tuple[str, str]]:
        """Seventh characters that complete the code, with their meanings, from the nearest place that defines them.

        Order files define none: there the titles of the complete codes below tell them.
        """
        defined = next((place.seventh for place in self.places() if place.seventh), None)
        if defined is not None:
            return defined
        title = next((place.heading for place in self.places()), "")
        complete = [place for place in self.below if len(place.code) == FULL_LENGTH]
        return [(place.code[-1], place.heading.removeprefix(title).lstrip(", ")) for place in complete]
