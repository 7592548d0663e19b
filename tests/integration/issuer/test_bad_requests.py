"""Requests with bad intent: where people are sent, what pages show, and forms from elsewhere."""

import re
from urllib.parse import urlencode

import httpx
import pytest

from deploy.local.issuer.settings import WEB_CLIENT
from tests.integration.issuer.stand import EMAIL, PASSWORD, Browser, Stand, parameters

SCRIPT = '"><script>alert(1)</script>'

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": ""},
        {"redirect_uri": SCRIPT},
        {"client_id": "nobody"},
        {"client_id": SCRIPT},
        {"client_id": "nul\0"},
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_clients(
    stand: Stand, browser: Browser, changed: dict[str, str]
) -> None:
    await browser.sign_in()
    asked = {
        "client_id": WEB_CLIENT,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": stand.redirect_uri,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        **changed,
    }
    answer = await browser.open(f"{stand.settings.protocol}/auth?{urlencode(asked)}")
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_the_client_hears_what_it_asked_wrongly(
    stand: Stand, browser: Browser, changed: dict[str, str], error: str
) -> None:
    await browser.sign_in()
    asked = {
        "client_id": WEB_CLIENT,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": stand.redirect_uri,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        "state": "kept & <whole>",
        **changed,
    }
    answer = await browser.open(f"{stand.settings.protocol}/auth?{urlencode(asked)}")
    assert answer.headers["location"].startswith(f"{stand.redirect_uri}?")
    back = parameters(answer)
    assert (back["error"], back["state"], back["iss"]) == (error, "kept & <whole>", stand.settings.issuer)
    assert "code" not in back


async def test_what_a_request_says_is_never_markup_on_a_page(stand: Stand, browser: Browser) -> None:
    page = await browser.open(await stand.address(state=SCRIPT, login_hint=SCRIPT, nonce=SCRIPT))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    await browser.open(await stand.address())
    assert "<script>alert" not in (await browser.send(email=SCRIPT, password="x")).text
    page = await browser.open(f"{stand.settings.issuer}/login-actions/new-password?{urlencode({'key': SCRIPT})}")
    assert "<script>alert" not in page.text
    assert not re.search(r"<(script|style)>|\sstyle=|\son\w+=", page.text), "the content policy allows nothing inline"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("authenticate", {"email": EMAIL, "password": PASSWORD}),
        (
            "registration",
            {"name": "M", "email": "m@example.org", "password": PASSWORD, "password_again": PASSWORD},
        ),
        ("reset-credentials", {"email": EMAIL}),
    ],
)
async def test_a_form_that_no_page_of_this_browser_made_is_refused(
    stand: Stand, browser: Browser, path: str, fields: dict[str, str]
) -> None:
    """Login CSRF: a foreign page must not sign a person in as somebody else."""
    address = (await stand.address()).replace("protocol/openid-connect/auth", f"login-actions/{path}")
    other = Browser(stand)
    await other.open(await stand.address())
    stolen = re.search(r'name="form_token" value="([^"]+)"', other.page.text)
    assert stolen
    await browser.open(await stand.address())
    async with httpx.AsyncClient() as bare:
        assert (await bare.post(address, data=fields)).status_code == 403
    for token in ("", "x", "é", stolen[1]):
        refused = await browser.http.post(address, data={**fields, "form_token": token})
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
    own = re.search(r'name="form_token" value="([^"]+)"', browser.page.text)
    assert own
    foreign = {"Origin": "https://evil.example"}
    refused = await browser.http.post(address, data={**fields, "form_token": own[1]}, headers=foreign)
    assert refused.status_code == 403
    assert not stand.mails()
    await other.http.aclose()


async def test_a_sign_on_cookie_from_before_is_not_the_one_from_after(stand: Stand, browser: Browser) -> None:
    browser.http.cookies.set("issuer-sign-on", "fixed-by-another", domain="localhost.local", path="/realms/codingahead")
    await browser.sign_in()
    first = [cookie.value for cookie in browser.http.cookies.jar if cookie.name == "issuer-sign-on"]
    await browser.sign_in(prompt="login")
    second = [cookie.value for cookie in browser.http.cookies.jar if cookie.name == "issuer-sign-on"]
    assert "fixed-by-another" not in second[-1:]
    assert set(first) != set(second)
    async with httpx.AsyncClient(cookies={"issuer-sign-on": "fixed-by-another"}) as attacker:
        assert (await attacker.get(await stand.address())).status_code == 200, "the form, not a code"


async def test_an_odd_token_request_is_refused_in_the_protocols_words(stand: Stand) -> None:
    for form in ({}, {"grant_type": SCRIPT}, {"grant_type": "password", "username": EMAIL, "password": PASSWORD}):
        answer = await stand.token(**form)
        assert answer.status_code == 400
        assert answer.json()["error"] in ("unsupported_grant_type", "invalid_request")
    async with httpx.AsyncClient() as http:
        form = {"grant_type": "client_credentials", "client_id": WEB_CLIENT, "client_secret": stand.secret}
        answer = await http.post(f"{stand.settings.protocol}/token?{urlencode(form)}")
    assert "access_token" not in answer.text, "a secret in an address ends up in logs"
