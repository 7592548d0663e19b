"""What is not counted grants nothing and shows nothing; and guests are who their cookies say."""

from __future__ import annotations

import base64
import json
import secrets

import httpx
import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.identity import Kind, Principal
from shared.rpc.client import invoke
from tests.integration.gateway.rooms import Rooms

SCRATCH, SPOON = "/codes/icd10cm/S09.0", "/codes/icd10cm/S90"
SERVICE = Principal(Kind.SERVICE, "gateway", frozenset({"service"}))


def cookie_of(answer: httpx.Response) -> str:
    """The value of the guest cookie that an answer sets."""
    return answer.headers["set-cookie"].split(";")[0].removeprefix("guest=")


def principal_of(cookie: str) -> Principal:
    """The guest that a cookie names."""
    return Principal(Kind.GUEST, cookie.split(".")[1])


def with_cookie(value: str) -> dict[str, str]:
    """The header of a request with a guest cookie."""
    return {"Cookie": f"guest={value}"}


async def test_a_prefetch_gets_a_granted_page_and_no_other(rooms: Rooms) -> None:
    for prefix in ("", "/api/v1"):
        for purpose in ("prefetch", "prefetch;prerender", "Prefetch; anonymous-client-ip"):
            await prefetches(rooms, prefix, {"Sec-Purpose": purpose})


async def prefetches(rooms: Rooms, prefix: str, prefetch: dict[str, str]) -> None:
    """A new guest prefetches before and after it reads a page."""
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        refused = await guest.get(prefix + SCRATCH, headers=prefetch)
        assert await rooms.grants(principal_of(guest.cookies["guest"])) == set()
        await guest.get(prefix + SCRATCH)
        granted = await guest.get(prefix + SCRATCH, headers=prefetch)
        other = await guest.get(prefix + SPOON, headers=prefetch)
        grants = await rooms.grants(principal_of(guest.cookies["guest"]))
    for answer in (refused, other):
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
        assert "Invented" not in answer.text
        assert "etag" not in answer.headers
    assert granted.status_code == 200
    assert "Invented scratch" in granted.text
    assert grants == {"S090"}


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_head_and_not_modified_answers_count_nothing(rooms: Rooms, prefix: str) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        head = await guest.head(prefix + SCRATCH)
        one = principal_of(guest.cookies["guest"])
        assert (head.status_code, head.content, await rooms.grants(one)) == (200, b"", set())
        page = await guest.get(prefix + SCRATCH)
        # The tag of a view includes the reader's standing, so the first answer after the grant has the lasting one.
        settled = await guest.get(prefix + SCRATCH)
        same = await guest.get(prefix + SCRATCH, headers={"If-None-Match": settled.headers["etag"]})
        same_head = await guest.head(prefix + SCRATCH, headers={"If-None-Match": settled.headers["etag"]})
        teaser = await guest.get(prefix + SPOON)
        if not prefix:
            held = await guest.get(SPOON, headers={"If-None-Match": teaser.headers["etag"]})
            assert (held.status_code, held.content) == (304, b"")
        assert await rooms.grants(one) == {"S090"}
    assert page.status_code == 200
    assert (same.status_code, same.content) == (304, b"")
    assert same_head.status_code == 304
    assert same.headers["etag"].removeprefix("W/") == settled.headers["etag"].removeprefix("W/")
    for answer in (head, same, teaser):
        assert {"Cookie", "Authorization"} <= set(answer.headers["vary"].split(", "))
    assert head.headers["cache-control"].startswith("private")


async def test_a_merged_guests_cookie_is_replaced_and_the_new_guest_begins_anew(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        cookie = cookie_of(await client.get(SCRATCH))
        client.cookies.clear()
        old = principal_of(cookie)
        request = pb.MergeGuestRequest(request_id=secrets.token_hex(8), guest_id=old.id, account_id="mia")
        await rooms.metering_call(
            lambda stub, token: invoke(stub.MergeGuest, request, timeout=10, token=token), SERVICE
        )
        for path in (SPOON, "/api/v1" + SPOON):
            answer = await client.get(path, headers=with_cookie(cookie))
            client.cookies.clear()
            new = principal_of(cookie_of(answer))
            assert (answer.status_code, new != old) == (200, True)
            assert await rooms.grants(new) == {"S90"}
        carried = await client.get("/api/v1" + SCRATCH, headers=rooms.account("mia"))
    assert await rooms.grants(Principal(Kind.ACCOUNT, "mia")) == {"S090"}
    assert carried.json()["standing"] | {"limit": 6, "remaining": 5} == carried.json()["standing"]


async def test_only_a_cookie_of_ours_names_a_guest_and_one_of_an_older_key_is_renewed(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        cookie = cookie_of(await client.get(SCRATCH))
        client.cookies.clear()
        version, guest, mac = cookie.split(".")
        for wrong in (cookie[:-1], f"{version}.{guest}", f"2.{guest}.{mac}", f"{version}.x{guest}.{mac}", "", "."):
            answer = await client.get("/browse", headers=with_cookie(wrong))
            client.cookies.clear()
            assert principal_of(cookie_of(answer)) != principal_of(cookie), wrong
        assert "set-cookie" not in (await client.get(SCRATCH, headers=with_cookie(cookie))).headers
        await rooms.stop("gateway")
        _change_keys(rooms, lambda keys: keys | {"2": base64.b64encode(secrets.token_bytes(32)).decode()})
        await rooms.start_gateway()
        renewed = await client.get(SPOON, headers=with_cookie(cookie))
        client.cookies.clear()
        assert "0 code page views remaining" in renewed.text, "it is still the guest that has read its page"
        assert cookie_of(renewed).startswith(f"2.{guest}.")
        await rooms.stop("gateway")
        _change_keys(rooms, lambda keys: {"2": keys["2"]})
        await rooms.start_gateway()
        kept = await client.get(SCRATCH, headers=with_cookie(cookie_of(renewed)))
        lost = await client.get("/browse", headers=with_cookie(cookie))
    assert "set-cookie" not in kept.headers
    assert principal_of(cookie_of(lost)) != principal_of(cookie)


def _change_keys(rooms: Rooms, change: object) -> None:
    file = rooms.keys.guest_cookie
    file.write_text(json.dumps(change(json.loads(file.read_text()))))  # type: ignore[operator]  # a function
