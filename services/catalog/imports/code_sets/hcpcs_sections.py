"""The sections of HCPCS Level II by letter and range, in our words: they stand in no file of codes."""

from collections.abc import Iterable, Iterator, Sequence

from services.catalog.imports.code_sets.hcpcs_record import HcpcsRecord, body_of
from services.catalog.imports.code_sets.hierarchy import Node

MODIFIERS = "HCPCS-MODIFIERS"
SECTIONS: tuple[tuple[str, str, str], ...] = (
    ("A0000", "A3999", "Transportation, including ambulance"),
    ("A4000", "A8999", "Medical and surgical supplies"),
    ("A9000", "A9999", "Administrative, miscellaneous and investigational items; radiopharmaceuticals"),
    ("B0000", "B9999", "Enteral and parenteral therapy"),
    ("C0000", "C9999", "Items and services of outpatient hospitals"),
    ("E0000", "E9999", "Durable medical equipment"),
    ("G0000", "G9999", "Procedures and professional services; quality measures"),
    ("H0000", "H9999", "Behavioral health: alcohol, drug abuse and mental health services"),
    ("J0000", "J8499", "Drugs administered other than orally; immunosuppressive and other drugs"),
    ("J8500", "J9999", "Chemotherapy and other cancer drugs"),
    ("K0000", "K9999", "Durable medical equipment of Medicare contractors"),
    ("L0000", "L4999", "Orthotic devices"),
    ("L5000", "L9999", "Prosthetic devices and implants"),
    ("M0000", "M9999", "Medical services; quality measures"),
    ("P0000", "P9999", "Pathology and laboratory services; blood products"),
    ("Q0000", "Q9999", "Temporary codes of Medicare"),
    ("R0000", "R9999", "Transport of diagnostic radiology equipment"),
    ("S0000", "S9999", "Codes of private payers, not payable by Medicare"),
    ("T0000", "T9999", "Codes of state Medicaid agencies"),
    ("U0000", "U9999", "Coronavirus laboratory tests"),
    ("V0000", "V2999", "Vision services"),
    ("V3000", "V9999", "Hearing and speech services"),
)


def code_tree(records: Iterable[HcpcsRecord], valid: Iterable[str]) -> list[Node]:
    """Sections with their codes in order; `valid` are the codes that may be reported."""
    reportable = set(valid)
    nodes = {record.code: _node(record, "code", record.code in reportable) for record in records}
    return [
        _section(f"{first}-{last}", f"{first} to {last}", heading, inside)
        for first, last, heading in SECTIONS
        if (inside := [nodes[code] for code in sorted(nodes) if first <= code <= last])
    ]


def modifier_tree(records: Iterable[HcpcsRecord], valid: Iterable[str]) -> list[Node]:
    """One section with every modifier."""
    reportable = set(valid)
    nodes = [_node(r, "modifier", r.code in reportable) for r in sorted(records, key=lambda record: record.code)]
    return [_section(MODIFIERS, "HCPCS Level II modifiers", "HCPCS Level II modifiers", nodes)] if nodes else []


def outside(records: Iterable[HcpcsRecord]) -> Iterator[HcpcsRecord]:
    """Codes that no section holds."""
    return (r for r in records if not any(first <= r.code <= last for first, last, _ in SECTIONS))


def _node(record: HcpcsRecord, kind: str, reportable: bool) -> Node:
    return Node(record.code, record.long, kind=kind, level=1, reportable=reportable, body=body_of(record))


def _section(code: str, display: str, heading: str, inside: Sequence[Node]) -> Node:
    return Node(
        code,
        heading,
        display=display,
        kind="block",
        official=False,
        reportable=False,
        has_page=False,
        children=list(inside),
    )
