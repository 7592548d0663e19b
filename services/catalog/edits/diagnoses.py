"""What is known of diagnoses of claims, gathered before the rules look from the edition that answers for the day."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.catalog.editions import Editions
from services.catalog.edits.claim import Claim
from services.catalog.edits.diagnosis import Diagnosis
from services.catalog.edits.finding import Asked, Kind, State
from services.catalog.edits.shelf import SOURCES, Coding, Shelf, Silent
from services.catalog.records import Conversion, ReleaseRecord

CONVERSIONS = "icd10cm-conversion"
NO_DIAGNOSES = "The claim names no diagnosis."


@dataclass(frozen=True, slots=True)
class Coded:
    """The diagnoses of a claim, in order."""

    diagnoses: tuple[Diagnosis, ...]
    reportable: Sequence[tuple[int, Diagnosis]]
    """Those that exist and are complete, with their positions from 1; the others are told by one rule."""
    days: tuple[date, ...]
    """The first days of lines that the edition answers for, in order."""
    edition: str
    with_notes: bool
    """Whether the edition has the notes of the Tabular List."""
    ended: date | None = None
    """The edition's last day, where its days lie behind it."""

    @property
    def day(self) -> date:
        """The first of its days."""
        return self.days[0]


@dataclass(frozen=True, slots=True)
class Uncoded:
    """Why the diagnoses of a claim cannot be looked at."""

    state: State
    because: str

    def asked(self, rule: Kind) -> Asked:
        """What a rule says that cannot look."""
        return Asked(rule, self.state, because=self.because)


class OtherEditions(Protocol):
    """What other releases say of codes that cannot be reported on a day."""

    async def elsewhere(
        self, codes: Collection[str], releases: Sequence[ReleaseRecord]
    ) -> Mapping[str, tuple[ReleaseRecord, ...]]:
        """Give those of some releases in which each code can be reported; no entry where it is in none."""
        ...

    async def conversions(self, codes: Collection[str], table: ReleaseRecord) -> Mapping[str, tuple[Conversion, ...]]:
        """Give what a conversion table says of each code."""
        ...


class DiagnosisBook:
    """Gathers what rules need of the diagnoses of a call's claims."""

    def __init__(self, others: OtherEditions) -> None:
        """Take where other editions are asked."""
        self._others = others

    async def of(self, claims: Sequence[Claim], shelf: Shelf) -> list[list[Coded | Uncoded]]:
        """The diagnoses of each claim, in order; once for each edition that answers for a day of its lines."""
        days = {day for claim in claims if claim.diagnoses for day in claim.first_days()}
        codings = {day: shelf.coding(day) for day in days}
        wanted: dict[str, tuple[Coding, set[str]]] = {}
        for claim in claims:
            for day in claim.first_days() if claim.diagnoses else ():
                coding = codings[day]
                if isinstance(coding, Coding):
                    wanted.setdefault(coding.release.id, (coding, set()))[1].update(claim.diagnoses)
        known = {
            identity: await self._known(coding, codes, shelf.editions) for identity, (coding, codes) in wanted.items()
        }
        return [list(_coded(claim, codings, known)) for claim in claims]

    async def _known(
        self, coding: Coding, codes: Collection[str], editions: Editions[ReleaseRecord]
    ) -> dict[str, Diagnosis]:
        """What is known of codes; of those that cannot be reported, what other releases say of them."""
        known = {code: coding.table.diagnosis(code) for code in codes}
        unfit = [code for code, diagnosis in known.items() if not diagnosis.reportable]
        if unfit:
            others = [release for kind in SOURCES for release in editions.of(kind) if release is not coding.release]
            elsewhere = await self._others.elsewhere(unfit, others) if others else {}
            table = editions.on().get(CONVERSIONS)
            conversions = await self._others.conversions(unfit, table) if table is not None else {}
            for code in unfit:
                known[code] = replace(
                    known[code], elsewhere=elsewhere.get(code, ()), conversions=conversions.get(code, ())
                )
        return known


def _coded(
    claim: Claim, codings: Mapping[date, Coding | Silent], known: Mapping[str, Mapping[str, Diagnosis]]
) -> Iterator[Coded | Uncoded]:
    if not claim.diagnoses:
        yield UNCODED
        return
    days_of: dict[str, tuple[Coding, list[date]]] = {}
    for day in claim.first_days():
        coding = codings[day]
        if isinstance(coding, Silent):
            yield Uncoded(coding.state, coding.because)
        else:
            days_of.setdefault(coding.release.id, (coding, []))[1].append(day)
    for identity, (coding, days) in days_of.items():
        diagnoses = tuple([known[identity][code] for code in claim.diagnoses])
        reportable = [(number, one) for number, one in enumerate(diagnoses, 1) if one.reportable]
        last = coding.release.effective_to
        ended = last if last is not None and days[0] > last else None
        yield Coded(diagnoses, reportable, tuple(days), coding.edition, coding.table.with_notes, ended)


UNCODED = Uncoded(State.NOT_CHECKED, NO_DIAGNOSES)
