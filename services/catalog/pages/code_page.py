"""The page of a code, whole: what every page has, and the sections that its code system fills."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from services.catalog import answers
from services.catalog.pages import diagnosis, mentions, procedure, tabular_notes
from services.catalog.pages.edits import tables_of
from services.catalog.pages.parts import Refs, code_ref, data_release, heading, statement, table_release
from services.catalog.pages.standing import Standing, editions_sentence, history
from services.catalog.pages.table_days import EDITS, FEES, before_their_days
from services.catalog.records import CodeRecord, Key, Known
from services.catalog.systems import SELECTION, SYSTEMS

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
    name = SYSTEMS[record.system].name
    standing = Standing(record.display, name, known.editions, known.asked, now.date())
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
        edits=replace(sections.edits, scope=(*before_their_days(known, EDITS), *sections.edits.scope)),
        fees=replace(sections.fees, notes=(*before_their_days(known, FEES), *sections.fees.notes)),
        crosswalks=sections.crosswalks,
        coverage=_with_history(sections.coverage, known, name),
        status=standing.status(),
    )


def _with_history(section: answers.CoverageSection, known: Known, name: str) -> answers.CoverageSection:
    """The section with what the editions of the code set say of the code's past."""
    events = [*history(known.editions, known.source.title if known.editions else ""), *section.history]
    newest_first = sorted(events, key=lambda event: event.date or date.min, reverse=True)
    told = statement(editions_sentence(name, known.editions))
    return replace(section, coverage=(*section.coverage, told), history=tuple(newest_first))


def _releases(known: Known, now: datetime) -> Iterator[answers.DataRelease]:
    """The release of the code set first, then those of what stands beside it."""
    system, today = known.place.record.system, now.date()
    source, others = known.source, SYSTEMS[system].whole
    yield data_release(source, today)
    for _, release in sorted(known.releases.items()):
        if release is not source and release.kind not in others and system in release.systems:
            yield data_release(release, today)
    house = known.releases.get(SELECTION)
    if house is not None and system in house.systems:
        for table in tables_of(known, *_table_kinds(known)):
            yield table_release(house, table, today)


def _table_kinds(known: Known) -> set[str]:
    """Tables that say something of the code, and those of edits, where silence is an answer too."""
    facts = known.facts.code_facts or {}
    kinds = {"ptp", "mue", "add-on"}
    kinds.update(kind for name, tables in _FACT_TABLES.items() if facts.get(name) for kind in tables)
    return kinds
