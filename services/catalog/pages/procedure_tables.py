"""The page of an ICD-10-PCS table or code: what each of its characters stands for."""

from collections.abc import Iterator
from datetime import datetime

from services.catalog.answers import Statement
from services.catalog.pages.parts import Refs, statement
from services.catalog.pages.plain import plain_sections
from services.catalog.pages.sections import Sections
from services.catalog.pages.sources import claims_manual, code_set_rule, pcs_guidelines
from services.catalog.records import CodeRecord, Known, Neighbourhood

TABLE_LENGTH = 3
PLACES = {4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh"}


def sections(known: Known, named: Refs, now: datetime) -> Sections:  # noqa: ARG001 - as of every code system
    """The sections of an ICD-10-PCS page."""
    record = known.place.record
    return plain_sections(
        known,
        named,
        described=list(_described(known.place)),
        report_when=list(_report_when(record)),
        do_not_report=list(_do_not_report(record)),
        documentation=list(_documentation(record)),
        billing=[statement("A code has no units and takes no modifiers; each procedure has a code of its own.")],
        fees=[
            statement(
                "Medicare pays inpatient stays by diagnosis-related group; a procedure may decide the group, and has "
                "no fee of its own.",
                claims_manual(3, "20"),
            )
        ],
    )


def _described(place: Neighbourhood) -> Iterator[str]:
    record = place.record
    above = {len(ancestor.code): ancestor for ancestor in place.ancestors}
    table = record if len(record.code) == TABLE_LENGTH else above.get(TABLE_LENGTH)
    named = [
        f"{ancestor.code} is {ancestor.heading}" for length, ancestor in sorted(above.items()) if length < TABLE_LENGTH
    ]
    if table is record:
        yield f"{record.code} is a table of ICD-10-PCS: {record.heading}. {'; '.join(named)}."
        yield f"{record.reportable_below:,} codes can be built from its values in the places four to seven."
    elif table is not None:
        yield f"{record.code} is an ICD-10-PCS code of table {table.code}, {table.heading}. {'; '.join(named)}."
        yield " ".join(_values(record.code, table))


def _values(code: str, table: CodeRecord) -> Iterator[str]:
    """What the characters four to seven stand for, where the titles tell it."""
    labels = table.body.get("labels", {})
    for place, ordinal in PLACES.items():
        name = labels.get(str(place), {}).get(code[place - 1], "")
        if name:
            yield f"The {ordinal} character, {code[place - 1]}, stands for {name}."


def _report_when(record: CodeRecord) -> Iterator[Statement]:
    if record.reportable:
        yield statement(
            "For procedures on hospital inpatients, on the claims of hospitals; physicians and outpatient claims use "
            "CPT and HCPCS Level II.",
            code_set_rule("(c)(3)"),
        )
    else:
        yield statement(
            "Choose a value for each of the places four to seven; all seven characters make a code.",
            pcs_guidelines("A8"),
        )


def _do_not_report(record: CodeRecord) -> Iterator[Statement]:
    if not record.reportable:
        yield statement(
            f"{record.display} itself is no code: all seven characters must be specified.", pcs_guidelines("A8")
        )


def _documentation(record: CodeRecord) -> Iterator[Statement]:
    if record.reportable:
        yield statement(
            "What the record says must fit the value of each character. The coder decides what its words mean in the "
            "terms of ICD-10-PCS; the physician need not use them.",
            pcs_guidelines("A11"),
        )
