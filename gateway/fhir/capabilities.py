"""What the FHIR endpoint can do, as it says itself: CapabilityStatement and TerminologyCapabilities' short form."""

from collections.abc import Iterable
from typing import Any

from gateway.fhir.code_systems import FhirSystem

DATE = "2026-11-28"
"""The day on which what is told here changed last."""
_OPERATIONS = {
    "CodeSystem": {
        "lookup": "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
        "validate-code": "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code",
    },
    "ValueSet": {"expand": "http://hl7.org/fhir/OperationDefinition/ValueSet-expand"},
    "ConceptMap": {"translate": "http://hl7.org/fhir/OperationDefinition/ConceptMap-translate"},
}


def capability_statement(public_url: str, loaded: Iterable[FhirSystem]) -> dict[str, Any]:
    """Give the CapabilityStatement of this endpoint."""
    systems = ", ".join(f"{system.name} ({system.uri})" for system in loaded)
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "publisher": "Coding Ahead",
        "kind": "instance",
        "software": {"name": "Coding Ahead"},
        "implementation": {"description": "Medical code sets as FHIR terminology", "url": f"{public_url}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": f"Code systems that are loaded: {systems}. A version is the edition of a release.",
                "resource": [
                    {
                        "type": resource,
                        "operation": [{"name": name, "definition": url} for name, url in operations.items()],
                    }
                    for resource, operations in _OPERATIONS.items()
                ],
            }
        ],
    }
