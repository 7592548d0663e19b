"""What is known of diagnoses of claims, gathered before the rules look from the edition that answers for the day."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.catalog.editions import Editions
from services.catalog.edits.claim import Claim
from services.catalog.edits.finding import Asked, Kind, State
from services.catalog.edits.shelf import named
from services.catalog.records import CodeRecord, Conversion, ReleaseRecord

SOURCES = ("icd10cm-tabular", "icd10cm-order")
"""Kinds of releases that hold ICD-10-CM codes; the first has the notes as well."""
CONVERSIONS = "icd10cm-conversion"
NO_DIAGNOSES = "The claim names no diagnosis."
FULL_LENGTH = 7
MOST_WORKED_OUT = 20_000
"""Diagnoses of which a rule keeps what it read from their notes and titles."""


def written(code: str) -> str:
    """An undotted code with its dot."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """A code as a claim names it, and what an edition knows of it. Rules keep what they worked out of one."""

    code: str
    record: CodeRecord | None
    """None where the edition has no such code."""
    above: tuple[CodeRecord, ...] = ()
    """The places above it, the nearest first; of a code that does not exist the longest beginning that does, first."""
    beside: tuple[CodeRecord, ...] = ()
    """The codes that differ from it in what a side would be told by; its siblings, or its parent's."""
    below: tuple[CodeRecord, ...] = ()
    """What stands directly below a header; of a code that does not exist, below the nearest header above it."""
    meant: str = ""
    """The code with placeholders before its seventh character, where that one exists."""
    elsewhere: tuple[ReleaseRecord, ...] = ()
    """Other editions in which the code can be reported, where it cannot in this one."""
    conversions: tuple[Conversion, ...] = ()
    """What the conversion table says of a code that cannot be reported on the day."""

    @property
    def lacks_seventh(self) -> bool:
        """Whether it is a header that a seventh character makes complete."""
        return self.record is not None and any(len(place.code) == FULL_LENGTH for place in self.below)

    @property
    def display(self) -> str:
        """The code as it is written."""
        if self.record is not None:
            return self.record.display
        return written(self.code)

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
        """Seventh characters that complete the code, with their meanings, from the nearest place that defines them.

        Order files define none: there the titles of the complete codes below tell them.
        """
        defined = next((place.body["seven"] for place in self.places() if place.body.get("seven")), None)
        if defined is not None:
            return defined  # type: ignore[no-any-return]  # a document that the importer wrote
        title = next((place.heading for place in self.places()), "")
        complete = [place for place in self.below if len(place.code) == FULL_LENGTH]
        return [(place.code[-1], place.heading.removeprefix(title).lstrip(", ")) for place in complete]


@dataclass(frozen=True, slots=True)
class Coded:
    """The diagnoses of a claim, in order."""

    diagnoses: tuple[Diagnosis, ...]
    days: tuple[date, ...]
    """The first days of lines that the edition answers for, in order."""
    edition: str
    with_notes: bool
    """Whether the edition has the notes of the Tabular List."""

    @property
    def day(self) -> date:
        """The first of its days."""
        return self.days[0]

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
        self, release: ReleaseRecord, codes: Collection[str], beside: "Beside"
    ) -> Mapping[str, Diagnosis]:
        """Give what a release knows of codes, and of those that cannot be reported what stands beside it."""
        ...


@dataclass(frozen=True, slots=True)
class Beside:
    """The releases that may tell of a code which cannot be reported on a day."""

    others: Sequence[ReleaseRecord]
    """Other editions."""
    conversions: ReleaseRecord | None
    """The conversion table, which is cumulative."""


class DiagnosisBook:
    """Gathers what rules need of the diagnoses of a call's claims."""

    def __init__(self, source: DiagnosisSource) -> None:
        """Take where codes are read from."""
        self._source = source

    async def of(self, claims: Sequence[Claim], editions: Editions[ReleaseRecord]) -> list[list[Coded | Uncoded]]:
        """The diagnoses of each claim, in order; once for each edition that answers for a day of its lines."""
        days = {day for claim in claims if claim.diagnoses for day in claim.first_days()}
        releases = {day: answering(editions, day) for day in days}
        wanted: dict[str, tuple[ReleaseRecord, set[str]]] = {}
        for claim in claims:
            for day in claim.first_days() if claim.diagnoses else ():
                release = releases[day]
                if release is not None:
                    wanted.setdefault(release.id, (release, set()))[1].update(claim.diagnoses)
        every = [release for kind in SOURCES for release in editions.of(kind)]
        conversions = editions.on().get(CONVERSIONS)
        known = {
            identity: await self._source.diagnoses(
                release, codes, Beside([other for other in every if other.id != identity], conversions)
            )
            for identity, (release, codes) in wanted.items()
        }
        return [list(_coded(claim, releases, known, loaded=bool(every))) for claim in claims]


def _coded(
    claim: Claim,
    releases: Mapping[date, ReleaseRecord | None],
    known: Mapping[str, Mapping[str, Diagnosis]],
    *,
    loaded: bool,
) -> Iterator[Coded | Uncoded]:
    if not claim.diagnoses:
        yield Uncoded(State.NOT_CHECKED, NO_DIAGNOSES)
        return
    days_of: dict[str, list[date]] = {}
    for day in claim.first_days():
        release = releases[day]
        if release is None and loaded:
            yield Uncoded(State.NOT_CHECKED, f"ICD-10-CM is loaded here for later days, and tells nothing of {day}.")
        elif release is None:
            yield Uncoded(State.NOT_LOADED, "ICD-10-CM is not loaded here.")
        else:
            days_of.setdefault(release.id, []).append(day)
    for identity, days in days_of.items():
        release = releases[days[0]]
        if release is not None:
            diagnoses = tuple(known[identity][code] for code in claim.diagnoses)
            yield Coded(diagnoses, tuple(days), named(release, days[0]), release.kind == SOURCES[0])


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
