"""The page of a code, whole: what every page has, and the sections that its code system fills."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from services.catalog import answers
from services.catalog.pages import (
    claim_codes,
    conversions,
    dental,
    diagnosis,
    equivalents,
    hcpcs_record,
    icd9,
    mentions,
    procedure,
    procedure_tables,
    tabular_notes,
)
from services.catalog.pages.parts import Refs, code_ref, data_release, heading, statement, table_release
from services.catalog.pages.payment_tables import of_their_days, tables_of
from services.catalog.pages.sections import Sections
from services.catalog.pages.standing import Standing, editions_sentence, history
from services.catalog.pages.table_days import EDITS, FEES, before_their_days, not_yet_begun
from services.catalog.records import CodeRecord, Key, Known
from services.catalog.systems import SELECTION, SYSTEMS

_FACT_TABLES = {
    "fees": ("pfs-amounts", "pfs-indicators"),
    "mue": ("mue",),
    "hcpcs": ("hcpcs",),
}

_SPEAKING_OF_CODES = ("icd10cm-guidelines", "icd10cm-index")
"""Kinds of releases whose parts that speak of a code are not shown before their first day, which is then said."""

SECTIONS: Mapping[str, Callable[[Known, Refs, datetime], Sections]] = {
    "icd10cm": diagnosis.sections,
    "icd10pcs": procedure_tables.sections,
    "cpt": procedure.sections,
    "hcpcs": procedure.sections,
    "modifier": claim_codes.sections,
    "pos": claim_codes.sections,
    "cdt": dental.sections,
    "icd9cm": icd9.sections,
    "icd9pcs": icd9.sections,
}
"""How each code system fills the sections."""
WITH_TABLES = {"cpt", "hcpcs"}
"""Systems of whose codes Medicare's tables speak."""


def codes_named(known: Known) -> list[Key]:
    """The codes that a page will name beside its neighbourhood; look up which of them exist."""
    system = known.place.record.system
    keys = [*equivalents.codes_named(known), *hcpcs_record.codes_named(known)]
    if system == "icd10cm":
        keys += [*tabular_notes.codes_named(known.place), *mentions.codes_named(known.facts)]
        keys += conversions.codes_named(known)
    elif system in WITH_TABLES:
        keys += procedure.codes_named(known.facts, known.place.record)
    return list(dict.fromkeys(keys))


def compose(known: Known, named: Mapping[Key, CodeRecord], now: datetime) -> answers.Code:
    """The page as of now."""
    known = of_their_days(known)
    place, record = known.place, known.place.record
    refs, name = Refs(named), SYSTEMS[record.system].name
    status = _status(known, refs, now.date())
    sections = SECTIONS[record.system](known, refs, now)
    if status.validity is answers.Validity.NOT_VALID:
        sections = _of_invalid(sections, status)
    return answers.Code(
        system=record.system,
        code=record.code,
        display_code=record.display,
        heading=heading(record),
        kind=record.kind,
        reportable=record.reportable and status.validity is not answers.Validity.NOT_VALID,
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
        status=status,
    )


def _status(known: Known, refs: Refs, today: date) -> answers.CodeStatus:
    """Whether the code is valid on the day, and what took its place where it is not."""
    record = known.place.record
    status = Standing(record.display, SYSTEMS[record.system].name, known.editions, known.asked, today).status()
    led_to = [refs.of(conversions.SYSTEM, c.code) for c in conversions.successors(known, today)]
    led_to += [item.code for item in hcpcs_record.related(known, refs) if item.relation == "successor" and item.code]
    return replace(status, successors=tuple(led_to)) if status.validity is answers.Validity.NOT_VALID else status


def _of_invalid(sections: Sections, status: answers.CodeStatus) -> Sections:
    """The sections of a code that may not be reported on the day."""
    said = statement(status.sentence)
    guide = replace(sections.guidelines, report_when=(), do_not_report=(said, *sections.guidelines.do_not_report))
    return replace(sections, guidelines=guide, billing=replace(sections.billing, reportable=status.sentence))


def _with_history(section: answers.CoverageSection, known: Known, name: str) -> answers.CoverageSection:
    """The section with what the editions of the code set say of the code's past."""
    events = [*history(known.editions, known.source.title if known.editions else ""), *section.history]
    newest_first = sorted(events, key=lambda event: event.date or date.min, reverse=True)
    told = [statement(editions_sentence(name, known.editions)), *not_yet_begun(known, *_SPEAKING_OF_CODES)]
    return replace(section, coverage=(*section.coverage, *told), history=tuple(newest_first))


def _releases(known: Known, now: datetime) -> Iterator[answers.DataRelease]:
    """The release of the code set first, then those of what stands beside it."""
    system, today = known.place.record.system, now.date()
    source, others = known.source, SYSTEMS[system].whole
    yield data_release(source, today)
    for _, release in sorted(known.releases.items()):
        if release is not source and release.kind not in others and system in release.systems:
            yield data_release(release, today)
    house = known.releases.get(SELECTION)
    if house is not None and system in WITH_TABLES:
        named = {(release.title, release.edition) for release in (source, *known.releases.values())}
        for table in tables_of(known, *_table_kinds(known)):
            drawn = table_release(house, table, today)
            if (drawn.title, drawn.edition) not in named:
                yield drawn


def _table_kinds(known: Known) -> set[str]:
    """Tables that say something of the code, and those of edits, where silence is an answer too."""
    facts = known.facts.code_facts or {}
    kinds = {"ptp", "mue", "add-on"}
    kinds.update(kind for name, tables in _FACT_TABLES.items() if facts.get(name) for kind in tables)
    return kinds
