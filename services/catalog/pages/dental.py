"""The page of a CDT code: the ADA's text, shown under the operator's licence, and nothing in our words about it."""

from datetime import datetime

from services.catalog import answers
from services.catalog.imports.cpt import year_of
from services.catalog.pages.parts import Refs, statement
from services.catalog.pages.plain import plain_sections
from services.catalog.pages.sections import Sections
from services.catalog.records import Known

LICENCE = "ada-cdt"


def sections(known: Known, named: Refs, now: datetime) -> Sections:
    """The sections of a CDT page."""
    record, body = known.place.record, known.place.record.body
    texts = [record.heading, body.get("descriptor", "")]
    return plain_sections(
        known,
        named,
        described=[f"{record.display} is a dental procedure code of CDT."],
        report_when=[statement("For dental services, on dental claims.")],
        fees=[statement("Medicare's fee schedules loaded here hold no dental services.")],
        official=answers.OfficialSection(
            text=" ".join(text if text.endswith(".") else f"{text}." for text in texts if text),
            copyright=copyright_line(known.source.edition, now),
            licence=LICENCE,
        ),
    )


def copyright_line(edition: str, now: datetime) -> str:
    """The notice that stands with the ADA's text; its year is the edition's, or today's where it names none."""
    return (
        f"Current Dental Terminology © {year_of(edition) or now.year} American Dental Association. All rights reserved."
    )
