"""What FHIR's operations say of one code, from what a view of its page shows. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from google.type.date_pb2 import Date

from gateway.fhir.code_systems import FhirSystem, fhir_system_of, version_of
from gateway.fhir.parameters import Part, flag, parameters, prop, text

_OURS = "Our summary, not the official descriptor"
_OURS_CPT = "Our summary, not the CPT descriptor"
_APPROXIMATE = re.compile(r"\bapproximate\b|\bneeded together\b")
_ABOUT_ALL = frozenset({"system", "name", "version", "display"})
"""What an answer has anyway, whatever properties are asked for."""
DEFINED = frozenset({"pos"})
"""Code sets whose official text explains the code; its name is the short one."""


def display_of(shown: catalog_pb2.Code) -> str:
    """The official text where it is shown, else our name of the code."""
    official = "" if shown.system in DEFINED else shown.official.text
    return official or shown.heading.text or shown.display_code


def is_ours(shown: catalog_pb2.Code) -> bool:
    """Whether the display is in our words."""
    return display_of(shown) == shown.heading.text and shown.heading.origin == catalog_pb2.TEXT_ORIGIN_OURS


def looked_up(shown: catalog_pb2.Code, system: FhirSystem, wanted: Collection[str] = ()) -> dict[str, Any]:
    """The answer of CodeSystem/$lookup: everything, or the properties that are wanted."""

    def fits(name: str) -> bool:
        return not wanted or name in wanted or name in _ABOUT_ALL

    label = _OURS_CPT if system.system == "cpt" else _OURS
    parts = [
        text("name", system.name),
        text("version", version_of(system, shown.releases)),
        text("display", display_of(shown)),
        *(_designations(shown) if fits("designation") or "lang.en" in wanted else ()),
        prop("display-label", valueString=label) if is_ours(shown) else None,
        prop("copyright", valueString=shown.official.copyright) if shown.official.copyright else None,
        *(part for code, part in _properties(shown) if fits(code)),
    ]
    return parameters(*parts)


def _designations(shown: catalog_pb2.Code) -> Iterator[Part]:
    """Other official names of the code: the short descriptor."""
    short = shown.official.short_text
    if short and short != display_of(shown):
        named: list[Part] = [{"name": "language", "valueCode": "en"}, {"name": "value", "valueString": short}]
        yield {"name": "designation", "part": named}


def _properties(shown: catalog_pb2.Code) -> Iterator[tuple[str, Part]]:
    """The properties of a concept, each by its code."""
    if shown.system in DEFINED and shown.official.text:
        yield "definition", prop("definition", valueString=shown.official.text)
    yield "inactive", prop("inactive", valueBoolean=shown.status.validity == catalog_pb2.VALIDITY_NOT_VALID)
    yield "notSelectable", prop("notSelectable", valueBoolean=not shown.reportable)
    if shown.ancestors:
        yield "parent", prop("parent", valueCode=shown.ancestors[-1].display_code or shown.ancestors[-1].code)
    for child in shown.children:
        yield "child", prop("child", valueCode=child.display_code or child.code)
    if shown.status.HasField("first_day"):
        yield "effectiveDate", prop("effectiveDate", valueDateTime=_day(shown.status.first_day))
    if shown.status.HasField("last_day"):
        yield "deprecationDate", prop("deprecationDate", valueDateTime=_day(shown.status.last_day))
    for successor in shown.status.successors:
        yield "replacedBy", prop("replacedBy", valueCode=successor.display_code or successor.code)


def validated(
    shown: catalog_pb2.Code, system: FhirSystem, display: str, *, abstract: bool | None = None
) -> dict[str, Any]:
    """The answer of CodeSystem/$validate-code for a code that is known; `abstract` is false where no header will do."""
    valid = shown.status.validity != catalog_pb2.VALIDITY_NOT_VALID
    heading = valid and not shown.reportable
    barred = heading and abstract is False
    wrong_name = _wrong_display(shown, display)
    notes = [
        "" if valid else shown.status.sentence,
        f"{shown.display_code} is a heading and is not reported itself." if heading else "",
        wrong_name,
    ]
    if not wrong_name and display and not _named_so(shown, display):
        notes.append(f"The display was not compared: the official text of {shown.display_code} is not shown here.")
    return parameters(
        flag("result", value=valid and not barred and not wrong_name),
        text("message", " ".join(note for note in notes if note)),
        text("display", display_of(shown)),
        text("version", version_of(system, shown.releases)),
    )


def _named_so(shown: catalog_pb2.Code, display: str) -> bool:
    names = (display_of(shown), shown.official.text, shown.official.short_text, shown.heading.text)
    return _plain(display) in {_plain(name) for name in names if name}


def _wrong_display(shown: catalog_pb2.Code, display: str) -> str:
    """What is wrong with a display; a display of a code whose official text is not shown cannot be judged."""
    judged = (shown.official.text or shown.heading.text) and not is_ours(shown)
    if not display or not judged or _named_so(shown, display):
        return ""
    return f"The display of {shown.display_code} is “{display_of(shown)}”, not “{display[:200]}”."


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def translated(shown: catalog_pb2.Code, target: FhirSystem | None) -> dict[str, Any]:
    """The answer of ConceptMap/$translate: equivalents by the mappings, successors by the conversion table."""
    matches = [match for related in shown.crosswalks.related if (match := _match(related, target)) is not None]
    message = "" if matches else f"No mapping of {shown.display_code} is loaded here; that does not mean there is none."
    if not matches:
        said = [note.text for note in shown.crosswalks.notes if "corresponds to" in note.text]
        message = " ".join(said) or message
    return parameters(flag("result", value=bool(matches)), text("message", message), *matches)


def _match(related: catalog_pb2.RelatedCode, target: FhirSystem | None) -> Part | None:
    system = fhir_system_of(related.code.system, related.code.code)
    if system is None or related.relation not in _SOURCES or (target and system != target):
        return None
    note = related.note.text
    exact = related.relation == "equivalent" and not _APPROXIMATE.search(note)
    coding = {"system": system.uri, "code": related.code.display_code or related.code.code}
    if related.code.heading.text:
        coding["display"] = related.code.heading.text
    parts: list[Part] = [
        {"name": "equivalence", "valueCode": "equivalent" if exact else "relatedto"},
        {"name": "concept", "valueCoding": coding},
        {"name": "source", "valueUri": _SOURCES[related.relation]},
    ]
    return {"name": "match", "part": parts}


_SOURCES = {
    "equivalent": "urn:codingahead:gems",
    "successor": "urn:codingahead:icd10cm-conversion",
}
"""Relations of a page that translate a code. What the mappings call approximate overlaps in a way that they do not
tell, which FHIR calls `relatedto`; so does what is needed together with other codes, and a successor."""


def _day(day: Date) -> str:
    return f"{day.year:04}-{day.month or 1:02}-{day.day or 1:02}"
