"""The resource Parameters, both ways: what an operation is asked, by GET or by POST, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request

from shared.errors import InvalidInput

Part: TypeAlias = dict[str, Any]
MEDIA_TYPE = "application/fhir+json"
MOST_PARAMETERS = 50
MOST_CODINGS = 20
LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system as a caller names it; what is not named is empty."""

    system: str = ""
    code: str = ""
    version: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation is asked."""

    texts: Mapping[str, Sequence[str]]
    """Simple values by name; of true and false the words."""
    coding: Coding | None = None
    concept: tuple[Coding, ...] = ()
    """The codings of a CodeableConcept."""

    def get(self, name: str, usual: str = "") -> str:
        """The first value of a name."""
        return next(iter(self.texts.get(name, ())), usual)

    def all(self, name: str) -> list[str]:
        """Every value of a name, also of several in one, with commas."""
        return [part.strip() for value in self.texts.get(name, ()) for part in value.split(",") if part.strip()]

    def __contains__(self, name: str) -> bool:
        """Whether a name is given."""
        return name in self.texts

    def flag(self, name: str) -> bool | None:
        """True or false, None where nothing is said. InvalidInput for anything else."""
        value = self.get(name).strip().lower()
        if value not in {"", "true", "false"}:
            raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{name}: true or false is expected, not “{value[:20]}”.")
        return None if not value else value == "true"

    def codings(self) -> tuple[Coding, ...]:
        """What is asked about: `code`, `coding` or `codeableConcept`. InvalidInput for none and for more than one."""
        alone = Coding(*(self.get(name).strip() for name in ("system", "code", "version", "display")))
        ways = [
            way for way in (self.concept, (self.coding,) if self.coding else (), (alone,) if alone.code else ()) if way
        ]
        if len(ways) != 1:
            raise InvalidInput(
                "FHIR_PARAMETER_MISSING", "code: name a code, or a coding, or a codeableConcept, and one of them only."
            )
        for coding in ways[0]:
            if not 0 < len(coding.code) <= LONGEST_CODE:
                raise InvalidInput("FHIR_PARAMETER_MISSING", f"code: name a code of up to {LONGEST_CODE} characters.")
        return ways[0]


async def asked(request: Request) -> Given:
    """Give the parameters of an operation, from the address or from the body of a POST."""
    if request.method != "POST":
        query = request.query_params
        return Given({name: query.getlist(name) for name in query if not name.startswith("_")})
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise InvalidInput(
            "FHIR_PARAMETERS_INVALID", "The body is no JSON; a resource Parameters is expected."
        ) from None
    if not isinstance(body, dict) or body.get("resourceType") != "Parameters":
        raise InvalidInput("FHIR_PARAMETERS_INVALID", "The body is no resource Parameters.")
    listed = body.get("parameter", [])
    if not isinstance(listed, list) or len(listed) > MOST_PARAMETERS:
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"parameter: a list of up to {MOST_PARAMETERS} is expected.")
    return _given(listed)


def _given(listed: Sequence[object]) -> Given:
    texts: dict[str, list[str]] = {}
    coding: Coding | None = None
    concept: tuple[Coding, ...] = ()
    for place, parameter in enumerate(listed):
        if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
            raise InvalidInput("FHIR_PARAMETERS_INVALID", f"parameter[{place}]: an object with a name is expected.")
        name, where = parameter["name"], f"parameter[{place}] “{parameter['name'][:40]}”"
        if name == "coding" or "valueCoding" in parameter:
            coding = _coding(parameter.get("valueCoding"), where)
        elif name == "codeableConcept" or "valueCodeableConcept" in parameter:
            concept = _concept(parameter.get("valueCodeableConcept"), where)
        else:
            texts.setdefault(name, []).append(_simple(parameter, where))
    return Given(texts, coding, concept)


def _simple(parameter: Mapping[str, Any], where: str) -> str:
    if isinstance(parameter.get("resource"), dict):
        return str(parameter["resource"].get("resourceType", ""))
    values = [value for key, value in parameter.items() if key.startswith("value")]
    if len(values) != 1 or not isinstance(values[0], str | int | bool):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{where}: one simple value is expected.")
    return str(values[0])


def _concept(value: object, where: str) -> tuple[Coding, ...]:
    codings = value.get("coding") if isinstance(value, dict) else None
    if not isinstance(codings, list) or not 0 < len(codings) <= MOST_CODINGS:
        raise InvalidInput(
            "FHIR_PARAMETERS_INVALID", f"{where}: a CodeableConcept with up to {MOST_CODINGS} codings is expected."
        )
    return tuple(_coding(coding, f"{where}, coding[{at}]") for at, coding in enumerate(codings))


def _coding(value: object, where: str) -> Coding:
    if not isinstance(value, dict):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{where}: a Coding is expected.")
    members = [value.get(name, "") for name in ("system", "code", "version", "display")]
    if not all(isinstance(member, str) for member in members):
        raise InvalidInput("FHIR_PARAMETERS_INVALID", f"{where}: system, code, version and display are texts.")
    return Coding(*(member.strip() for member in members))


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
