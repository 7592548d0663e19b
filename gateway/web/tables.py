"""Groups and words for the tables and lists of a code page; no markup but links inside notes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from codingahead.catalog.v1 import catalog_pb2
from markupsafe import Markup, escape

from gateway.web.links import ref_path

NOTE_TITLES = {
    catalog_pb2.TABULAR_NOTE_KIND_INCLUSION_TERM: "Inclusion terms",
    catalog_pb2.TABULAR_NOTE_KIND_INCLUDES: "Includes",
    catalog_pb2.TABULAR_NOTE_KIND_EXCLUDES1: "Excludes1",
    catalog_pb2.TABULAR_NOTE_KIND_EXCLUDES2: "Excludes2",
    catalog_pb2.TABULAR_NOTE_KIND_CODE_FIRST: "Code first",
    catalog_pb2.TABULAR_NOTE_KIND_USE_ADDITIONAL: "Use additional code",
    catalog_pb2.TABULAR_NOTE_KIND_CODE_ALSO: "Code also",
    catalog_pb2.TABULAR_NOTE_KIND_NOTE: "Note",
    catalog_pb2.TABULAR_NOTE_KIND_SEVENTH_CHARACTER: "Seventh character",
}

_SETTING_WORDS = {
    catalog_pb2.SETTING_PRACTITIONER: "Practitioner",
    catalog_pb2.SETTING_OUTPATIENT: "Outpatient hospital",
    catalog_pb2.SETTING_DME: "Equipment supplier",
}

_SETTING_IDS = {
    catalog_pb2.SETTING_PRACTITIONER: "practitioner",
    catalog_pb2.SETTING_OUTPATIENT: "outpatient",
    catalog_pb2.SETTING_DME: "dme",
}
_INDICATOR_WORDS = {
    "0": "modifier not allowed",
    "1": "modifier allowed",
    "9": "not applicable",
}

_RELATION_TITLES = {
    "successor": "Valid instead",
    "predecessor": "Assigned before",
    "equivalent": "Equivalents in other classifications",
    "add-on": "Add-on codes",
    "primary": "Primary codes",
    "companion": "Reported together",
    "neighbour": "Neighbouring services",
    "alternative": "Alternatives",
    "drug": "Drugs",
    "administration": "Administration",
    "parent": "Above",
    "child": "Below",
    "sibling": "Beside",
}


@dataclass(frozen=True, slots=True)
class NoteGroup:
    """Notes of one kind at one place."""

    title: str
    notes: Sequence[catalog_pb2.TabularNote]


@dataclass(frozen=True, slots=True)
class NotePlace:
    """The notes of the code itself or of one ancestor."""

    origin: catalog_pb2.CodeRef | None
    groups: tuple[NoteGroup, ...]


def note_places(blocks: Iterable[catalog_pb2.TabularNotes]) -> list[NotePlace]:
    """Notes grouped by where they stand, in the order given (own first, then near to far)."""
    origins: dict[str, catalog_pb2.CodeRef | None] = {}
    groups: dict[str, list[NoteGroup]] = {}
    for block in blocks:
        inherited = block.HasField("inherited_from")
        key = block.inherited_from.code if inherited else ""
        origins.setdefault(key, block.inherited_from if inherited else None)
        groups.setdefault(key, []).append(NoteGroup(NOTE_TITLES.get(block.kind, "Note"), block.notes))
    return [NotePlace(origin, tuple(groups[key])) for key, origin in origins.items()]


def with_links(note: catalog_pb2.TabularNote) -> Markup:
    """A note's text in which the codes that it names are links."""
    paths = {ref.display_code: path for ref in note.codes if ref.display_code and (path := ref_path(ref))}
    if not paths:
        return escape(note.text)
    longest_first = sorted(paths, key=len, reverse=True)
    named = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    text = Markup("")
    for position, piece in enumerate(named.split(note.text)):
        is_code = position % 2 == 1
        text += Markup('<a href="{}">{}</a>').format(paths[piece], piece) if is_code else escape(piece)
    return text


@dataclass(frozen=True, slots=True)
class EditGroup:
    """The procedure-to-procedure edits of one setting, of a table that is loaded whole in one column."""

    id: str
    title: str
    rows: tuple[catalog_pb2.PtpEdit, ...]
    setting: str = ""
    """As the list of all edits is asked for it; empty where the table is not loaded whole."""
    column: int = 0
    total: int = 0


def ptp_groups(section: catalog_pb2.EditsSection, code: str) -> list[EditGroup]:
    """Edits by setting and, where a table is loaded whole, by the column that the code stands in."""
    whole = {total.setting for total in section.ptp_totals}
    rows: dict[catalog_pb2.Setting.ValueType, list[catalog_pb2.PtpEdit]] = {}
    for edit in section.ptp:
        rows.setdefault(edit.setting, []).append(edit)
    groups = [
        EditGroup(str(int(setting)), setting_words(setting).lower(), tuple(rows[setting]))
        for setting in rows
        if setting not in whole
    ]
    for total in section.ptp_totals:
        mine = [e for e in rows.get(total.setting, ()) if (e.column_1.code == code) == (total.column == 1)]
        title = f"{setting_words(total.setting).lower()}, {code} in column {total.column}"
        setting = _SETTING_IDS[total.setting]
        groups.append(EditGroup(f"{setting}-{total.column}", title, tuple(mine), setting, total.column, total.total))
    return groups


@dataclass(frozen=True, slots=True)
class Indicator:
    """One payment indicator in words."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class IndicatorGroup:
    """Payment indicators that several rows of the fee schedule share."""

    services: str
    indicators: tuple[Indicator, ...]


def indicator_groups(rows: Iterable[catalog_pb2.FeeRow]) -> list[IndicatorGroup]:
    """The payment indicators of fee schedule rows, status first; rows with the same ones share a table."""
    services: dict[tuple[Indicator, ...], list[str]] = {}
    for row in rows:
        status = [Indicator("Status", row.status, row.status_meaning)] if row.status else []
        others = [Indicator(item.name, item.value, item.meaning) for item in row.indicators]
        services.setdefault((*status, *others), []).append(service_words(row))
    return [IndicatorGroup(", ".join(names), shared) for shared, names in services.items() if shared]


def service_words(row: catalog_pb2.FeeRow) -> str:
    """The service that a fee schedule row pays for, with its modifier."""
    meaning = row.modifier_meaning or "Global service"
    return f"{meaning} ({row.modifier})" if row.modifier else meaning


@dataclass(frozen=True, slots=True)
class RelatedGroup:
    """Related codes of one relation."""

    title: str
    related: tuple[catalog_pb2.RelatedCode, ...]


def related_groups(related: Iterable[catalog_pb2.RelatedCode]) -> list[RelatedGroup]:
    """Related codes by relation, in the order in which relations first appear."""
    by_relation: dict[str, list[catalog_pb2.RelatedCode]] = {}
    for item in related:
        by_relation.setdefault(item.relation, []).append(item)
    return [RelatedGroup(_RELATION_TITLES.get(name, "Related"), tuple(items)) for name, items in by_relation.items()]


def setting_words(setting: int) -> str:
    """A Medicare setting in words."""
    return _SETTING_WORDS.get(catalog_pb2.Setting.ValueType(setting), "Other setting")


def indicator_words(indicator: str) -> str:
    """A modifier indicator in words (NCCI Policy Manual, ch. I)."""
    return _INDICATOR_WORDS.get(indicator, "meaning not stated")


def figure(decimal: str) -> str:
    """A decimal for a table; a dash where the schedule has none."""
    return decimal or "\N{EN DASH}"
