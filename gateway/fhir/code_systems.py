"""Code systems by the URIs that HL7's terminology gives them, and their versions, which are our releases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from codingahead.catalog.v1 import catalog_pb2

from shared.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class FhirSystem:
    """A code system."""

    system: str
    uri: str
    name: str
    kinds: tuple[str, ...]
    """The kinds of releases that bring its codes; the first that a page draws on gives the version."""
    also: tuple[str, ...] = ()
    """Other URIs by which it is asked for."""


SYSTEMS = (
    FhirSystem("icd10cm", "http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM", ("icd10cm-tabular", "icd10cm-order")),
    FhirSystem("icd10pcs", "http://www.cms.gov/Medicare/Coding/ICD10", "ICD-10-PCS", ("icd10pcs-order",)),
    FhirSystem("icd9cm", "http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM", ("icd9cm",)),
    FhirSystem("icd9pcs", "urn:oid:2.16.840.1.113883.6.104", "ICD-9-CM procedures", ("icd9cm",)),
    FhirSystem(
        "hcpcs",
        "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "HCPCS Level II",
        ("hcpcs", "house"),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "urn:oid:2.16.840.1.113883.6.285"),
    ),
    FhirSystem("cpt", "http://www.ama-assn.org/go/cpt", "CPT", ("cpt", "house")),
    FhirSystem("cdt", "http://www.ada.org/cdt", "CDT", ("cdt",)),
    FhirSystem(
        "pos",
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        "Place of service",
        ("house",),
    ),
)
"""URIs as in HL7 Terminology (terminology.hl7.org): ICD-9-CM procedures are registered there by their OID."""
_BY_URI = {uri: system for system in SYSTEMS for uri in (system.uri, *system.also)}
_BY_ID = {system.system: system for system in SYSTEMS}


def by_uri(uri: str) -> FhirSystem:
    """Give the code system of a URI. InvalidInput when none is named, NotFound for one that is not served."""
    if not uri:
        raise InvalidInput("FHIR_PARAMETER_MISSING", "system: name the code system by its URI.")
    found = _BY_URI.get(uri.removesuffix("/"))
    if found is None:
        raise NotFound("FHIR_SYSTEM_UNKNOWN", f"The code system {uri[:200]} is not served here.")
    return found


def by_value_set(url: str) -> FhirSystem:
    """Give the code system of a value set that is all of its codes: its own URI, also with `?fhir_vs`.

    InvalidInput when none is named, NotFound for one that is not served.
    """
    if not url:
        raise InvalidInput("FHIR_PARAMETER_MISSING", "url: name the value set; the URI of a code system is all of it.")
    found = _BY_URI.get(url.removesuffix("?fhir_vs").removesuffix("/"))
    if found is None:
        raise NotFound("FHIR_VALUE_SET_UNKNOWN", f"The value set {url[:200]} is not served here.")
    return found


def by_id(system: str) -> FhirSystem | None:
    """Give the code system of an id of ours, None for one that has no URI."""
    return _BY_ID.get(system)


def version_of(system: FhirSystem, releases: Iterable[catalog_pb2.DataRelease]) -> str:
    """Give the version of a code system that an answer draws on: the edition of its release."""
    named = {release.kind: release for release in releases}
    return next((named[kind].edition for kind in system.kinds if kind in named), "")


def day_of_version(system: FhirSystem, version: str, releases: Iterable[catalog_pb2.DataRelease]) -> date | None:
    """Give the first day of a version, None where no version is asked for. NotFound for one that is not loaded."""
    if not version:
        return None
    for release in releases:
        if release.kind in system.kinds and version in {release.edition, release.release_id} and release.answering:
            if not release.HasField("effective_from"):
                return None
            day = release.effective_from
            return date(day.year, day.month or 1, day.day or 1)
    raise NotFound("FHIR_VERSION_UNKNOWN", f"{system.name} has no version “{version[:80]}” here.")
