"""The page of a code, whole: what every page has, and the sections that its code system fills."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from services.catalog import answers
from services.catalog.pages import diagnosis, mentions, procedure, tabular_notes
from services.catalog.pages.edits import tables_of
from services.catalog.pages.parts import Refs, code_ref, data_release, heading, table_release
from services.catalog.records import CodeRecord, Key, Known
from services.catalog.systems import SYSTEMS

_FACT_TABLES = {
    "fees": ("pfs-amounts", "pfs-indicators"),
    "mue": ("mue",),
    "hcpcs": ("hcpcs",),
}


def codes_named(known: Known) -> list[Key]:
    """The codes that a page will name beside its neighbourhood; look up which of them exist."""
    if known.place.record.system == "icd10cm":
        return [*tabular_notes.codes_named(known.place), *mentions.codes_named(known.facts)]
    return procedure.codes_named(known.facts, known.place.record)


def compose(known: Known, named: Mapping[Key, CodeRecord], now: datetime) -> answers.Code:
    """The page as of now."""
    place, record = known.place, known.place.record
    sections = (diagnosis if record.system == "icd10cm" else procedure).sections(known, Refs(named), now)
    return answers.Code(
        system=record.system,
        code=record.code,
        display_code=record.display,
        heading=heading(record),
        kind=record.kind,
        reportable=record.reportable,
        ancestors=tuple(code_ref(ancestor) for ancestor in place.ancestors),
        children=tuple(code_ref(child) for child in place.children),
        previous=code_ref(place.previous) if place.previous else None,
        next=code_ref(place.next) if place.next else None,
        releases=tuple(_releases(known, now)),
        official=sections.official,
        common=sections.common,
        guidelines=sections.guidelines,
        documentation=sections.documentation,
        billing=sections.billing,
        edits=sections.edits,
        fees=sections.fees,
        crosswalks=sections.crosswalks,
        coverage=sections.coverage,
    )


def _releases(known: Known, now: datetime) -> Iterator[answers.DataRelease]:
    """The release of the code set first, then those of what stands beside it."""
    system, today = known.place.record.system, now.date()
    source = known.releases[SYSTEMS[system].source]
    yield data_release(source, today)
    for kind, release in sorted(known.releases.items()):
        if kind != source.kind and system in release.systems:
            yield data_release(release, today)
    if system != "icd10cm":
        for table in tables_of(known, *_table_kinds(known)):
            yield table_release(source, table, today)


def _table_kinds(known: Known) -> set[str]:
    """Tables that say something of the code, and those of edits, where silence is an answer too."""
    facts = known.facts.code_facts or {}
    kinds = {"ptp", "mue", "add-on"}
    kinds.update(kind for name, tables in _FACT_TABLES.items() if facts.get(name) for kind in tables)
    return kinds
