"""Says of tables that begin behind a date of service that they do not know it."""

from collections.abc import Iterator
from datetime import date

from services.catalog import answers
from services.catalog.pages.parts import statement
from services.catalog.pages.payment_tables import beginning_later
from services.catalog.records import Known, ReleaseRecord, Table

EDITS = ("mue", "add-on")
"""Tables behind the section of edits. A PTP file holds the rows of all quarters, and is not among them."""
FEES = ("pfs-amounts", "pfs-indicators")
_WITH_TABLES = ("cpt", "hcpcs", "cdt")


def before_their_days(known: Known, kinds: tuple[str, ...]) -> Iterator[answers.Statement]:
    """A sentence for each table that does not reach back to the date of service."""
    asked = known.asked
    if asked is None or known.place.record.system not in _WITH_TABLES:
        return
    for table in beginning_later(known, *kinds):
        yield from _unknown(table, asked)


def not_yet_begun(known: Known, *kinds: str) -> Iterator[answers.Statement]:
    """A sentence for each release of some kinds that is loaded and does not reach back to the date of service."""
    for release in known.unreached.values():
        if known.asked is not None and release.kind in kinds and known.place.record.system in release.systems:
            yield from _unknown(release, known.asked)


def _unknown(table: ReleaseRecord | Table, asked: date) -> Iterator[answers.Statement]:
    if begins := table.effective_from:
        yield statement(
            f"{table.title}, {table.edition}, begins on {begins:%B} {begins.day}, {begins.year}: what it held on "
            f"{asked:%B} {asked.day}, {asked.year} is not known here."
        )
