"""Partners that call with a token of their own client: the monthly quota, in headers and at the meter."""

import httpx

from tests.integration.gateway.rooms import Rooms


async def test_a_partner_reads_on_its_monthly_quota_and_sees_it_in_headers_and_at_the_meter(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url, headers=rooms.partner("ehr-vendor")) as client:
        before = (await client.get("/api/v1/meter")).json()
        answer = await client.get("/api/v1/codes/icd10cm/S090")
        meter = await client.get("/api/v1/meter")
    assert (before["tier"], before["window_seconds"], before["used"]) == ("partner", 0, 0)
    assert (answer.status_code, answer.json()["standing"]["tier"]) == (200, "partner")
    assert answer.headers["RateLimit"].startswith(f'"pages";r={before["limit"] - 1};t=')
    assert (meter.json()["remaining"], meter.json()["used"]) == (before["limit"] - 1, 1)
    assert meter.headers["RateLimit"].partition(";t=")[0] == answer.headers["RateLimit"].partition(";t=")[0]


async def test_two_partners_have_quotas_of_their_own(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        await client.get("/api/v1/codes/icd10cm/S090", headers=rooms.partner("one"))
        other = (await client.get("/api/v1/meter", headers=rooms.partner("other"))).json()
    assert other["used"] == 0
