"""Settles how a claim is spelt, and notes what in it cannot be checked.

A code that does not exist is no defect: what it means for the claim is for the rules to find.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.catalog.edits.claim import Claim, Line, PastLine
from services.catalog.edits.problems import Place, Problems
from services.catalog.systems import printable

MOST_LINES = 999
"""As many as an institutional claim can have (X12 837I)."""
MOST_PAST_LINES = 999
MOST_DIAGNOSES = 50
MOST_POINTERS = 12
MOST_MODIFIERS = 8
MOST_UNITS = 9_999_999
MOST_DAYS = 366
LONGEST_CODE = 20
LONGEST_TEXT = 100
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
_MODIFIER = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_PLACE = re.compile(r"[0-9]{2}", re.ASCII)


def spelt(code: str) -> str:
    """A code without dots and blanks, in capitals."""
    return "".join(code.split()).replace(".", "").upper()


class Settling:
    """Settles the claims of one call."""

    def __init__(self, problems: Problems) -> None:
        """Take where defects are noted."""
        self._problems = problems

    def claim(self, claim: Claim, place: Place) -> Claim:
        """The claim in one spelling; what is wrong with it is noted."""
        self._within(place, "lines", claim.lines, MOST_LINES)
        self._within(place, "diagnoses", claim.diagnoses, MOST_DIAGNOSES)
        self._within(place, "history", claim.history, MOST_PAST_LINES)
        if not claim.lines:
            self._problems.add(place, "lines", "there is none; a claim has one line or more.")
        self._day(place, "date", claim.day)
        born = claim.patient.birth_date
        if born is not None and born > claim.day:
            self._problems.add(place, "patient.birth_date", f"{born} lies after the day of service, {claim.day}.")
        for field in ("id", "rendering_provider", "payer"):
            self._text(place, field, getattr(claim, field))
        where = claim.place_of_service.strip()
        if where and not _PLACE.fullmatch(where):
            self._problems.add(place, "place_of_service", f'"{printable(where, 10)}" is not two digits, such as 11.')
        return replace(
            claim,
            lines=tuple(self._line(line, claim, place.of_line(line.number)) for line in claim.lines[:MOST_LINES]),
            diagnoses=tuple(
                self._code(place, f"diagnoses.{number}", code)
                for number, code in enumerate(claim.diagnoses[:MOST_DIAGNOSES])
            ),
            history=tuple(
                self._past(past, place.of_line(number, past=True))
                for number, past in enumerate(claim.history[:MOST_PAST_LINES], 1)
            ),
            place_of_service=where,
            rendering_provider=claim.rendering_provider.strip(),
            payer=claim.payer.strip(),
        )

    def _line(self, line: Line, claim: Claim, place: Place) -> Line:
        self._day(place, "date", line.begins)
        if line.ends < line.begins:
            self._problems.add(place, "date_to", f"{line.ends} lies before the first day, {line.begins}.")
        elif line.days > MOST_DAYS:
            self._problems.add(place, "date_to", f"the line covers {line.days} days; {MOST_DAYS} are the most.")
        self._units(place, line.units)
        self._within(place, "diagnoses", line.diagnoses, MOST_POINTERS)
        for pointer in line.diagnoses[:MOST_POINTERS]:
            if not 1 <= pointer <= len(claim.diagnoses):
                what = (
                    f"the claim has diagnoses 1 to {len(claim.diagnoses)}" if claim.diagnoses else "the claim has none"
                )
                self._problems.add(place, "diagnoses", f"{pointer} points to no diagnosis; {what}.")
        return replace(
            line, code=self._code(place, "code", line.code), modifiers=self._modifiers(place, line.modifiers)
        )

    def _past(self, past: PastLine, place: Place) -> PastLine:
        self._day(place, "date", past.day)
        self._units(place, past.units)
        self._text(place, "rendering_provider", past.rendering_provider)
        return replace(
            past,
            code=self._code(place, "code", past.code),
            modifiers=self._modifiers(place, past.modifiers),
            rendering_provider=past.rendering_provider.strip(),
        )

    def _code(self, place: Place, field: str, code: str) -> str:
        settled = spelt(code)
        if not settled:
            self._problems.add(place, field, "it is empty; a code is expected.")
        elif len(settled) > LONGEST_CODE or not settled.isascii() or not settled.isprintable():
            self._problems.add(
                place, field, f'"{printable(code, LONGEST_CODE)}" has not the shape of a code: letters and digits.'
            )
        return settled

    def _modifiers(self, place: Place, modifiers: Sequence[str]) -> tuple[str, ...]:
        self._within(place, "modifiers", modifiers, MOST_MODIFIERS)
        settled = [modifier.strip().upper() for modifier in modifiers[:MOST_MODIFIERS]]
        for modifier in settled:
            if modifier and not _MODIFIER.fullmatch(modifier):
                shown = printable(modifier, 10)
                self._problems.add(place, "modifiers", f'"{shown}" is not two letters or digits, such as 25 or LT.')
        return tuple(dict.fromkeys(modifier for modifier in settled if modifier))

    def _units(self, place: Place, units: int) -> None:
        if not 1 <= units <= MOST_UNITS:
            self._problems.add(place, "units", f"{units} is not a whole number from 1 to {MOST_UNITS}.")

    def _day(self, place: Place, field: str, day: date) -> None:
        if not FIRST_DAY <= day <= LAST_DAY:
            self._problems.add(place, field, f"{day} is not a day from {FIRST_DAY} to {LAST_DAY}.")

    def _text(self, place: Place, field: str, text: str) -> None:
        if len(text) > LONGEST_TEXT:
            self._problems.add(place, field, f"it has {len(text)} characters; {LONGEST_TEXT} are the most.")

    def _within(self, place: Place, field: str, values: Sequence[object], most: int) -> None:
        if len(values) > most:
            self._problems.add(place, field, f"there are {len(values)}; {most} are the most.")
