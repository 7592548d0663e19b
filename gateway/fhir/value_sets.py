"""ValueSet/$expand: codes of a code system that a text filter fits, found by the same search as the site's. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from codingahead.search.v1 import search_pb2 as pb

from gateway.fhir.code_systems import FhirSystem
from gateway.fhir.parameters import Part
from gateway.search import FARTHEST
from shared.dates import date_message
from shared.errors import InvalidInput

MOST, USUAL = 100, 50
"""Codes in one answer, and codes where no count is asked for."""
_TOO_COSTLY = "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"
_NOT_SUPPORTED = ("valueSet", "context", "exclude-system", "designation", "useSupplement", "property")
_CPT = "CPT is copyright of the American Medical Association. The displays here are our own summaries, not descriptors."


def refuse_unsupported(given: Mapping[str, str]) -> None:
    """InvalidInput for a parameter that would change the answer and is not served."""
    for name in _NOT_SUPPORTED:
        if name in given:
            raise InvalidInput("FHIR_NOT_SUPPORTED", f"{name}: this parameter of $expand is not served here.")


def request_of(given: Mapping[str, str], system: FhirSystem, today: date, day: date | None) -> pb.SearchRequest:
    """What search is asked. InvalidInput for numbers that are none, and without a filter."""
    text = given.get("filter", "").strip()
    if not text:
        raise InvalidInput(
            "FHIR_TOO_COSTLY", f"filter: name what codes of {system.name} are to have; the whole set is not expanded."
        )
    only_on = day or (today if given.get("activeOnly", "").lower() == "true" else None)
    return pb.SearchRequest(
        query=text,
        filter=pb.Filter(systems=[system.system], active_on=date_message(only_on)),
        page_size=max(_number(given, "count", USUAL, MOST), 1),
        offset=_number(given, "offset", 0, FARTHEST),
        all_words=True,
    )


def expanded(
    given: Mapping[str, str], system: FhirSystem, asked: pb.SearchRequest, answer: pb.SearchResponse, now: datetime
) -> dict[str, Any]:
    """The resource ValueSet with its expansion."""
    none_wanted = given.get("count", "").strip() == "0"
    results = () if none_wanted else answer.results
    expansion: dict[str, Any] = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": now.isoformat(timespec="seconds"),
        "total": answer.total,
        "offset": asked.offset,
        "parameter": _parameters(given, asked, system, answer.releases),
    }
    if answer.total_is_least:
        expansion["extension"] = [{"url": _TOO_COSTLY, "valueBoolean": True}]
    contains = [_contained(result, system, answer.releases[result.release].edition) for result in results]
    if contains:  # FHIR knows no empty lists
        expansion["contains"] = contains
    resource = {"resourceType": "ValueSet", "url": f"{system.uri}?fhir_vs", "status": "active"}
    title = {"title": f"Codes of {system.name}"} | ({"copyright": _CPT} if system.system == "cpt" else {})
    return {**resource, **title, "expansion": expansion}


def _contained(result: pb.Result, system: FhirSystem, version: str) -> Part:
    found: Part = {"system": system.uri, "code": result.code}
    if version:
        found["version"] = version
    if result.title:
        found["display"] = result.title
    if not result.billable:
        found["abstract"] = True
    if not result.valid:
        found["inactive"] = True
    return found


def _parameters(
    given: Mapping[str, str], asked: pb.SearchRequest, system: FhirSystem, releases: Iterable[pb.ReleaseRef]
) -> list[Part]:
    """What the expansion was made by: the filter, the page, and the versions that its codes are of."""
    made: list[Part] = [{"name": "filter", "valueString": asked.query}]
    made += [{"name": "offset", "valueInteger": asked.offset}, {"name": "count", "valueInteger": asked.page_size}]
    if asked.filter.HasField("active_on"):
        made.append({"name": "activeOnly", "valueBoolean": True})
    if given.get("date", "").strip():
        made.append({"name": "date", "valueDateTime": given["date"].strip()[:10]})
    versions = dict.fromkeys(release.edition for release in releases if release.edition)
    made += [{"name": "version", "valueUri": f"{system.uri}|{version}"} for version in versions]
    return made


def _number(given: Mapping[str, str], name: str, usual: int, most: int) -> int:
    """A number of codes; what is more than is given at once is cut to it."""
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{name}: a whole number is expected, not “{text[:20]}”.")
    if name == "offset" and int(text) > most:
        raise InvalidInput("FHIR_TOO_COSTLY", f"offset: up to {most:,} codes can be passed over; name a longer filter.")
    return min(int(text), most)
