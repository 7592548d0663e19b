"""Who is to pay: the tables are Medicare's, and another payer may use them, use its own, or none.

A claim that names no payer is Medicare's.
"""

from collections.abc import Iterator

from services.catalog.edits import sources
from services.catalog.edits.claim import Claim
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Answering, Shelf

MEDICARE = "medicare"
MEDICAID = "medicaid"
_OWN_FILES = " Medicaid has NCCI files of its own, which are not loaded here."


def check(claim: Claim, shelf: Shelf) -> Iterator[Finding | Asked]:
    """Tell whose rules were checked, where another payer than Medicare is named."""
    if not claim.payer:
        return
    edition = _edition(claim, shelf)
    yield Asked(Kind.PAYER, State.CHECKED, edition)
    name = claim.payer.lower()
    if MEDICARE not in name:
        yield Finding(
            kind=Kind.PAYER,
            outcome=Outcome.INFO,
            lines=tuple(line.number for line in claim.lines),
            code="",
            rule="Payer",
            source=sources.PAYER,
            edition=edition,
            message=f"The payer is {claim.payer}. The edits of pairs, units and add-on codes and the fee schedule "
            f"are Medicare's: another payer may follow them, or have rules of its own."
            f"{_OWN_FILES if MEDICAID in name else ''}",
            resolve="See which edits the payer uses.",
        )


def _edition(claim: Claim, shelf: Shelf) -> str:
    """The first table of Medicare that answers for the claim; without one the manual that its rules stand in."""
    day = claim.lines[0].begins
    tables = (shelf.ptp(claim.setting, day), shelf.mue(claim.setting, day), shelf.add_on(day), shelf.fees(day))
    return next((table.edition for table in tables if isinstance(table, Answering)), sources.MANUAL)
