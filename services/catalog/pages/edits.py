"""The section of NCCI edits, MUE values and add-on relations of a procedure code."""

from collections.abc import Iterator
from datetime import date

from services.catalog import answers
from services.catalog.pages.indicators import ADD_ON_TYPE, MAI
from services.catalog.pages.parts import Refs, statement
from services.catalog.pages.payment_tables import (
    SETTING_NAMES,
    SETTINGS,
    Published,
    beginning_later,
    procedure_ref,
    ptp_edit,
    ptp_scope,
    published,
)
from services.catalog.pages.sources import add_on_edits, mue_faq
from services.catalog.records import AddOn, Known, Mue


def edits_section(known: Known, named: Refs, day: date) -> answers.EditsSection:
    """The edits of a code on a day, and what was looked at."""
    facts = known.facts
    return answers.EditsSection(
        ptp=tuple(ptp_edit(edit, named) for edit in facts.ptp),
        ptp_totals=tuple(
            answers.PtpTotal(setting=SETTINGS[each.setting], column=each.column, total=each.total)
            for each in facts.ptp_totals
        ),
        mue=tuple(_mue(value) for value in facts.mue),
        add_on=tuple(_add_on(relation, named) for relation in facts.add_on),
        add_on_total=facts.add_on_total,
        scope=tuple(_scope(known, day)),
    )


def _mue(value: Mue) -> answers.MueValue:
    return answers.MueValue(
        setting=SETTINGS[value.setting],
        units=value.units,
        mai=value.mai,
        mai_meaning=MAI[value.mai],
        rationale=value.rationale,
    )


def _add_on(relation: AddOn, named: Refs) -> answers.AddOnRelation:
    return answers.AddOnRelation(
        add_on=procedure_ref(relation.add_on, named),
        primary=procedure_ref(relation.primary, named) if relation.primary else None,
        type=relation.type,
        type_meaning=ADD_ON_TYPE[relation.type],
    )


def _scope(known: Known, day: date) -> Iterator[answers.Statement]:
    tables = published(known, "ptp")
    if not tables:
        yield statement("NCCI procedure-to-procedure edits are not loaded here.")
    for table in tables:
        yield from _ptp_scope(known, table, day)
    yield from _mue_scope(known, {value.setting for value in known.facts.mue})
    yield from _add_on_scope(known)


def _ptp_scope(known: Known, table: Published, day: date) -> Iterator[answers.Statement]:
    edits = [edit for edit in known.facts.ptp if edit.setting == table.setting]
    if table.release is not None:
        total = sum(each.total for each in known.facts.ptp_totals if each.setting == table.setting)
        starts_known = all(edit.effective_from for edit in edits)
        yield from ptp_scope(table.release, known.place.record.display, total, day, starts_known=starts_known)
        return
    found = len(edits)
    what = f"{found} edit{'s' if found != 1 else ''} found" if found else "No edit found"
    yield statement(
        f"{what} for {SETTING_NAMES.get(table.setting, table.setting)} in {table.named}, among "
        "the codes that have a page here. Edits with other codes, and edits of other editions, are not shown: a "
        "pair without a row here may still have an edit.",
        table.citation,
    )


def _mue_scope(known: Known, settings: set[str]) -> Iterator[answers.Statement]:
    tables = published(known, "mue")
    if not tables and not beginning_later(known, "mue"):
        yield statement("Medically Unlikely Edits are not loaded here.")
    for table in tables:
        name = SETTING_NAMES.get(table.setting, table.setting)
        if table.setting in settings:
            yield statement(f"MUE value for {name}: {table.named}.", table.citation, mue_faq())
        else:
            yield statement(
                f"{table.named}, publishes no value for {name}. No published value does not mean no "
                "limit: some values are confidential.",
                table.citation,
                mue_faq(),
            )


def _add_on_scope(known: Known) -> Iterator[answers.Statement]:
    table = next(iter(published(known, "add-on")), None)
    shown, total = len(known.facts.add_on), known.facts.add_on_total
    if table is None:
        if not beginning_later(known, "add-on"):
            yield statement("NCCI add-on code edits are not loaded here.")
    elif not shown:
        where = table.named if table.release else f"the rows of {table.named}, that are loaded here"
        yield statement(
            f"{known.place.record.display} stands neither as an add-on code nor as a listed primary code in {where}. A "
            "type 2 or type 3 add-on code may still go with it.",
            table.citation,
            add_on_edits(),
        )
    else:
        some = f" Of {total:,} relations the first {shown} are shown." if shown < total else ""
        yield statement(f"Add-on relations: {table.named}.{some}", table.citation, add_on_edits())
