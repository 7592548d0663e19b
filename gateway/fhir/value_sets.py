"""ValueSet/$expand: codes that a text filter fits, found by the site's search, and small sets whole. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from codingahead.search.v1 import search_pb2 as pb

from gateway.fhir.capabilities import title_of
from gateway.fhir.code_systems import MODIFIERS, FhirSystem, fhir_system_of, url_of_value_set, version_of
from gateway.fhir.parameters import Given, Part
from gateway.search import FARTHEST
from gateway.web.links import LICENSED_SYSTEMS
from shared.dates import date_message
from shared.errors import InvalidInput

MOST, USUAL = 100, 50
"""Codes in one answer, and codes where no count is asked for."""
WHOLE = 1_000
"""Codes that a set may have to be expanded without a filter."""
_TOO_COSTLY = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"
NOT_EXPANDED = (
    *("valueSet", "context", "exclude-system", "designation", "useSupplement", "property"),
    *("valueSetVersion", "system-version", "check-system-version", "force-system-version", "excludeNotForUI"),
)
_CPT = "CPT is copyright of the American Medical Association. The displays here are our own summaries, not descriptors."


def refuse_unsupported(given: Given, names: Iterable[str], operation: str) -> None:
    """InvalidInput for a parameter that would change the answer of an operation and is not served."""
    for name in names:
        if name in given and given.get(name).lower() != "false":
            raise InvalidInput("FHIR_NOT_SUPPORTED", f"{name}: this parameter of {operation} is not served here.")


def request_of(given: Given, system: FhirSystem, today: date, day: date | None) -> pb.SearchRequest:
    """What search is asked where a filter is given. InvalidInput for numbers that are none."""
    only_on = day or (today if given.flag("activeOnly") else None)
    return pb.SearchRequest(
        query=given.get("filter").strip(),
        filter=pb.Filter(systems=[system.system], active_on=date_message(only_on)),
        page_size=max(_number(given, "count", USUAL, MOST), 1),
        offset=_number(given, "offset", 0, FARTHEST),
        all_words=True,
    )


def expanded(
    given: Given, system: FhirSystem, asked: pb.SearchRequest, answer: pb.SearchResponse, now: datetime
) -> dict[str, Any]:
    """The resource ValueSet with the expansion of what a filter fits."""
    count = _number(given, "count", USUAL, MOST)
    results = answer.results if count else ()
    contains = [_found(result, answer.releases[result.release].edition) for result in results]
    made: list[Part] = [{"name": "filter", "valueString": asked.query}]
    made += [{"name": "offset", "valueInteger": asked.offset}, {"name": "count", "valueInteger": count}]
    if asked.filter.HasField("active_on"):
        made.append({"name": "activeOnly", "valueBoolean": True})
    if given.get("date").strip():
        made.append({"name": "date", "valueDateTime": given.get("date").strip()[:10]})
    made += _versions(system, (release.edition for release in answer.releases))
    resource = _resource(system, contains, made, now, total=answer.total, offset=asked.offset)
    if answer.total_is_least:
        resource["expansion"]["extension"] = [{"url": _TOO_COSTLY, "valueBoolean": True}]
    return resource


def refuse_whole(system: FhirSystem, codes: int) -> None:
    """InvalidInput for a set that is too large to be expanded without a filter."""
    if codes > WHOLE:
        raise InvalidInput(
            "FHIR_TOO_COSTLY",
            f"filter: name what codes of {system.name} are to have; the whole set has {codes:,} codes and is not"
            f" expanded, as sets of up to {WHOLE:,} are.",
        )


def expanded_whole(
    given: Given,
    system: FhirSystem,
    codes: Sequence[catalog_pb2.CodeRef],
    releases: Sequence[catalog_pb2.DataRelease],
    now: datetime,
) -> dict[str, Any]:
    """The resource ValueSet with all codes of a small set, page by page where count or offset are given."""
    if given.get("date").strip():
        raise InvalidInput("FHIR_NOT_SUPPORTED", "date: a set is expanded as it is now, unless a filter is given.")
    count = _number(given, "count", WHOLE, WHOLE)
    offset = _number(given, "offset", 0, WHOLE)
    version = version_of(system, releases)
    contains = [_held(ref, version) for ref in codes[offset : offset + count]]
    made: list[Part] = [{"name": "offset", "valueInteger": offset}, {"name": "count", "valueInteger": count}]
    if given.flag("activeOnly"):
        made.append({"name": "activeOnly", "valueBoolean": True})
    return _resource(system, contains, made + _versions(system, [version]), now, total=len(codes), offset=offset)


def _resource(
    system: FhirSystem, contains: Sequence[Part], made: Sequence[Part], now: datetime, *, total: int, offset: int
) -> dict[str, Any]:
    expansion: dict[str, Any] = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": now.isoformat(timespec="seconds"),
        "total": total,
        "offset": offset,
        "parameter": list(made),
    }
    if contains:  # FHIR knows no empty lists
        expansion["contains"] = list(contains)
    return {
        "resourceType": "ValueSet",
        "id": system.system,
        "url": url_of_value_set(system),
        "title": title_of(system),
        "status": "active",
        **({"copyright": _CPT} if system.system in {"cpt", "modifier"} else {}),
        "expansion": expansion,
    }


def _found(result: pb.Result, version: str) -> Part:
    found = _contained(result.system, result.code, version, result.title)
    return found | ({} if result.billable else {"abstract": True}) | ({} if result.valid else {"inactive": True})


def _held(ref: catalog_pb2.CodeRef, version: str) -> Part:
    licensed = ref.system in LICENSED_SYSTEMS and ref.heading.origin == catalog_pb2.TEXT_ORIGIN_OFFICIAL
    found = _contained(ref.system, ref.display_code or ref.code, version, "" if licensed else ref.heading.text)
    return found | ({} if ref.reportable else {"abstract": True})


def _contained(system: str, code: str, version: str, display: str) -> Part:
    named = fhir_system_of(system, code)
    found: Part = {"system": named.uri if named else "", "code": code}
    if version:
        found["version"] = version
    if display:
        found["display"] = display
    return found


def _versions(system: FhirSystem, editions: Iterable[str]) -> list[Part]:
    """The versions that the codes of an expansion are of."""
    kept = dict.fromkeys(edition for edition in editions if edition and system is not MODIFIERS)
    return [{"name": "version", "valueUri": f"{system.uri}|{edition}"} for edition in kept]


def _number(given: Given, name: str, usual: int, most: int) -> int:
    """A number of codes; what is more than is given at once is cut to it."""
    text = given.get(name).strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{name}: a whole number is expected, not “{text[:20]}”.")
    if name == "offset" and int(text) > most:
        raise InvalidInput("FHIR_TOO_COSTLY", f"offset: up to {most:,} codes can be passed over; name a longer filter.")
    return min(int(text), most)
