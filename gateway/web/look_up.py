"""Look-up: a code in any spelling leads to its page, several to a choice, none to what is near. Not metered."""

import asyncio
import re

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import Gateway, gateway_of, reader_of
from gateway.spelling import undotted
from gateway.view import OfficialText, PageView, Tier
from gateway.web.answers import page
from gateway.web.errors import NearCode, near_codes
from gateway.web.links import code_path
from gateway.web.shown import shown_part
from shared.errors import InvalidInput, NotFound

router = APIRouter()

LONGEST_QUERY = 64
_AROUND = re.compile(r"^[\s\"'(\[]+|[\s\"'.,;:)\]]+$")
NAMES_ONLY = PageView(Tier.GUEST, False, (), OfficialText.NEVER, 0)


@router.api_route("/lookup", methods=["GET", "HEAD"])
async def look_up(request: Request, q: str = "") -> Response:
    """Lead to the page of a code, or to the choice there is."""
    asked = _AROUND.sub("", q)
    values: dict[str, object] = {"asked": asked[:LONGEST_QUERY], "found": (), "near": (), "sentence": ""}
    if not asked:
        return _answer(request, values)
    if len(asked) > LONGEST_QUERY:
        values["sentence"] = f"That is longer than any code: look-up takes up to {LONGEST_QUERY} characters."
        return _answer(request, values, status=400)
    gateway = gateway_of(request)
    reader = reader_of(request)
    gateway.room.count(reader, "lookup")
    if reader.person and request.method == "GET":
        gateway.library.history.note_look_up(reader.person, asked)
    found, near = await _search(gateway, asked)
    if len(found) == 1:
        return RedirectResponse(code_path(found[0].system, found[0].display_code), status_code=302)
    values |= {"found": found, "near": near}
    if not found:
        values["sentence"] = f"No code system that is loaded here has a code “{asked}”. Look-up takes codes, not words."
    return _answer(request, values, status=200 if found else 404)


async def _search(gateway: Gateway, asked: str) -> tuple[list[catalog_pb2.Code], list[NearCode]]:
    """The code in every system that has it, by name only, and what is near where none has."""
    systems = [system.system for system in await gateway.catalog.systems()]
    answers = await asyncio.gather(*(_in_system(gateway, system, asked) for system in systems))
    found = [answer for answer in answers if isinstance(answer, catalog_pb2.Code)]
    near = [code for answer in answers if isinstance(answer, list) for code in answer]
    return found, list(dict.fromkeys(near))[:12]


async def _in_system(gateway: Gateway, system: str, asked: str) -> catalog_pb2.Code | list[NearCode]:
    try:
        held = await gateway.pages.get(system, undotted(asked))
    except NotFound as error:
        return list(near_codes(error.metadata.get("near", "")))
    except InvalidInput:  # not the shape of a code in this system
        return []
    return shown_part(held.code, NAMES_ONLY) if held.code.system in {"cpt", "cdt"} else held.code


def _answer(request: Request, values: dict[str, object], *, status: int = 200) -> Response:
    fixed = {"title": "Look up a code | Coding Ahead", "here": "lookup", "own_look_up": True, "noindex": status != 200}
    return page(request, "pages/look_up.html", {**values, **fixed}, status=status, canonical="/lookup")
