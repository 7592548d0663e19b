"""Says of tables that begin behind a date of service that they do not know it."""

from collections.abc import Iterator
from datetime import date

from services.catalog import answers
from services.catalog.pages.parts import statement
from services.catalog.pages.payment_tables import tables_of
from services.catalog.records import Known

EDITS = ("mue", "add-on", "ncci-mue", "ncci-aoc")
"""Kinds of tables behind the section of edits. A PTP file holds the rows of all quarters, and is not among them."""
FEES = ("pfs-amounts", "pfs-indicators", "pfs-rvu", "hcc")


def before_their_days(known: Known, kinds: tuple[str, ...]) -> Iterator[answers.Statement]:
    """A sentence for each table that does not reach back to the date of service."""
    if known.asked is None or known.place.record.system not in ("cpt", "hcpcs", "icd10cm"):
        return
    for release in known.unreached.values():
        if release.kind in kinds and known.place.record.system in release.systems and release.effective_from:
            yield _unknown(release.title, release.edition, release.effective_from, known.asked)
    for table in tables_of(known, *kinds):
        if table.effective_from and known.asked < table.effective_from:
            yield _unknown(table.title, table.edition, table.effective_from, known.asked)


def _unknown(title: str, edition: str, begins: date, asked: date) -> answers.Statement:
    return statement(
        f"{title}, {edition}, begins on {begins:%B} {begins.day}, {begins.year}: what it held on {asked:%B} "
        f"{asked.day}, {asked.year} is not known here, and its values below are later ones."
    )
