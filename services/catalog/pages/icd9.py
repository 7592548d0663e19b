"""The page of an ICD-9-CM code, which ICD-10 replaced on October 1, 2015."""

from collections.abc import Iterator
from datetime import datetime

from services.catalog.pages.parts import Refs, statement
from services.catalog.pages.plain import plain_sections
from services.catalog.pages.sections import Sections
from services.catalog.pages.sources import code_set_rule
from services.catalog.records import Known
from services.catalog.systems import SYSTEMS


def sections(known: Known, named: Refs, now: datetime) -> Sections:  # noqa: ARG001 - as of every code system
    """The sections of an ICD-9-CM page."""
    successor = "ICD-10-CM" if known.place.record.system == "icd9cm" else "ICD-10-PCS"
    rule = code_set_rule("(b) and (c)")
    return plain_sections(
        known,
        named,
        described=list(_described(known)),
        report_when=[statement("For dates of service and discharges through September 30, 2015.", rule)],
        do_not_report=[statement(f"From October 1, 2015 on, {successor} is used instead.", rule)],
        billing=[statement("Claims for services since October 1, 2015 are not accepted with ICD-9-CM codes.", rule)],
        fees=[statement("A code of ICD-9-CM has no fee.")],
    )


def _described(known: Known) -> Iterator[str]:
    record, above = known.place.record, {ancestor.kind: ancestor for ancestor in known.place.ancestors}
    name = SYSTEMS[record.system].name
    chapter, category = above.get("chapter"), above.get("block")
    where = f" in category {category.display}" if category else ""
    within = f" of the chapter {chapter.display} ({chapter.heading})" if chapter else ""
    yield f"{record.display} is a code of {name}{where}{within}."
