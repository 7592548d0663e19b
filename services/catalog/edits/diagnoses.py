"""What is known of diagnoses of claims, gathered before the rules look from the edition that answers for the day."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.catalog.editions import Editions
from services.catalog.edits.claim import Claim
from services.catalog.edits.finding import Asked, Kind, State
from services.catalog.edits.shelf import named
from services.catalog.records import CodeRecord, ReleaseRecord

SOURCES = ("icd10cm-tabular", "icd10cm-order")
"""Kinds of releases that hold ICD-10-CM codes; the first has the notes as well."""
NO_DIAGNOSES = "The claim names no diagnosis."
FULL_LENGTH = 7


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code as a claim names it, and what an edition knows of it."""

    code: str
    record: CodeRecord | None
    """None where the edition has no such code."""
    above: tuple[CodeRecord, ...] = ()
    """The places above it, the nearest first; of a code that does not exist the longest beginning that does, first."""
    beside: tuple[CodeRecord, ...] = ()
    """The codes that differ from it in what a side would be told by; its siblings, or its parent's."""
    lacks_seventh: bool = False
    """Whether it is a header that a seventh character makes complete."""
    meant: str = ""
    """The code with placeholders before its seventh character, where that one exists."""
    elsewhere: tuple[ReleaseRecord, ...] = ()
    """Other editions that have the code, where this one has not."""

    @property
    def display(self) -> str:
        """The code as it is written."""
        if self.record is not None:
            return self.record.display
        return f"{self.code[:3]}.{self.code[3:]}" if len(self.code) > 3 else self.code

    def places(self) -> Iterator[CodeRecord]:
        """The code itself and the places above it, near to far."""
        if self.record is not None:
            yield self.record
        yield from self.above

    def notes(self, kind: str) -> Iterator[tuple[CodeRecord, str]]:
        """Notes of a kind that apply to the code, own and inherited, with the place where they stand."""
        for place in self.places():
            for block, texts in place.body.get("notes", ()):
                if block == kind:
                    for text in texts:
                        yield place, text

    def seventh(self) -> Sequence[Sequence[str]]:
        """Seventh characters that complete the code, with their meanings, from the nearest place that defines them."""
        return next((place.body["seven"] for place in self.places() if place.body.get("seven")), ())


@dataclass(frozen=True, slots=True)
class Coded:
    """The diagnoses of a claim, in order."""

    diagnoses: tuple[Diagnosis, ...]
    edition: str
    with_notes: bool
    """Whether the edition has the notes of the Tabular List."""

    def numbered(self) -> Iterator[tuple[int, Diagnosis]]:
        """Those that exist and can be reported, with their positions from 1; the others are told by one rule."""
        for number, diagnosis in enumerate(self.diagnoses, 1):
            if diagnosis.record is not None and diagnosis.record.reportable:
                yield number, diagnosis


@dataclass(frozen=True, slots=True)
class Uncoded:
    """Why the diagnoses of a claim cannot be looked at."""

    state: State
    because: str

    def asked(self, rule: Kind) -> Asked:
        """What a rule says that cannot look."""
        return Asked(rule, self.state, because=self.because)


class DiagnosisSource(Protocol):
    """Where codes of ICD-10-CM are read from."""

    async def diagnoses(
        self, release: ReleaseRecord, codes: Collection[str], others: Sequence[ReleaseRecord]
    ) -> Mapping[str, Diagnosis]:
        """Give what a release knows of codes; of those it has not, which of the others have them."""
        ...


class DiagnosisBook:
    """Gathers what rules need of the diagnoses of a call's claims."""

    def __init__(self, source: DiagnosisSource) -> None:
        """Take where codes are read from."""
        self._source = source

    async def of(self, claims: Sequence[Claim], editions: Editions[ReleaseRecord]) -> list[Coded | Uncoded]:
        """The diagnoses of each claim, in order."""
        releases = {day: answering(editions, day) for day in {claim.day for claim in claims if claim.diagnoses}}
        wanted: dict[str, tuple[ReleaseRecord, set[str]]] = {}
        for claim in claims:
            release = releases.get(claim.day)
            if release is not None:
                wanted.setdefault(release.id, (release, set()))[1].update(claim.diagnoses)
        others = [release for kind in SOURCES for release in editions.of(kind)]
        known = {
            identity: await self._source.diagnoses(release, codes, [o for o in others if o.id != identity])
            for identity, (release, codes) in wanted.items()
        }
        return [_coded(claim, releases.get(claim.day), known, loaded=bool(others)) for claim in claims]


def _coded(
    claim: Claim, release: ReleaseRecord | None, known: Mapping[str, Mapping[str, Diagnosis]], *, loaded: bool
) -> Coded | Uncoded:
    if not claim.diagnoses:
        return Uncoded(State.NOT_CHECKED, NO_DIAGNOSES)
    if release is None and loaded:
        return Uncoded(State.NOT_CHECKED, f"ICD-10-CM is loaded here for later days, and tells nothing of {claim.day}.")
    if release is None:
        return Uncoded(State.NOT_LOADED, "ICD-10-CM is not loaded here.")
    found = known[release.id]
    return Coded(tuple(found[code] for code in claim.diagnoses), named(release, claim.day), release.kind == SOURCES[0])


def answering(editions: Editions[ReleaseRecord], day: date) -> ReleaseRecord | None:
    """The release whose codes count on a day: one that is current then, with notes rather than without."""
    on_day = editions.on(day)
    found = [on_day[kind] for kind in SOURCES if kind in on_day]
    current = [release for release in found if release.effective_to is None or day <= release.effective_to]
    return next(iter([*current, *found]), None)


def padded(code: str) -> Iterator[str]:
    """Spellings with the placeholder X in front of the last character, which may be meant for the seventh."""
    if 3 < len(code) < FULL_LENGTH:
        yield code[:-1].ljust(FULL_LENGTH - 1, "X") + code[-1]
