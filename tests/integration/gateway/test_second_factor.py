"""Operators act with a second factor alone: pages lead to it, the API refuses, and the services never see the role."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psycopg
import pyotp
import pytest

from gateway.auth.second_factor import SecondFactor
from tests.integration.gateway.people import (
    PASSWORD,
    SignInRooms,
    browser,
    form_fields,
    own,
    register,
    sign_in,
    sign_in_rooms,
)
from tests.integration.gateway.rooms import until

EMAIL, PAGE = "op@example.org", "/operator/audit"
OPERATOR = frozenset({"operator"})


@pytest.fixture
async def site(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[SignInRooms]:
    """Everything, with sign-in."""
    with tempfile.TemporaryDirectory(prefix="sf-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as rooms:
            yield rooms


async def make_operator(site: SignInRooms) -> None:
    """Give the account the role, and let its session be renewed so that the gateway hears of it."""
    async with await psycopg.AsyncConnection.connect(site.issuer.database_url, autocommit=True) as identity:
        await identity.execute("UPDATE account SET roles = '{operator}' WHERE email = %s", (EMAIL,))
    async with await psycopg.AsyncConnection.connect(site.gateway_url, autocommit=True) as gateway:
        await gateway.execute("UPDATE session SET access_expires_at = clock_timestamp()")


async def answer_code(
    person: httpx.AsyncClient, page: httpx.Response, secret: str, *, ahead: int = 0
) -> httpx.Response:
    """Send the form of the second factor."""
    address, hidden = form_fields(page.text)
    code = pyotp.TOTP(secret).at(int(time.time()) + ahead)
    return await person.post(address, data=hidden | {"code": code}, headers=own(person))


async def set_up(person: httpx.AsyncClient, page: httpx.Response) -> tuple[httpx.Response, str]:
    """Sign in once more on the page that asks for it, and set the second factor up."""
    assert "Sign in once more" in page.text
    address, hidden = form_fields(page.text)
    shown = await person.post(address, data=hidden | {"email": EMAIL, "password": PASSWORD}, headers=own(person))
    secret = re.search(r'id="secret">(\w+)<', shown.text)
    assert secret is not None
    return await answer_code(person, shown, secret[1]), secret[1]


async def test_an_operator_with_one_factor_is_led_to_the_second_and_back_to_the_page(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        assert (await person.get(PAGE)).status_code == 403, "no operator yet: nothing leads anywhere"
        await make_operator(site)
        asked = await until(person, PAGE, lambda answer: "login-actions" in answer.text)
        landed, secret = await set_up(person, asked)
        assert (landed.status_code, landed.url.path) == (200, PAGE)
        assert "What operators did" in landed.text
        await person.post("/sign-out", headers=own(person))
        code_page = await sign_in(person, EMAIL, PAGE)
        assert "What operators did" not in code_page.text
        again = await answer_code(person, code_page, secret, ahead=30)
        assert "What operators did" in again.text


async def test_an_operators_write_without_the_second_factor_is_refused(site: SignInRooms) -> None:
    form = {"principal": "account:somebody", "plan": "pro", "reason": "none", "request_id": "a" * 32}
    async with browser(site) as person:
        await register(person, EMAIL)
        await make_operator(site)
        await until(person, PAGE, lambda answer: "login-actions" in answer.text)
        token = form_fields((await person.get("/account")).text, "everywhere")[1]["form_token"]
        refused = await person.post("/operator/accounts/plan", data=form | {"form_token": token}, headers=own(person))
        queue = await person.get("/editor/reports", follow_redirects=False)
    assert (refused.status_code, "second factor" in refused.text) == (403, True)
    assert queue.status_code == 303, "what operators may do beside editors waits as well"
    assert "second_factor=1" in queue.headers["location"]


async def test_a_token_of_one_factor_has_no_operators_right_and_one_of_two_has(site: SignInRooms) -> None:
    async with httpx.AsyncClient(base_url=site.url) as program:
        for acr, status in (("1", 403), ("", 403), ("2", 200)):
            token = site.keys.access_token("ops", ("operator",), site.url, acr=acr)
            answer = await program.get(PAGE, headers={"Authorization": f"Bearer {token}"})
            assert (acr, answer.status_code) == (acr, status)
        plain = await program.get(PAGE, headers=site.account("reader"))
    assert "second factor" not in plain.text


async def test_an_issuer_that_shows_no_second_factor_leads_nobody_in_a_circle(site: SignInRooms) -> None:
    async with browser(site) as person:
        await register(person, EMAIL)
        await make_operator(site)
        begun = await person.get(f"/sign-in?next={PAGE}&second_factor=1", follow_redirects=False)
        assert "acr_values=2" in begun.headers["location"]
        ignored = begun.headers["location"].replace("acr_values=2", "acr_values=1")
        back = await person.get(ignored, follow_redirects=False)
        answer = await person.get(back.headers["location"])
    assert answer.status_code == 403
    assert "did not show one" in answer.text


@pytest.mark.parametrize(
    ("claims", "held_back"),
    [
        ({"acr": "2"}, frozenset[str]()),
        ({"acr": "1", "amr": ["pwd", "otp"]}, frozenset[str]()),
        ({"acr": "1", "amr": ["pwd"]}, OPERATOR),
        ({"acr": 2}, OPERATOR),
        ({"acr": ["2"], "amr": "otp"}, OPERATOR),
        ({"amr": [["otp"], {}]}, OPERATOR),
        ({}, OPERATOR),
    ],
)
def test_class_or_method_of_a_sign_in_shows_the_second_factor(
    claims: dict[str, object], held_back: frozenset[str]
) -> None:
    rule = SecondFactor(methods=frozenset({"otp"}))
    assert rule.held_back(claims, frozenset({"operator", "editor"})) == held_back
