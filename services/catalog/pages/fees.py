"""The fee schedule section of a procedure code: relative values and payment indicators, never dollars."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.catalog import answers
from services.catalog.pages import hcpcs_record
from services.catalog.pages.indicators import MODIFIERS, STATUS, UNEXPLAINED, fee_indicators
from services.catalog.pages.parts import statement
from services.catalog.pages.payment_tables import beginning_later, published
from services.catalog.pages.sources import claims_manual
from services.catalog.records import Known

_ORDER = ("", "26", "TC", "53")
_TABLES = ("pfs-amounts", "pfs-indicators")


def fees_section(known: Known) -> answers.FeesSection:
    """The rows of a code in the order global, 26, TC, 53, and how to read them."""
    rows = sorted(known.facts.fees, key=lambda row: _place(row["modifier"]))
    return answers.FeesSection(rows=tuple(_row(row) for row in rows), notes=tuple(_notes(known, rows)))


def _place(modifier: str) -> tuple[int, str]:
    return (_ORDER.index(modifier) if modifier in _ORDER else len(_ORDER)), modifier


def _row(row: Mapping[str, Any]) -> answers.FeeRow:
    outside, inside = not row["non_facility_na"], not row["facility_na"]
    return answers.FeeRow(
        modifier=row["modifier"],
        modifier_meaning=MODIFIERS.get(row["modifier"], f"Modifier {row['modifier']}"),
        status=row["status"],
        status_meaning=STATUS.get(row["status"], UNEXPLAINED),
        work_rvu=str(row["work"]),
        non_facility_pe_rvu=str(row["non_facility_pe"]) if outside else "",
        facility_pe_rvu=str(row["facility_pe"]) if inside else "",
        malpractice_rvu=str(row["malpractice"]),
        non_facility_total=str(row["non_facility_total"]) if outside else "",
        facility_total=str(row["facility_total"]) if inside else "",
        indicators=tuple(fee_indicators(row)),
    )


def _notes(known: Known, rows: Sequence[Mapping[str, Any]]) -> Iterator[answers.Statement]:
    yield from hcpcs_record.pricing(known)
    tables = published(known, *_TABLES)
    if not tables:
        if not beginning_later(known, *_TABLES):
            yield statement("The Medicare Physician Fee Schedule is not loaded here.")
        return
    edition = tables[0].named
    sources = [table.citation for table in tables]
    if not rows:
        yield statement(
            f"{known.place.record.display} has no row in {edition}. It may be paid under another schedule, such as "
            "those for drugs or laboratory tests, or not by Medicare.",
            *sources,
        )
        return
    yield statement(
        f"Relative value units of {edition}. They are not payments: a payment also depends on the conversion factor "
        "and on the locality, which change every year, so no dollar figure is shown.",
        *sources,
        claims_manual(12, "20"),
    )
    yield statement("The values and what they mean are CMS's.", claims_manual(23, "30"))
    if any(row["non_facility_na"] or row["facility_na"] for row in rows):
        yield statement("A setting without values is marked by CMS as not applicable, or as rarely or never performed.")
