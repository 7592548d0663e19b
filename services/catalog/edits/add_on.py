"""Add-on codes: paid only beside a primary code.

NCCI Policy Manual for Medicare 2026, ch. I, R and W: type 1 lists every acceptable primary code, type 2 none, type 3
some. An add-on code is furnished "in conjunction with another primary service by the same practitioner"; the manual
names no day and no claim. So a listed primary code that the same practitioner billed before for the day, or that stands
on the claim with another day, leaves it to a person, for the contractor may see one service in both.
"""

from collections.abc import Iterator
from datetime import date

from services.catalog.edits import sources
from services.catalog.edits.add_on_table import Listed
from services.catalog.edits.claim import Claim
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Shelf, Silent

MOST_NAMED = 8
_OF_A_GROUP = "99292"
"""Medicare may pay it to who did not bill 99291, if another physician of the same specialty and group did and was paid
(ch. I, W). A claim does not tell specialties and groups."""


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Look for a primary code beside every add-on code."""
    for day in claim.first_days():
        answering = shelf.add_on(day)
        if isinstance(answering, Silent):
            yield answering.asked(Kind.ADD_ON)
            continue
        yield Asked(Kind.ADD_ON, State.CHECKED, answering.edition)
        for code in answering.table.add_ons(line.code for line in claim.lines_from(day)):
            listed = answering.table.of(code, day)
            if listed is not None:
                yield from _AddOn(claim, code, day, listed).findings(answering.edition)


class _AddOn:
    """An add-on code of a day, its type and its listed primary codes."""

    def __init__(self, claim: Claim, code: str, day: date, listed: Listed) -> None:
        self._claim, self._code, self._day = claim, code, day
        self._type, self._primaries, self._in_order = listed

    def findings(self, edition: str) -> Iterator[Finding]:
        """Nothing where a listed primary code stands on the claim on the same day."""
        listed = [line for line in self._claim.lines if line.code in self._primaries]
        if any(line.covers(self._day) for line in listed):
            return
        elsewhere = next((f"{line.code} on line {line.number}, of {line.begins}" for line in listed), "")
        if not elsewhere:
            elsewhere = next(
                (
                    f"{past.code}, billed before (history line {number})"
                    for number, past in enumerate(self._claim.history, 1)
                    if past.code in self._primaries and past.day == self._day and self._claim.is_own(past)
                ),
                "",
            )
        yield self._finding(edition, elsewhere)

    def _finding(self, edition: str, elsewhere: str) -> Finding:
        review = self._type != 1 or bool(elsewhere)
        return Finding(
            kind=Kind.ADD_ON,
            outcome=Outcome.REVIEW if review else Outcome.DENIED,
            lines=tuple([line.number for line in self._claim.lines_from(self._day) if line.code == self._code]),
            code=self._code,
            rule=f"NCCI add-on code edit, type {self._type}",
            source=sources.ADD_ON,
            edition=edition,
            message=self._message(elsewhere),
            resolve=self._resolve(elsewhere),
        )

    def _message(self, elsewhere: str) -> str:
        if self._type == 2:
            return f"{self._code} is an add-on code for which CMS lists no primary codes: the contractor decides."
        if elsewhere:
            return f"{self._code} is an add-on code, and its primary code is that of another day or claim: {elsewhere}."
        if self._type == 3:
            return (
                f"{self._code} is an add-on code, and none of the primary codes that CMS lists is on the claim; the "
                "contractor may accept others."
            )
        return f"{self._code} is an add-on code, and none of its primary codes is on the claim. It is denied."

    def _resolve(self, elsewhere: str) -> str:
        if self._type == 2:
            return "See that the service it adds to is on the claim, and look for the contractor's list."
        if elsewhere:
            return "Bill both on one claim with one day of service, or have the record ready that shows both."
        named = self._in_order
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        add = f"Add the primary code that was furnished: {', '.join(named[:MOST_NAMED])}{more}. Or remove {self._code}."
        if self._code != _OF_A_GROUP:
            return add
        return f"{add} Medicare may pay it beside that of another physician of the same specialty and group."
