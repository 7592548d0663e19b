"""Code systems by the URIs that HL7's terminology gives them, and their versions, which are our releases."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from codingahead.catalog.v1 import catalog_pb2

from gateway.web.links import system_name
from shared.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class FhirSystem:
    """A code system."""

    system: str
    uri: str
    kinds: tuple[str, ...]
    """The kinds of releases that bring its codes; the first that a page draws on gives the version."""
    also: tuple[str, ...] = ()
    """Other URIs by which it is asked for."""

    @property
    def name(self) -> str:
        """The code system as readers know it."""
        return system_name(self.system)


_CPT, _HCPCS = "http://www.ama-assn.org/go/cpt", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
SYSTEMS = (
    FhirSystem("icd10cm", "http://hl7.org/fhir/sid/icd-10-cm", ("icd10cm-tabular", "icd10cm-order")),
    FhirSystem("icd10pcs", "http://www.cms.gov/Medicare/Coding/ICD10", ("icd10pcs-order",)),
    FhirSystem("icd9cm", "http://hl7.org/fhir/sid/icd-9-cm", ("icd9cm",)),
    FhirSystem("icd9pcs", "urn:oid:2.16.840.1.113883.6.104", ("icd9cm",)),
    FhirSystem(
        "hcpcs",
        _HCPCS,
        ("hcpcs", "house"),
        ("https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "urn:oid:2.16.840.1.113883.6.285"),
    ),
    FhirSystem("cpt", _CPT, ("cpt", "house")),
    FhirSystem("cdt", "http://www.ada.org/cdt", ("cdt",)),
    FhirSystem(
        "pos",
        "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set",
        ("house",),
    ),
)
"""URIs as in HL7 Terminology (terminology.hl7.org): ICD-9-CM procedures are registered there by their OID."""
MODIFIERS = FhirSystem("modifier", "urn:codingahead:modifiers", ())
"""A value set of ours and no code system of FHIR, without a version: modifiers are codes of CPT or of HCPCS there."""
VALUE_SETS = (*SYSTEMS, MODIFIERS)
"""What can be expanded: all codes of a code system, and the modifiers."""
_BY_URI = {uri: system for system in SYSTEMS for uri in (system.uri, *system.also)}
_BY_ID = {system.system: system for system in VALUE_SETS}
_MODIFIER_LENGTH = 2
_HOUSE = "house"
"""The kind of our own content, which gives the version only of what has no release of its own."""


def by_uri(uri: str) -> FhirSystem:
    """Give the code system of a URI. InvalidInput when none is named, NotFound for one that is not served."""
    if not uri:
        raise InvalidInput("FHIR_PARAMETER_MISSING", "system: name the code system by its URI.")
    found = _BY_URI.get(uri.removesuffix("/"))
    if found is None:
        raise NotFound("FHIR_SYSTEM_UNKNOWN", f"The code system {uri[:200]} is not served here.")
    return found


def url_of_value_set(system: FhirSystem) -> str:
    """The canonical address of the value set of all codes."""
    return system.uri if system is MODIFIERS else f"{system.uri}?fhir_vs"


def by_value_set(url: str) -> FhirSystem:
    """Give the code system of a value set that is all of its codes: its own URI, also with `?fhir_vs`.

    InvalidInput when none is named, NotFound for one that is not served.
    """
    if not url:
        raise InvalidInput("FHIR_PARAMETER_MISSING", "url: name the value set; the URI of a code system is all of it.")
    if url == MODIFIERS.uri:
        return MODIFIERS
    found = _BY_URI.get(url.removesuffix("?fhir_vs").removesuffix("/"))
    if found is None:
        raise NotFound("FHIR_VALUE_SET_UNKNOWN", f"The value set {url[:200]} is not served here.")
    return found


def code_system_named(identity: str) -> FhirSystem:
    """Give the code system of an instance, such as CodeSystem/icd10cm. NotFound for one that is not served."""
    found = _BY_ID.get(identity)
    if found is None or found is MODIFIERS:
        raise NotFound("FHIR_SYSTEM_UNKNOWN", f"There is no CodeSystem/{identity[:60]} here.")
    return found


def value_set_named(identity: str) -> FhirSystem:
    """Give the code system of an instance, such as ValueSet/pos. NotFound for one that is not served."""
    if identity not in _BY_ID:
        raise NotFound("FHIR_VALUE_SET_UNKNOWN", f"There is no ValueSet/{identity[:60]} here.")
    return _BY_ID[identity]


def system_holding(system: FhirSystem, code: str) -> str:
    """Our id of the code set that holds a code of a FHIR code system: modifiers are kept apart here."""
    own = len(code) == _MODIFIER_LENGTH and fhir_system_of("modifier", code) == system
    return "modifier" if own else system.system


def fhir_system_of(system: str, code: str) -> FhirSystem | None:
    """Give the FHIR code system of a code of ours, None where there is none.

    CPT's modifiers (CPT, Appendix A) are numbers, the physical states P1 to P6, and 1P to 3P and 8P of category II.
    Every other one is of HCPCS Level II.
    """
    if system != MODIFIERS.system:
        return _BY_ID.get(system)
    of_cpt = code.isdigit() or code in {"1P", "2P", "3P", "8P", "P1", "P2", "P3", "P4", "P5", "P6"}
    return _BY_ID["cpt" if of_cpt else "hcpcs"]


def version_of(system: FhirSystem, releases: Iterable[catalog_pb2.DataRelease]) -> str:
    """Give the version of a code system that an answer draws on: the edition of its release."""
    named = {release.kind: release for release in releases}
    return next((named[kind].edition for kind in system.kinds if kind in named), "")


def versions_of(system: FhirSystem, releases: Iterable[catalog_pb2.DataRelease]) -> dict[str, bool]:
    """Give every version that answers, each with whether callers who name none get it."""
    answering = [release for release in releases if release.kind in system.kinds and release.answering]
    own = [release for release in answering if release.kind != _HOUSE] or answering
    main = next((kind for kind in system.kinds if any(release.kind == kind for release in own)), "")
    found: dict[str, bool] = {}
    for release in own:
        found[release.edition] = found.get(release.edition, False) or (release.in_force and release.kind == main)
    return {edition: usual for edition, usual in found.items() if edition}


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
