"""The tables that are in memory, and which of them answers for a day of service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from services.catalog.editions import MOST_DAYS_KEPT, Editions
from services.catalog.edits.add_on_table import AddOnTable
from services.catalog.edits.claim import Claim, Setting
from services.catalog.edits.diagnosis_table import DiagnosisTable
from services.catalog.edits.fee_table import FeeTable
from services.catalog.edits.finding import Asked, Kind, State
from services.catalog.edits.mue_table import MueTable
from services.catalog.edits.ptp_table import PtpTable
from services.catalog.records import ReleaseRecord

Table = TypeVar("Table")
_SETTINGS = {Setting.PRACTITIONER: "practitioners'", Setting.OUTPATIENT: "outpatient hospital", Setting.DME: "DME"}


@dataclass(frozen=True, slots=True)
class Answering(Generic[Table]):
    """A table that answers for a day."""

    table: Table
    edition: str
    """Its name for readers; says "not current" where the day lies behind its last one."""


@dataclass(frozen=True, slots=True)
class Silent:
    """No table answers for a day."""

    state: State
    because: str

    def asked(self, rule: Kind) -> Asked:
        """What a rule says that finds no table."""
        return Asked(rule, self.state, because=self.because)


_Need = tuple[date, Setting, bool]
"""A day of service, the claim's setting, and whether it names diagnoses."""


class Coding(NamedTuple):
    """The codes of ICD-10-CM that count on a day."""

    release: ReleaseRecord
    table: DiagnosisTable
    edition: str
    """Its name for readers on the day."""


class Shelf:
    """One state of all tables; a new one takes its place when the releases that answer change."""

    def __init__(self, editions: Editions[ReleaseRecord], tables: Mapping[str, Any]) -> None:
        """Take which releases answer, and the tables in memory by their releases' ids."""
        self.editions = editions
        self.tables = tables
        self._kept: dict[tuple[str, date], Answering[Any] | Silent] = {}
        self._codings: dict[date, Coding | Silent] = {}
        self._complete: set[_Need] = set()

    def ptp(self, setting: Setting, day: date) -> Answering[PtpTable] | Silent:
        """The procedure-to-procedure edits for a day."""
        return self._of("ncci-ptp", setting, day)

    def mue(self, setting: Setting, day: date) -> Answering[MueTable] | Silent:
        """The medically unlikely edits for a day."""
        return self._of("ncci-mue", setting, day)

    def add_on(self, day: date) -> Answering[AddOnTable] | Silent:
        """The add-on code edits for a day."""
        return self._of("ncci-aoc", None, day)

    def fees(self, day: date) -> Answering[FeeTable] | Silent:
        """The indicators of the Physician Fee Schedule for a day."""
        return self._of("pfs-rvu", None, day)

    def coding(self, day: date) -> Coding | Silent:
        """The codes of ICD-10-CM for a day."""
        kept = self._codings.get(day)
        if kept is None:
            if len(self._codings) >= MOST_DAYS_KEPT:
                self._codings.clear()
            kept = self._codings[day] = self._find_coding(day)
        return kept

    def missing(self, claims: Sequence[Claim]) -> list[ReleaseRecord]:
        """The releases that answer for claims and whose tables are not in memory."""
        needs = {(day, claim.setting, bool(claim.diagnoses)) for claim in claims for day in claim.first_days()}
        needs -= self._complete
        if not needs:
            return []  # as most have
        wanted = {release.id: release for need in needs for release in self._asked(*need)}
        missing = [release for identity, release in wanted.items() if identity not in self.tables]
        if not missing and len(self._complete) < MOST_DAYS_KEPT:
            self._complete |= needs
        return missing

    def _asked(self, day: date, setting: Setting, diagnoses: bool) -> Iterator[ReleaseRecord]:
        coding = answering(self.editions, day) if diagnoses else None
        if coding is not None:
            yield coding
        on_day = self.editions.on(day)
        for kind in WHAT:
            release = on_day.get(kind) or on_day.get(f"{kind}/{setting}")
            if release is not None:
                yield release

    def _of(self, kind: str, setting: Setting | None, day: date) -> Answering[Any] | Silent:
        slot = f"{kind}/{setting}" if setting else kind
        kept = self._kept.get((slot, day))
        if kept is None:
            if len(self._kept) >= MOST_DAYS_KEPT:
                self._kept.clear()
            kept = self._kept[slot, day] = self._find(slot, setting, day)
        return kept

    def _find(self, slot: str, setting: Setting | None, day: date) -> Answering[Any] | Silent:
        release = self.editions.on(day).get(slot)
        if release is not None and release.id in self.tables:
            return Answering(self.tables[release.id], named(release, day))
        what = WHAT[slot.partition("/")[0]] + (f" for {_SETTINGS[setting]} claims" if setting else "")
        if release is not None or slot not in self.editions.on():
            return Silent(State.NOT_LOADED, f"{what} are not loaded here.")
        return Silent(State.NOT_CHECKED, f"{what} are loaded here for later days, and tell nothing of {day}.")

    def _find_coding(self, day: date) -> Coding | Silent:
        release = answering(self.editions, day)
        if release is not None and release.id in self.tables:
            return Coding(release, self.tables[release.id], named(release, day))
        if release is None and any(self.editions.of(kind) for kind in SOURCES):
            return Silent(State.NOT_CHECKED, f"ICD-10-CM is loaded here for later days, and tells nothing of {day}.")
        return Silent(State.NOT_LOADED, "ICD-10-CM is not loaded here.")


SOURCES = ("icd10cm-tabular", "icd10cm-order")
"""Kinds of releases that hold ICD-10-CM codes; the first has the notes as well."""
WHAT = {
    "ncci-ptp": "NCCI procedure-to-procedure edits",
    "ncci-mue": "Medically unlikely edits",
    "ncci-aoc": "NCCI add-on code edits",
    "pfs-rvu": "Values of the Physician Fee Schedule",
}


def answering(editions: Editions[ReleaseRecord], day: date) -> ReleaseRecord | None:
    """The release whose codes of ICD-10-CM count on a day: one that is current then, with notes rather than without."""
    on_day = editions.on(day)
    found = [on_day[kind] for kind in SOURCES if kind in on_day]
    current = [release for release in found if release.effective_to is None or day <= release.effective_to]
    return next(iter([*current, *found]), None)


def named(release: ReleaseRecord, day: date) -> str:
    """The name of an edition for a finding."""
    late = release.effective_to is not None and day > release.effective_to
    behind = f" (not current on {day}: it ended on {release.effective_to})" if late else ""
    return f"{release.title}, {release.edition}{behind}"


def in_force(editions: Editions[ReleaseRecord]) -> list[ReleaseRecord]:
    """The releases in force that have a table."""
    return [release for release in editions.on().values() if release.kind in WHAT or release.kind in SOURCES]
