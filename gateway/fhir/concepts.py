"""What FHIR's operations say of one code, from what a view of its page shows. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from google.type.date_pb2 import Date

from gateway.fhir.code_systems import FhirSystem, by_id, version_of
from gateway.fhir.parameters import Part, flag, parameters, prop, text

_OURS = "Our summary, not the official descriptor"
_OURS_CPT = "Our summary, not the CPT descriptor"
_APPROXIMATE = re.compile(r"\bapproximate\b")


def display_of(shown: catalog_pb2.Code) -> str:
    """The official text where it is shown, else our name of the code."""
    return shown.official.text or shown.heading.text or shown.display_code


def is_ours(shown: catalog_pb2.Code) -> bool:
    """Whether the display is in our words."""
    return not shown.official.text and shown.heading.origin == catalog_pb2.TEXT_ORIGIN_OURS


def looked_up(shown: catalog_pb2.Code, system: FhirSystem) -> dict[str, Any]:
    """The answer of CodeSystem/$lookup."""
    label = _OURS_CPT if shown.system == "cpt" else _OURS
    return parameters(
        text("name", system.name),
        text("version", version_of(system, shown.releases)),
        text("display", display_of(shown)),
        prop("display-label", valueString=label) if is_ours(shown) else None,
        prop("copyright", valueString=shown.official.copyright) if shown.official.copyright else None,
        *_properties(shown),
    )


def _properties(shown: catalog_pb2.Code) -> Iterator[Part]:
    yield prop("inactive", valueBoolean=shown.status.validity == catalog_pb2.VALIDITY_NOT_VALID)
    yield prop("notSelectable", valueBoolean=not shown.reportable)
    if shown.ancestors:
        yield prop("parent", valueCode=shown.ancestors[-1].display_code or shown.ancestors[-1].code)
    for child in shown.children:
        yield prop("child", valueCode=child.display_code or child.code)
    if shown.status.HasField("first_day"):
        yield prop("effectiveDate", valueDateTime=_day(shown.status.first_day))
    if shown.status.HasField("last_day"):
        yield prop("deprecationDate", valueDateTime=_day(shown.status.last_day))
    for successor in shown.status.successors:
        yield prop("replacedBy", valueCode=successor.display_code or successor.code)


def validated(shown: catalog_pb2.Code, system: FhirSystem, display: str) -> dict[str, Any]:
    """The answer of CodeSystem/$validate-code for a code that is known."""
    known = shown.status.validity != catalog_pb2.VALIDITY_NOT_VALID
    own = display_of(shown)
    fits = not display or display.strip().casefold() == own.casefold()
    message = ""
    if not known:
        message = shown.status.sentence
    elif not fits:
        message = f"The display of {shown.display_code} is “{own}”, not “{display[:200]}”."
    return parameters(
        flag("result", value=known and fits),
        text("message", message),
        text("display", own),
        text("version", version_of(system, shown.releases)),
    )


def translated(shown: catalog_pb2.Code, target: FhirSystem | None) -> dict[str, Any]:
    """The answer of ConceptMap/$translate: equivalents by the mappings, successors by the conversion table."""
    matches = [match for related in shown.crosswalks.related if (match := _match(related, target)) is not None]
    found = any(part["valueCode"] != "unmatched" for match in matches for part in match["part"][:1])
    message = "" if found else f"No mapping of {shown.display_code} is loaded here; that does not mean there is none."
    return parameters(flag("result", value=found), text("message", message), *matches)


def _match(related: catalog_pb2.RelatedCode, target: FhirSystem | None) -> Part | None:
    system = by_id(related.code.system)
    if system is None or related.relation not in {"equivalent", "successor"} or (target and system != target):
        return None
    note = related.note.text
    exact = related.relation == "equivalent" and not _APPROXIMATE.search(note)
    coding = {"system": system.uri, "code": related.code.display_code or related.code.code}
    if related.code.heading.text:
        coding["display"] = related.code.heading.text
    return {
        "name": "match",
        "part": [
            {"name": "equivalence", "valueCode": "equivalent" if exact else "inexact"},
            {"name": "concept", "valueCoding": coding},
            *([{"name": "source", "valueUri": _SOURCES[related.relation]}]),
        ],
    }


_SOURCES = {
    "equivalent": "urn:codingahead:gems",
    "successor": "urn:codingahead:icd10cm-conversion",
}


def _day(day: Date) -> str:
    return f"{day.year:04}-{day.month or 1:02}-{day.day or 1:02}"
