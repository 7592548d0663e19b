"""The section of NCCI edits, MUE values and add-on relations of a procedure code."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.catalog import answers
from services.catalog.pages.indicators import ADD_ON_TYPE, MAI
from services.catalog.pages.parts import Refs, statement, table_citation
from services.catalog.pages.sources import add_on_edits, mue_faq
from services.catalog.records import AddOn, Known, Ptp, Table

SETTINGS = {
    "practitioner": answers.Setting.PRACTITIONER,
    "outpatient": answers.Setting.OUTPATIENT,
    "dme": answers.Setting.DME,
}
_SETTING_NAMES = {
    "practitioner": "practitioners and ambulatory surgical centers",
    "outpatient": "outpatient hospitals",
    "dme": "durable medical equipment suppliers",
}


def tables_of(known: Known, *kinds: str) -> list[Table]:
    """The published tables of some kinds that our release was drawn from."""
    release = known.releases.get("house")
    return [table for table in (release.tables if release else ()) if table.kind in kinds]


def table_of(known: Known, kind: str) -> Table | None:
    """The first published table of a kind."""
    return next(iter(tables_of(known, kind)), None)


def edits_section(known: Known, named: Refs) -> answers.EditsSection:
    """The edits of a code, and what was looked at."""
    facts = known.facts
    mue = (facts.code_facts or {}).get("mue", ())
    return answers.EditsSection(
        ptp=tuple(_ptp(edit, named) for edit in facts.ptp),
        mue=tuple(_mue(value) for value in mue),
        add_on=tuple(_add_on(relation, named) for relation in facts.add_on),
        scope=tuple(_scope(known, mue)),
    )


def _ref(code: str, named: Refs) -> answers.CodeRef:
    return named.of("cpt" if code[:1].isdigit() else "hcpcs", code)


def _ptp(edit: Ptp, named: Refs) -> answers.PtpEdit:
    return answers.PtpEdit(
        setting=SETTINGS[edit.setting],
        column_1=_ref(edit.column_1, named),
        column_2=_ref(edit.column_2, named),
        modifier_indicator=edit.modifier_indicator,
        rationale=edit.rationale,
    )


def _mue(value: Mapping[str, Any]) -> answers.MueValue:
    return answers.MueValue(
        setting=SETTINGS[value["setting"]],
        units=value["units"],
        mai=value["mai"],
        mai_meaning=MAI[value["mai"]],
        rationale=value["rationale"],
    )


def _add_on(relation: AddOn, named: Refs) -> answers.AddOnRelation:
    return answers.AddOnRelation(
        add_on=_ref(relation.add_on, named),
        primary=_ref(relation.primary, named) if relation.primary else None,
        type=relation.type,
        type_meaning=ADD_ON_TYPE[relation.type],
    )


def _scope(known: Known, mue: Any) -> Iterator[answers.Statement]:
    yield from _ptp_scope(known)
    yield from _mue_scope(known, {value["setting"] for value in mue})
    table = table_of(known, "add-on")
    if table is None:
        yield statement("NCCI add-on code edits are not loaded here.")
    elif not known.facts.add_on:
        yield statement(
            f"{known.place.record.display} stands neither as an add-on code nor as a listed primary code in the rows "
            f"of {table.title}, {table.edition}, that are loaded here. A type 2 or type 3 add-on code may still go "
            "with it.",
            table_citation(table),
            add_on_edits(),
        )
    else:
        yield statement(f"Add-on relations: {table.title}, {table.edition}.", table_citation(table), add_on_edits())


def _ptp_scope(known: Known) -> Iterator[answers.Statement]:
    tables = tables_of(known, "ptp")
    if not tables:
        yield statement("NCCI procedure-to-procedure edits are not loaded here.")
        return
    for table in tables:
        found = sum(1 for edit in known.facts.ptp if edit.setting == table.setting)
        what = f"{found} edit{'s' if found != 1 else ''} found" if found else "No edit found"
        yield statement(
            f"{what} for {_SETTING_NAMES.get(table.setting, table.setting)} in {table.title}, {table.edition}, among "
            "the codes that have a page here. Edits with other codes, and edits of other editions, are not shown: a "
            "pair without a row here may still have an edit.",
            table_citation(table),
        )


def _mue_scope(known: Known, settings: set[str]) -> Iterator[answers.Statement]:
    tables = tables_of(known, "mue")
    if not tables:
        yield statement("Medically Unlikely Edits are not loaded here.")
    for table in tables:
        name = _SETTING_NAMES.get(table.setting, table.setting)
        if table.setting in settings:
            yield statement(f"MUE value for {name}: {table.title}, {table.edition}.", table_citation(table), mue_faq())
        else:
            yield statement(
                f"{table.title}, {table.edition}, publishes no value for {name}. No published value does not mean no "
                "limit: some values are confidential.",
                table_citation(table),
                mue_faq(),
            )
