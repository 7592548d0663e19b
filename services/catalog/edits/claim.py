"""A claim to be checked, as plain values: spelling is settled, positions are counted from 1."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property


class Setting(StrEnum):
    """Which of CMS's files apply to a claim."""

    PRACTITIONER = "practitioner"
    """Practitioners and ambulatory surgical centers."""
    OUTPATIENT = "outpatient"
    """Outpatient hospitals."""
    DME = "dme"
    """Suppliers of durable medical equipment."""


class Sex(StrEnum):
    """A patient's sex as claims carry it."""

    FEMALE = "female"
    MALE = "male"


@dataclass(frozen=True, slots=True)
class Line:
    """A service line."""

    number: int
    """Its position on the claim, from 1."""
    code: str
    units: int
    begins: date
    ends: date
    """Its last day of service; the first one's own where it has no other."""
    modifiers: tuple[str, ...] = ()
    diagnoses: tuple[int, ...] = ()
    """Positions of the claim's diagnoses that the line points to, from 1."""

    @property
    def days(self) -> int:
        """How many days of service it covers."""
        return (self.ends - self.begins).days + 1

    def covers(self, day: date) -> bool:
        """Whether a day is one of its days of service."""
        return self.begins <= day <= self.ends


@dataclass(frozen=True, slots=True)
class PastLine:
    """A service that was billed before this claim, for the same patient."""

    code: str
    day: date
    units: int = 1
    modifiers: tuple[str, ...] = ()
    rendering_provider: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What rules ask of a patient; None where it was not said."""

    sex: Sex | None = None
    birth_date: date | None = None


@dataclass(frozen=True)
class Claim:
    """What one provider bills for one patient."""

    id: str
    setting: Setting
    day: date
    """The day of service of lines without one of their own."""
    lines: tuple[Line, ...]
    diagnoses: tuple[str, ...] = ()
    """Undotted, the first-listed one first."""
    patient: Patient = field(default=Patient())
    place_of_service: str = ""
    rendering_provider: str = ""
    payer: str = ""
    history: tuple[PastLine, ...] = ()

    def first_days(self) -> list[date]:
        """The days on which some line begins, in order: what stands together on any day stands together on one."""
        return self._first_days

    @cached_property
    def _first_days(self) -> list[date]:
        return sorted({line.begins for line in self.lines})

    def lines_on(self, day: date) -> dict[str, list[Line]]:
        """The lines that cover a day, by code."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.covers(day):
                found.setdefault(line.code, []).append(line)
        return found
