"""A claim to be checked, as plain values: spelling is settled, positions are counted from 1."""

from collections.abc import Sequence
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
    past: bool = False
    """Whether it stands in the history: it was billed before, and its position is one in there."""

    @property
    def name(self) -> str:
        """What it is called in sentences."""
        return f"{'history line' if self.past else 'line'} {self.number}"

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

    def lines_from(self, day: date) -> Sequence[Line]:
        """The lines that begin on a day."""
        return self._by_first_day.get(day, ())

    @cached_property
    def _by_first_day(self) -> dict[date, Sequence[Line]]:
        if len(self._first_days) == 1:
            return {self._first_days[0]: self.lines}
        return {day: [line for line in self.lines if line.begins == day] for day in self._first_days}

    @cached_property
    def pointing(self) -> tuple[Line, ...]:
        """The lines that point to a diagnosis."""
        return tuple([line for line in self.lines if line.diagnoses])

    def is_own(self, past: PastLine) -> bool:
        """Whether a service billed before is the same provider's, as far as both are named."""
        return past.rendering_provider in ("", self.rendering_provider) or not self.rendering_provider

    def lines_on(self, day: date) -> dict[str, list[Line]]:
        """The lines that cover a day, by code; behind them what the same provider billed before for that day."""
        kept = self._by_day.get(day)
        if kept is None:
            kept = self._by_day[day] = self._found_on(day)
        return kept

    @cached_property
    def _by_day(self) -> dict[date, dict[str, list[Line]]]:
        return {}

    def _found_on(self, day: date) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        of_one_day = self._first_days == [day]
        for line in self.lines:
            if of_one_day or line.begins <= day <= line.ends:
                found.setdefault(line.code, []).append(line)
        for number, past in enumerate(self.history, 1):
            if past.day == day and self.is_own(past):
                before = Line(number, past.code, past.units, day, day, past.modifiers, past=True)
                found.setdefault(past.code, []).append(before)
        return found
