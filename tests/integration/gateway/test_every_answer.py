"""What every answer carries, errors included; and every type of problem leads to its description."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from gateway.problem_types import TYPES
from tests.integration.gateway.people import browser, own, register, sign_in_rooms
from tests.integration.gateway.rooms import Rooms

CODE = "/codes/icd10cm/S09.0"
PREFETCH = {"Sec-Purpose": "prefetch"}
FORGED = {"Authorization": "Bearer a.b.c"}
LONG = {"X-Long": "x" * 20_000}
REQUESTS: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("GET", "/", {}, 200),
    ("GET", CODE, {}, 200),
    ("HEAD", CODE, {}, 200),
    ("GET", "/codes/icd10cm/s090", {}, 308),
    ("GET", CODE, {"If-None-Match": "*"}, 304),
    ("GET", "/codes/icd10cm/S90", PREFETCH, 503),
    ("GET", "/api/v1/codes/icd10cm/S90", PREFETCH, 503),
    ("GET", "/api/v1/codes/icd10cm/S90", {}, 429),
    ("GET", "/codes/icd10cm/NOPE", {}, 404),
    ("GET", "/codes", {}, 308),
    ("GET", "/codes/icd10cm", {}, 308),
    ("GET", "/codes/icd10cm/...", {}, 400),
    ("GET", "/codes/icd10cm/%00%FF", {}, 400),
    ("GET", "/codes//icd10cm/S090", {}, 404),
    ("GET", "/browse/icd10cm?after=%00", {}, 400),
    ("OPTIONS", CODE, {}, 405),
    ("GET", CODE, FORGED, 401),
    ("GET", CODE, LONG, 431),
    ("GET", "/api/v1/meter", LONG, 431),
    ("GET", "/" + "a" * 3000, {}, 414),
    ("GET", "/nothing", {}, 404),
    ("OPTIONS", "/browse", {}, 405),
    ("POST", "/report-error", {"Origin": "https://evil.example"}, 403),
    ("GET", "/browse", {}, 200),
    ("GET", "/search?q=S090", {}, 302),
    ("GET", "/register", {}, 200),
    ("GET", "/terms", {}, 200),
    ("GET", "/problems", {}, 200),
    ("GET", "/licences/ama-cpt", {}, 200),
    ("GET", "/editor/reports", {}, 401),
    ("GET", "/api/v1/codes", {}, 200),
    ("GET", "/api/v1/codes/icd10cm", {}, 200),
    ("GET", "/api/v1/codes/icd10cm/S090", {}, 200),
    ("GET", "/api/v1/meter", {}, 200),
    ("GET", "/api/v1/meter", FORGED, 401),
    ("GET", "/api/v1/nothing", {}, 404),
    ("GET", "/api/openapi.json", {}, 200),
    ("GET", "/robots.txt", {}, 200),
    ("GET", "/sitemap.xml", {}, 200),
    ("GET", "/static/nothing.css", {}, 404),
    ("GET", "/healthz", {}, 200),
    ("GET", "/readyz", {}, 200),
)
PROBLEMS: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("GET", "/api/v1/codes/nosuch", {}, "SYSTEM_UNKNOWN"),
    ("GET", "/api/v1/codes/cpt", {}, "SYSTEM_EMPTY"),
    ("GET", "/api/v1/codes/icd10cm/S999", {}, "CODE_UNKNOWN"),
    ("GET", "/api/v1/codes/icd10cm?cursor=x", {}, "CURSOR_MALFORMED"),
    ("GET", "/api/v1/codes/icd10cm?limit=0", {}, "REQUEST_INVALID"),
    ("GET", "/api/v1/meter", FORGED, "ACCESS_TOKEN_INVALID"),
    ("GET", "/api/v1/meter", {"Authorization": "Basic eA=="}, "CREDENTIAL_UNKNOWN"),
    ("GET", "/api/v1/meter", LONG, "HEADER_TOO_LARGE"),
    ("GET", "/api/v1/" + "a" * 3000, {}, "PATH_TOO_LONG"),
    ("GET", "/api/v1/licences/nosuch", {}, "LICENCE_UNKNOWN"),
    ("POST", "/api/v1/licences/ama-cpt/acceptance", {"Origin": "https://evil.example"}, "ORIGIN_FOREIGN"),
    ("GET", "/api/v1/codes/icd10cm/S06", PREFETCH, "PREFETCH_REFUSED"),
    ("GET", "/api/v1/codes/icd10cm/S90", {}, "QUOTA_EXCEEDED"),
)


def check_headers(asked: str, answer: httpx.Response) -> None:
    """What every answer carries."""
    policy = answer.headers["content-security-policy"]
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert rule in policy, asked
    assert "unsafe" not in policy, asked
    assert answer.headers["x-content-type-options"] == "nosniff", asked
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin", asked
    assert len(answer.headers["x-request-id"]) == 16, asked
    assert "server" not in answer.headers, asked
    assert "strict-transport-security" not in answer.headers, "not on plain localhost"


async def test_every_answer_carries_the_security_headers_and_a_request_id(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for method, path, headers, status in REQUESTS:
            answer = await guest.request(method, path, headers=headers)
            asked = f"{method} {path[:60]}"
            assert (asked, answer.status_code) == (asked, status)
            check_headers(asked, answer)


async def test_pages_of_the_issuer_and_of_accounts_carry_them_as_well(
    new_database: Callable[[str], str], events_url: str
) -> None:
    realm = "/realms/codingahead"
    protocol, actions = f"{realm}/protocol/openid-connect", f"{realm}/login-actions"
    asked = [
        ("GET", f"{realm}/.well-known/openid-configuration", 200),
        ("GET", f"{protocol}/certs", 200),
        ("GET", f"{protocol}/auth", 400),
        ("GET", f"{protocol}/auth?client_id=nobody", 400),
        ("GET", f"{protocol}/logout", 200),
        ("GET", f"{protocol}/userinfo", 401),
        ("POST", f"{protocol}/token", 400),
        ("POST", f"{protocol}/auth", 400),
        ("GET", f"{actions}/reset-credentials", 200),
        ("GET", f"{actions}/unverified", 200),
        ("GET", f"{actions}/verify-email?key=x", 200),
        ("GET", f"{actions}/new-password?key=x", 200),
        ("POST", f"{actions}/reset-credentials", 403),
        ("POST", f"{actions}/authenticate", 403),
        ("DELETE", f"{protocol}/token", 405),
        ("GET", f"{realm}/nothing", 404),
        ("GET", "/realms/other", 404),
        ("GET", f"{realm}/account", 200),
        ("GET", "/account", 200),
        ("GET", "/account/keys", 200),
        ("GET", "/account/export", 200),
        ("GET", "/account/deletion", 200),
        ("GET", "/account/library", 200),
        ("GET", "/plans", 200),
        ("GET", "/operator/audit", 403),
        ("GET", "/sign-in/callback?state=x", 400),
        ("GET", "/local/mail", 200),
    ]
    with tempfile.TemporaryDirectory(prefix="ea-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as site, browser(site) as person:
            await register(person, "ada@example.org")
            form = await person.get("/sign-in", params={"next": "/"}, follow_redirects=False)
            check_headers("/sign-in", form)
            for method, path, status in asked:
                answer = await person.request(method, path, headers=own(person), follow_redirects=False)
                assert (method, path, answer.status_code) == (method, path, status)
                check_headers(path, answer)


async def test_over_tls_browsers_are_held_to_it_and_the_cookie_is_bound_to_the_host(rooms: Rooms) -> None:
    await rooms.stop("gateway")
    await rooms.start_gateway(public_url="https://codes.example.org")
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for path in (CODE, "/browse", "/nothing", "/api/v1/meter"):
            guest.cookies.clear()
            answer = await guest.get(path)
            assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-guest=")
            for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
                assert attribute in cookie.split("; ")
            assert " connect-src 'self';" in answer.headers["content-security-policy"]
        docs = await guest.get("/api/docs")
        assert f" connect-src 'self' {rooms.url};" in docs.headers["content-security-policy"], "where the issuer is"
        assert f" form-action 'self' {rooms.url};" in docs.headers["content-security-policy"]


async def test_whatever_can_be_read_answers_head_as_well_and_says_so(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get(CODE)
        for method, path, headers, status in REQUESTS:
            if method == "GET" and status < 400 and "{" not in path:
                assert (path, (await guest.head(path, headers=headers)).status_code) == (path, status)
        for path in ("/sign-in", "/account/password"):
            assert (path, (await guest.head(path)).status_code != 405) == (path, True)
        for path in ("/api/v1/codes", "/api/v1/meter", "/browse", CODE):
            refused = await guest.put(path, headers={"Origin": rooms.url})
            assert (refused.status_code, sorted(refused.headers["allow"].split(", "))) == (405, ["GET", "HEAD"])


async def test_no_answer_that_makes_a_guest_may_be_kept_by_a_shared_cache(rooms: Rooms) -> None:
    for method, path, headers, _ in REQUESTS:
        async with httpx.AsyncClient(base_url=rooms.url) as newcomer:
            answer = await newcomer.request(method, path, headers=headers)
        control = answer.headers.get("cache-control", "")
        if "set-cookie" in answer.headers:
            assert "no-store" in control or "private" in control, path
        else:
            assert path.startswith(("/static", "/robots", "/sitemap", "/healthz", "/readyz")) or answer.status_code in {
                401,
                414,
                431,
            }, path


async def test_every_problem_names_a_type_that_answers(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get(CODE)
        for method, path, headers, reason in PROBLEMS:
            answer = await guest.request(method, path, headers=headers)
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert (problem["reason"], problem["status"]) == (reason, answer.status_code)
            described = await guest.get(problem["type"])
            assert (described.status_code, reason in described.text) == (200, True)
        for kind in TYPES.values():
            described = await guest.get(kind.path)
            assert (kind.reason, described.status_code) == (kind.reason, 200)
        assert (await guest.get("/problems/nosuch")).status_code == 404
        assert (await guest.get("/problems/QUOTA-EXCEEDED")).status_code == 404
        plain = (await guest.get("/api/v1/nothing")).json()
    assert (plain["type"], plain["status"]) == ("about:blank", 404)
