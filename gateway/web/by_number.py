"""Codes by number from the catalog alone: what the search page still finds while search itself is away."""

import asyncio

from codingahead.catalog.v1 import catalog_pb2

from gateway.platform import Gateway
from gateway.spelling import undotted
from gateway.view import OfficialText, PageView, Tier
from gateway.web.shown import shown_part
from shared.errors import InvalidInput, NotFound

LONGEST_CODE = 16
NAMES_ONLY = PageView(Tier.GUEST, False, (), OfficialText.NEVER, 0)


async def by_number(gateway: Gateway, asked: str) -> list[catalog_pb2.Code]:
    """The code in every system that has it, by name only. Unavailable while the catalog is away too."""
    code = undotted(asked)
    if not code or len(code) > LONGEST_CODE:
        return []
    systems = [system.system for system in await gateway.catalog.systems()]
    answers = await asyncio.gather(*(_in_system(gateway, system, code) for system in systems))
    return [answer for answer in answers if answer is not None]


async def _in_system(gateway: Gateway, system: str, code: str) -> catalog_pb2.Code | None:
    try:
        held = await gateway.pages.get(system, code)
    except (NotFound, InvalidInput):  # no code, or not the shape of one in this system
        return None
    return shown_part(held.code, NAMES_ONLY) if held.code.system in {"cpt", "cdt"} else held.code
