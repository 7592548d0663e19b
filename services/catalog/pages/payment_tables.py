"""Which payment tables a page draws on: releases that are loaded whole, else those our own selection was drawn from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.catalog import answers
from services.catalog.editions import slot_key
from services.catalog.imports.payment.procedure_codes import system_of
from services.catalog.pages.parts import Refs, citation_of, is_current, statement, table_citation
from services.catalog.records import Known, Ptp, ReleaseRecord, Table

SETTINGS = {
    "practitioner": answers.Setting.PRACTITIONER,
    "outpatient": answers.Setting.OUTPATIENT,
    "dme": answers.Setting.DME,
}
SETTING_NAMES = {
    "practitioner": "practitioners and ambulatory surgical centers",
    "outpatient": "outpatient hospitals",
    "dme": "durable medical equipment suppliers",
}
_WHOLE = {
    "ptp": "ncci-ptp",
    "mue": "ncci-mue",
    "add-on": "ncci-aoc",
    "pfs-amounts": "pfs-rvu",
    "pfs-indicators": "pfs-rvu",
}
"""Kinds of tables in our selection, and the kind of releases that hold such a table whole."""
_OF_THEIR_DAYS = frozenset(_WHOLE) - {"ptp"}
"""Kinds of tables that say nothing of days before their first one. A PTP file holds the rows of all quarters."""


@dataclass(frozen=True, slots=True)
class Published:
    """A table that a page draws on, of one setting where there are several."""

    setting: str
    title: str
    edition: str
    citation: answers.Citation
    release: ReleaseRecord | None
    """The release that holds it whole; None where only our selection of it is known."""

    @property
    def named(self) -> str:
        """Title and edition."""
        return f"{self.title}, {self.edition}"


def tables_of(known: Known, *kinds: str) -> list[Table]:
    """The tables of some kinds that our selection was drawn from, but those that a release holds whole, and those
    that do not reach back to the date of service.
    """
    return [table for table in _selected(known, kinds) if not _later(known, table)]


def _selected(known: Known, kinds: Iterable[str]) -> list[Table]:
    release = known.releases.get("house")
    return [
        table
        for table in (release.tables if release else ())
        if table.kind in kinds and slot_key(_WHOLE.get(table.kind, ""), table.setting) not in known.releases
    ]


def _later(known: Known, table: Table) -> bool:
    first = table.effective_from if table.kind in _OF_THEIR_DAYS else None
    return known.asked is not None and first is not None and known.asked < first


def beginning_later(known: Known, *kinds: str) -> list[ReleaseRecord | Table]:
    """The tables of some kinds that are known and do not reach back to the date of service, each slot's once."""
    whole = {_WHOLE[kind] for kind in kinds}
    answered = {slot_key(_WHOLE[table.kind], table.setting) for table in tables_of(known, *kinds)}
    found: dict[str, ReleaseRecord | Table] = {
        slot: release for slot, release in known.unreached.items() if release.kind in whole and slot not in answered
    }
    for table in _selected(known, kinds):
        if _later(known, table):
            found.setdefault(slot_key(_WHOLE[table.kind], table.setting), table)
    return list(found.values())


def of_their_days(known: Known) -> Known:
    """What is known without the values of tables that begin behind the date of service: they do not know it."""
    late = {(table.kind, table.setting) for table in _selected(known, _OF_THEIR_DAYS) if _later(known, table)}
    kinds = {kind for kind, _ in late}
    if not late:
        return known
    facts = replace(known.facts, mue=tuple(mue for mue in known.facts.mue if ("mue", mue.setting) not in late))
    if "add-on" in kinds:
        facts = replace(facts, add_on=(), add_on_total=0)
    if kinds & {"pfs-amounts", "pfs-indicators"}:
        facts = replace(facts, fees=())
    return replace(known, facts=facts)


def table_of(known: Known, kind: str) -> Table | None:
    """The first such table of a kind."""
    return next(iter(tables_of(known, kind)), None)


def published(known: Known, *kinds: str) -> list[Published]:
    """The tables of some kinds that are known, by setting."""
    whole = {_WHOLE[kind] for kind in kinds}
    found = [
        Published(release.setting, release.title, release.edition, citation_of(release), release)
        for release in known.releases.values()
        if release.kind in whole
    ]
    found += [
        Published(table.setting, table.title, table.edition, table_citation(table), None)
        for table in tables_of(known, *kinds)
    ]
    order = list(SETTINGS)
    return sorted(found, key=lambda table: order.index(table.setting) if table.setting in order else -1)


def procedure_ref(code: str, named: Refs) -> answers.CodeRef:
    """A reference to a code of a payment table, which may have no page."""
    return named.of(system_of(code), code)


def ptp_edit(edit: Ptp, named: Refs) -> answers.PtpEdit:
    """An edit as answers name it."""
    return answers.PtpEdit(
        setting=SETTINGS[edit.setting],
        column_1=procedure_ref(edit.column_1, named),
        column_2=procedure_ref(edit.column_2, named),
        modifier_indicator=edit.modifier_indicator,
        rationale=edit.rationale,
        effective_from=edit.effective_from,
        deleted_on=edit.deleted_on,
    )


def ptp_scope(
    release: ReleaseRecord, who: str, total: int, day: date, *, starts_known: bool
) -> Iterator[answers.Statement]:
    """What was found of the edits of a code in a table that is loaded whole, and what it means that no more was."""
    source = citation_of(release)
    when = f"{day:%B} {day.day}, {day.year}"
    found = f"{total:,} edit{'s apply' if total != 1 else ' applies'}" if total else "No edit applies"
    yield statement(
        f"{found} to {who} on {when} in {release.title}, {release.edition}. That a pair has none here does not mean "
        "that it has none: another edition may hold one.",
        source,
    )
    if total and not starts_known:
        yield statement(
            f"{release.title}, {release.edition}, came without first days: an edit that is shown may have begun later "
            "than on the day asked for.",
            source,
        )
    if not is_current(None, release.effective_to, day) and release.effective_to:
        last = release.effective_to
        yield statement(
            f"{release.title}, {release.edition}, ends on {last:%B} {last.day}, {last.year} and is not current on "
            f"{when}: later editions may add and delete edits.",
            source,
        )
