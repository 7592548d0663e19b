"""The builder of ICD-10-PCS codes: seven characters, of which each offers only what forms a valid code. Not metered.

Every value is a link to the page with that value chosen, so that nothing needs a script.
"""

from dataclasses import dataclass

from codingahead.catalog.v1 import procedure_tables_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import gateway_of
from gateway.web.answers import page
from gateway.web.links import build_path

router = APIRouter()
OPEN = "_"
LONGEST = 7


@dataclass(frozen=True, slots=True)
class Value:
    """A value that can be chosen."""

    value: str
    meaning: str
    codes: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Character:
    """One of the seven."""

    place: int
    name: str
    chosen: Value | None
    values: tuple[Value, ...]
    clear: str
    """The page without its value."""


@router.api_route("/icd10pcs/build", methods=["GET", "HEAD"])
async def build(request: Request, code: str = "") -> Response:
    """What can be chosen beside what is chosen."""
    asked = "".join(code.split()).upper().replace("-", OPEN).replace(".", OPEN)
    answer = await gateway_of(request).catalog.procedure_code(asked[: LONGEST + 1])
    canonical = build_path(answer.pattern)
    if not answer.dropped and canonical != _as_asked(request):
        return RedirectResponse(canonical, status_code=302)
    values = {
        "title": "Build an ICD-10-PCS code | Coding Ahead",
        "here": "browse",
        "answer": answer,
        "characters": [_character(answer.pattern, character) for character in answer.characters],
        "complete": OPEN not in answer.pattern,
        "dropped": [f"{name.split('=')[1]} at place {name.split('=')[0]}" for name in answer.dropped],
        "noindex": answer.pattern != OPEN * LONGEST,
    }
    return page(request, "pages/procedure_builder.html", values, canonical="/icd10pcs/build")


def _as_asked(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def _character(pattern: str, character: pb.CodeCharacter) -> Character:
    at = character.place - 1

    def with_value(value: str) -> str:
        return build_path(pattern[:at] + value + pattern[at + 1 :])

    values = tuple(
        Value(each.value, each.meaning, each.codes, with_value(each.value), each.value == character.chosen)
        for each in character.values
    )
    chosen = next((value for value in values if value.chosen), None)
    return Character(character.place, character.name, chosen, values, with_value(OPEN))
