"""A quota speaks over HTTP: the page is a teaser, the API a problem, and the headers are structured fields."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import httpx
import pytest
from codingahead.metering.v1 import metering_pb2 as pb
from http_sfv.item import Item
from http_sfv.list import List

from shared.rpc.client import invoke
from tests.integration.gateway.rooms import OPERATOR, Rooms

MONTH = 30 * 86_400
SCRATCH, SPOON = "S09.0", "S90"
CODES = ("S06.0XXA", "S06.0XXD", "S06.0XXS", "S06.1X7A", "S06.1X9A", SCRATCH)
PAGE, API = "/codes/icd10cm/", "/api/v1/codes/icd10cm/"


def field(answer: httpx.Response, name: str) -> tuple[str, dict[str, int]]:
    """The one member of a header that is a structured list: its value and its parameters."""
    parsed = List()
    parsed.parse(answer.headers[name].encode())
    assert len(parsed) == 1
    assert isinstance(parsed[0], Item)
    return str(parsed[0].value), dict(parsed[0].params)


async def set_network_guests(rooms: Rooms, guests: int) -> None:
    """Put a policy in force that lets so many new guests of a network read in a day."""

    async def change(stub: object, token: str) -> None:
        got = await invoke(stub.GetPolicy, pb.GetPolicyRequest(), timeout=10, token=token)  # type: ignore[attr-defined]
        got.policy.network_guests_per_day = guests
        request = pb.PutPolicyRequest(request_id=secrets.token_hex(8), policy=got.policy)
        await invoke(stub.PutPolicy, request, timeout=10, token=token)  # type: ignore[attr-defined]

    await rooms.metering_call(change, OPERATOR)


async def test_a_guests_headers_say_what_is_left_before_with_and_after_the_grant(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        before = await guest.get("/api/v1/meter")
        granted = await guest.get(API + SCRATCH)
        refused = await guest.get(API + SPOON)
    assert field(before, "RateLimit-Policy") == ("pages", {"q": 1, "w": MONTH})
    assert field(before, "RateLimit") == ("pages", {"r": 1})
    name, left = field(granted, "RateLimit")
    assert (name, left["r"]) == ("pages", 0)
    assert MONTH - 60 < left["t"] <= MONTH
    assert field(refused, "RateLimit-Policy") == ("pages", {"q": 1, "w": MONTH})
    wait = int(refused.headers["retry-after"])
    assert wait == field(refused, "RateLimit")[1]["t"]
    assert "retry-after" not in granted.headers


async def test_over_quota_the_api_is_a_problem_that_says_how_to_go_on_and_the_page_a_teaser(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get(PAGE + SCRATCH)
        api, page, again = await guest.get(API + SPOON), await guest.get(PAGE + SPOON), await guest.get(API + SCRATCH)
    problem = api.json()
    assert (api.status_code, api.headers["content-type"]) == (429, "application/problem+json")
    assert (problem["type"], problem["status"]) == ("/problems/quota-exceeded", 429)
    assert "Register a free account" in problem["detail"]
    assert (problem["standing"]["remaining"], problem["standing"]["granted"]) == (0, False)
    assert page.status_code == 200
    assert "0 code page views remaining. " in page.text.replace("</strong>", "")
    assert "Invented spoon" in page.text
    assert "Create a free account to unlock this content" in page.text
    assert again.status_code == 200


async def test_a_free_account_reads_five_pages_and_is_told_to_wait_or_upgrade(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("fred")) as fred:
        answers = [await fred.get(API + code) for code in CODES]
        teaser = await fred.get(PAGE + CODES[-1])
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 429]
    assert [field(answer, "RateLimit")[1]["r"] for answer in answers] == [4, 3, 2, 1, 0, 0]
    assert "upgrade" in answers[-1].json()["detail"]
    assert (teaser.status_code, "No page views left" in teaser.text) == (200, True)


async def test_unlimited_readers_hear_of_no_quota(rooms: Rooms) -> None:
    await rooms.set_plan("pia", pb.TIER_PRO)
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.account("pia")) as pia:
        answer = await pia.get(API + SCRATCH)
    assert answer.status_code == 200
    assert not {"ratelimit", "ratelimit-policy", "retry-after"} & set(answer.headers)


async def test_beyond_the_networks_cap_new_guests_see_the_sign_in_prompt_and_nobody_a_wall(rooms: Rooms) -> None:
    await set_network_guests(rooms, 2)
    for _ in range(4):  # browsing and searching guests take nothing from the cap
        async with httpx.AsyncClient(base_url=rooms.url) as passing:
            await passing.get("/browse")
            await passing.get("/search?q=nothing")
            await passing.head(PAGE + SCRATCH)
    async with httpx.AsyncClient(base_url=rooms.url) as first, httpx.AsyncClient(base_url=rooms.url) as second:
        for guest in (first, second):
            assert "Create a free account to unlock this content" in (await guest.get(PAGE + SCRATCH)).text
        async with httpx.AsyncClient(base_url=rooms.url) as third:
            page, api = await third.get(PAGE + SCRATCH), await third.get(API + SCRATCH)
            browse, as_account = await third.get("/browse"), await third.get(API + SCRATCH, headers=rooms.account("a"))
        again = await first.get(API + SCRATCH)
    assert page.status_code == 200
    assert "Sign in to view content" in page.text
    assert "Sign in or register a free account to read on today" in page.text
    assert "Invented scratch" in page.text
    assert (api.status_code, api.json()["type"]) == (429, "/problems/quota-exceeded")
    assert "Sign in, or come back tomorrow" in api.json()["detail"]
    assert field(api, "RateLimit-Policy") == ("guests-of-network", {"q": 2, "w": 86_400})
    name, left = field(api, "RateLimit")
    assert (name, left["r"]) == ("guests-of-network", 0)
    assert int(api.headers["retry-after"]) == left["t"] <= 86_400
    midnight = datetime.now(UTC).timestamp() + left["t"]
    assert midnight % 86_400 < 60 or midnight % 86_400 > 86_340
    assert (browse.status_code, as_account.status_code, again.status_code) == (200, 200, 200)


@pytest.mark.parametrize("path", [API + SCRATCH, PAGE + SCRATCH])
async def test_a_guest_in_a_hurry_is_told_when_to_go_on_and_nothing_is_counted(rooms: Rooms, path: str) -> None:
    await rooms.stop("gateway")
    await rooms.start_gateway(guest_burst=3, guest_burst_per_second=0.4)
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        await guest.get("/browse")
        answers = [await guest.get("/browse") for _ in range(3)]
        late = await guest.get(path)
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert (late.status_code, late.headers["retry-after"]) == (429, "3")
        account = await guest.get("/api/v1/meter", headers=rooms.account("anna"))
    assert account.status_code == 200
    assert field(late, "RateLimit-Policy") == ("burst", {"q": 3, "w": 8})
    assert field(late, "RateLimit") == ("burst", {"r": 0, "t": 3})
