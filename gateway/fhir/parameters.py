"""The resource Parameters, both ways: what an operation is asked, by GET or by POST, and what it answers."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from starlette.requests import Request

from shared.errors import InvalidInput

Part: TypeAlias = dict[str, Any]
MEDIA_TYPE = "application/fhir+json"
MOST_PARAMETERS = 50


async def asked(request: Request) -> Mapping[str, str]:
    """Give the parameters of an operation by name; of a repeated one the first. Coding and url are taken apart."""
    if request.method != "POST":
        return dict(request.query_params)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise InvalidInput(
            "FHIR_PARAMETERS_INVALID", "The body is no JSON; a resource Parameters is expected."
        ) from None
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise InvalidInput("FHIR_PARAMETERS_INVALID", "The body is no resource Parameters.")
    parameters = body.get("parameter", [])
    if not isinstance(parameters, list) or len(parameters) > MOST_PARAMETERS:
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"parameter: a list of up to {MOST_PARAMETERS} is expected.")
    given: dict[str, str] = {}
    for place, parameter in enumerate(parameters):
        given = {**_of(parameter, place), **given}
    return given


def _of(parameter: object, place: int) -> dict[str, str]:
    if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"parameter[{place}]: an object with a name is expected.")
    name = parameter["name"]
    if isinstance(parameter.get("resource"), dict):
        return {name: str(parameter["resource"].get("resourceType", ""))}
    coding = parameter.get("valueCoding")
    if isinstance(coding, dict):
        return {
            key: coding[key] for key in ("system", "code", "version", "display") if isinstance(coding.get(key), str)
        }
    values = [value for key, value in parameter.items() if key.startswith("value")]
    if len(values) != 1 or not isinstance(values[0], str | int | bool):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"parameter[{place}] “{name}”: one simple value is expected.")
    return {name: str(values[0])}


def parameters(*parts: Part | None) -> dict[str, Any]:
    """Give a resource Parameters; what is None is left out."""
    return {"resourceType": "Parameters", "parameter": [part for part in parts if part is not None]}


def text(name: str, value: str, kind: str = "valueString") -> Part | None:
    """Give a parameter with a text, None for an empty one: FHIR knows no empty strings."""
    return {"name": name, kind: value} if value.strip() else None


def flag(name: str, *, value: bool) -> Part:
    """Give a parameter that is true or false."""
    return {"name": name, "valueBoolean": value}


def prop(code: str, **value: object) -> Part:
    """Give a property of a concept."""
    return {"name": "property", "part": [{"name": "code", "valueCode": code}, {"name": "value", **value}]}
