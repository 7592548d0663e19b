"""Who may do what: every route of the application, walked as everybody there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from gateway.app import routes_of
from gateway.gate import rows_of
from gateway.rights import ROUTES, Who
from tests.integration.gateway.rooms import Rooms

PLACES = {"system": "icd10cm", "code": "S090", "licence": "ama-cpt", "key_id": "key_0123456789abcdef"} | {
    "folder_id": "fld_0123456789abcdef"
}
OPEN = (
    *("/sign-out/back-channel", "/static/", "/healthz", "/readyz"),
    *("/robots.txt", "/sitemap", "/favicon.ico", "/api/openapi.json"),
)
"""Where it does not matter who asks."""
PAST_THE_APPLICATION = {"GET /codes/{system}/{code}"}
"""Answered before the application's routes."""


def _rows() -> set[str]:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    routes_of(app)
    return {row for route in iter_route_contexts(app.routes) for row in rows_of(route)} | PAST_THE_APPLICATION


def _walks() -> Iterator[tuple[str, Who]]:
    for row in sorted(_rows()):
        for who in Who:
            yield row, who


def test_every_route_stands_in_the_table_and_the_table_names_no_other() -> None:
    assert _rows() == set(ROUTES)


async def test_the_document_names_no_route_that_the_walk_leaves_out(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
    named = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    assert len(named) >= 8
    assert named <= set(ROUTES)


def _headers(rooms: Rooms, who: Who) -> dict[str, str]:
    if who is Who.GUEST:
        return {}
    if who is Who.PARTNER:
        return rooms.partner("ehr-vendor")
    roles = () if who is Who.ACCOUNT else (str(who),)
    return {"Authorization": f"Bearer {rooms.keys.access_token(f'{who}-walks', roles, rooms.url)}"}


async def test_every_route_lets_in_who_has_its_right_and_nobody_else(rooms: Rooms) -> None:
    wrong = []
    everybody = {who: _headers(rooms, who) for who in Who}
    async with httpx.AsyncClient(base_url=rooms.url, headers={"Accept": "application/json"}) as client:
        for row, who in _walks():
            method, _, path = row.partition(" ")
            address = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x"), path)
            client.cookies.clear()
            answer = await client.request(method, address, headers=everybody[who])
            has = who in ROUTES[row].who or (who not in (Who.GUEST, Who.PARTNER) and Who.ACCOUNT in ROUTES[row].who)
            refused = answer.status_code == (401 if who is Who.GUEST else 403)
            if refused is has:
                wrong.append((row, who, answer.status_code, answer.text[:200]))
    assert wrong == []


@pytest.mark.parametrize("scope", ["codes:read", "meter:read"])
async def test_a_key_gets_through_the_routes_of_its_scopes_and_no_other(rooms: Rooms, scope: str) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        wanted = {"name": "walks", "scopes": [scope]}
        made = await client.post("/api/v1/keys", json=wanted, headers=rooms.account("kay") | rooms.once())
        key = {"Authorization": f"Bearer {made.json()['secret']}"}
        wrong = []
        for row, right in ROUTES.items():
            method, _, path = row.partition(" ")
            if path.startswith(OPEN):
                continue
            address = re.sub(r"\{(\w+)\}", lambda found: PLACES.get(found[1], "x"), path)
            answer = await client.request(method, address, headers=key)
            if (answer.status_code == 403) is (right.name == scope):
                wrong.append((row, answer.status_code, answer.text[:200]))
    assert wrong == []
