"""What the FHIR endpoint can do, as it says itself: CapabilityStatement and TerminologyCapabilities."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.fhir.code_systems import MODIFIERS, FhirSystem, url_of_value_set
from gateway.fhir.parameters import MEDIA_TYPE

DATE = "2026-11-29"
"""The day on which what is told here changed last."""
_OPERATIONS = {
    "CodeSystem": {
        "lookup": "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
        "validate-code": "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
    },
    "ValueSet": {
        "expand": "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
        "validate-code": "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code",
    },
    "ConceptMap": {"translate": "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate"},
}
_READ = frozenset({"CodeSystem", "ValueSet"})
EXPANSION_PARAMETERS = ("url", "filter", "count", "offset", "activeOnly", "date")
_PROPERTIES = (
    *("inactive", "notSelectable", "parent", "child", "effectiveDate", "deprecationDate", "replacedBy", "definition"),
    *("designation", "display-label", "copyright"),
)


def capability_statement(public_url: str, loaded: Iterable[FhirSystem]) -> dict[str, Any]:
    """Give the CapabilityStatement of this endpoint."""
    systems = ", ".join(f"{system.name} ({system.uri})" for system in loaded)
    return {
        "resourceType": "CapabilityStatement",
        **_common(public_url),
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE, "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": f"Code systems that are loaded: {systems}. A version is the edition of a release.",
                "security": {
                    "cors": True,
                    "description": "Open to guests within their quota; partners send an API key or an access token.",
                },
                "resource": [_resource(name, operations) for name, operations in _OPERATIONS.items()],
            }
        ],
    }


def _resource(name: str, operations: Mapping[str, str]) -> dict[str, Any]:
    read = {"interaction": [{"code": "read"}]} if name in _READ else {}
    return {"type": name, **read, "operation": [{"name": each, "definition": url} for each, url in operations.items()]}


def terminology_capabilities(
    public_url: str, loaded: Iterable[FhirSystem], versions: Mapping[str, Mapping[str, bool]]
) -> dict[str, Any]:
    """Give the TerminologyCapabilities: every code system with its versions, by our id of it."""
    return {
        "resourceType": "TerminologyCapabilities",
        **_common(public_url),
        "codeSystem": [_code_system(system, versions.get(system.system, {})) for system in loaded],
        "expansion": {
            "hierarchical": False,
            "paging": True,
            "incomplete": False,
            "parameter": [{"name": name} for name in EXPANSION_PARAMETERS],
            "textFilter": "As the search of the site: codes, words in any order, abbreviations, lay terms and typos.",
        },
        "codeSearch": "all",
        "validateCode": {"translations": False},
        "translation": {"needsMap": False},
    }


def _code_system(system: FhirSystem, versions: Mapping[str, bool]) -> dict[str, Any]:
    told = [
        {"code": version, "isDefault": usual, "language": ["en"], "property": list(_PROPERTIES)}
        for version, usual in versions.items()
    ]
    return {"uri": system.uri} | ({"version": told} if told else {}) | {"subsumption": False}


def _common(public_url: str) -> dict[str, Any]:
    return {
        "status": "active",
        "date": DATE,
        "publisher": "Coding Ahead",
        "kind": "instance",
        "software": {"name": "Coding Ahead"},
        "implementation": {"description": "Medical code sets as FHIR terminology", "url": f"{public_url}/fhir"},
    }


def code_system(system: FhirSystem, version: str, count: int) -> dict[str, Any]:
    """Give the CodeSystem of an instance, without its codes: those are looked up one by one."""
    return {
        "resourceType": "CodeSystem",
        "id": system.system,
        "url": system.uri,
        **({"version": version} if version else {}),
        "name": "".join(letter for letter in system.name if letter.isalnum()),
        "title": system.name,
        "status": "active",
        "caseSensitive": False,
        "valueSet": url_of_value_set(system),
        "content": "not-present",
        "count": count,
    }


def value_set(system: FhirSystem) -> dict[str, Any]:
    """Give the ValueSet of an instance: all codes of a code system, or the modifiers."""
    resource: dict[str, Any] = {
        "resourceType": "ValueSet",
        "id": system.system,
        "url": url_of_value_set(system),
        "title": title_of(system),
        "status": "active",
    }
    if system is not MODIFIERS:  # those are no whole code system, and are not told apart by a rule of FHIR
        resource["compose"] = {"include": [{"system": system.uri}]}
    return resource


def title_of(system: FhirSystem) -> str:
    """The title of the value set of all codes."""
    return "Modifiers of procedure codes" if system is MODIFIERS else f"Codes of {system.name}"
