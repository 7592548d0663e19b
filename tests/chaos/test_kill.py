"""Kill -9 of any process of the split platform, twenty times in a row, while readers read."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from codingahead.metering.v1.events_pb2 import PageViewed

from shared.events.log import open_log
from tests.chaos.counting import GROUP, TOPIC, prepare
from tests.chaos.split_platform import SUPERVISED, SplitPlatform
from tests.house_content import CODE, corrected
from tests.polling import found_by_search

KILLS = 20
READERS = 6
FREE_PAGES = 5
VICTIMS = (*SUPERVISED, "postgres", *SUPERVISED, "counter")
"""Services come twice: they are what a request goes through. A page goes on without search."""
SETTLE_SECONDS = 120.0


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[SplitPlatform]:
    platform = SplitPlatform(tmp_path)
    try:
        platform.start()
        with psycopg.connect(platform.postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{GROUP}"')
        asyncio.run(prepare(platform.postgres.url(GROUP), platform.postgres.events_url))
        platform.start_counter()
        yield platform
    finally:
        platform.stop()


@dataclass
class Readers:
    """Accounts that read page after page, each beyond its limit, and note what they were granted."""

    platform: SplitPlatform
    codes: list[str]
    granted: set[tuple[str, str]] = field(default_factory=set)
    accounts: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - which codes are read decides nothing
        while not self.stop.is_set():
            self.accounts += 1
            account = f"reader-{number}-{self.accounts}"
            headers = {"Authorization": f"Bearer {self.platform.token(account)}"}
            async with httpx.AsyncClient(base_url=self.platform.url, headers=headers, timeout=10) as client:
                for code in chance.sample(self.codes, FREE_PAGES + 2):
                    await self._page(client, account, code)

    async def _page(self, client: httpx.AsyncClient, account: str, code: str) -> None:
        """Ask until metering has answered: granted, or over quota."""
        while not self.stop.is_set():
            try:
                answer = await client.get(f"/api/v1/codes/icd10cm/{code}")
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            assert answer.status_code in (200, 429, 503, 504), f"{answer.text}: {self.platform.said()}"
            if answer.status_code == 200 and answer.json()["standing"]["granted"]:
                self.granted.add((f"account:{account}", code))
                return
            if answer.status_code == 429:
                return
            await asyncio.sleep(0.1)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_twenty_kills_lose_no_grant_and_double_none(platform: SplitPlatform, tmp_path: Path) -> None:
    readers, words = asyncio.run(_read_while_killing(platform, tmp_path))
    assert len(readers.granted) > KILLS, "the readers read while processes were killed"
    platform.wait_ready()
    asyncio.run(_settle(platform))
    _grants_hold(platform, readers)
    _events_hold(platform)
    _pages_hold(platform, words)
    # What was killed while it built its index builds it anew, and follows what was corrected.
    answer = found_by_search(platform.url, CODE, SETTLE_SECONDS)
    assert answer.json()["results"][0]["code"] == CODE, answer.text


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_launcher_that_was_killed_is_started_again_over_what_it_left(platform: SplitPlatform) -> None:
    left = {service: platform.pid(service) for service in SUPERVISED}
    platform.kill("launcher")
    ends = time.monotonic() + 90
    while any(platform.pid(service) == left[service] for service in SUPERVISED):
        assert time.monotonic() < ends, "what a killed launcher left behind was not ended"
        time.sleep(0.1)
    platform.wait_ready()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_database_server_that_was_killed_is_started_again_and_the_platform_goes_on(platform: SplitPlatform) -> None:
    services = {service: platform.pid(service) for service in SUPERVISED}
    platform.kill("postgres")
    ends = time.monotonic() + 90
    while not (runs := platform.postgres.runs()) or httpx.get(f"{platform.url}/browse", timeout=30).status_code != 200:
        assert time.monotonic() < ends, f"the server {'runs' if runs else 'does not run'}: {platform.said()}"
        time.sleep(0.1)
    assert {service: platform.pid(service) for service in SUPERVISED} == services, "no service had to be started again"


async def _read_while_killing(platform: SplitPlatform, folder: Path) -> tuple[Readers, str]:
    """Let readers read and an editor correct a text, and kill; gives the readers and the words corrected last."""
    rows = platform.query(
        "catalog",
        "SELECT code FROM code WHERE system = 'icd10cm' AND code ~ '^[A-Z][0-9][0-9A-Z]+$' ORDER BY code LIMIT 300",
    )
    readers = Readers(platform, [str(row[0]) for row in rows])
    reading = [asyncio.create_task(readers.read(number)) for number in range(READERS)]
    editing = asyncio.create_task(_correct_again_and_again(platform, folder, readers.stop))
    chance = random.Random(20)  # noqa: S311 - the moments of the kills
    for kill in range(KILLS):
        victim = VICTIMS[kill % len(VICTIMS)]
        await asyncio.sleep(chance.uniform(0.1, 1.5))  # the moment of a kill is random, nothing is waited for
        await asyncio.to_thread(platform.kill, victim)
        await _reads_again(platform, readers, len(readers.granted), victim)
    readers.stop.set()
    await asyncio.gather(*reading)
    return readers, await editing


async def _correct_again_and_again(platform: SplitPlatform, folder: Path, stop: asyncio.Event) -> str:
    """Import a corrected text, read its page, and go on; the last correction is made when nobody is killed any more."""
    headers = {"Authorization": f"Bearer {platform.token('editor')}"}
    async with httpx.AsyncClient(base_url=platform.url, headers=headers, timeout=10) as client:
        for number in itertools.count(1):
            last = stop.is_set()
            words = f"This text was corrected for time {number}."
            content = await asyncio.to_thread(corrected, folder, words)
            landed = await asyncio.to_thread(platform.import_house, content)
            with suppress(httpx.HTTPError):
                await client.get(f"/api/v1/codes/cpt/{CODE}")  # so that the gateway keeps the page
            if last and landed:
                return words
    raise AssertionError("an endless count has ended")


async def _reads_again(platform: SplitPlatform, readers: Readers, before: int, victim: str) -> None:
    ends = asyncio.get_running_loop().time() + SETTLE_SECONDS
    while len(readers.granted) <= before + 2:
        assert asyncio.get_running_loop().time() < ends, f"no page after the kill of {victim}: {platform.said()}"
        await asyncio.sleep(0.1)


async def _settle(platform: SplitPlatform) -> None:
    """Wait until every outbox is empty and the consumer has caught up."""
    log = open_log(platform.postgres.events_url)
    await log.start()
    ends = asyncio.get_running_loop().time() + SETTLE_SECONDS
    while True:
        waiting = sum(
            int(str(platform.query(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0]))
            for service in ("catalog", "metering")
        )
        behind = sum(row.records for row in await log.lag(GROUP))
        if not waiting and not behind:
            break
        assert asyncio.get_running_loop().time() < ends, f"{waiting} rows wait, the consumer is {behind} behind"
        await asyncio.sleep(0.2)
    await log.drain(1)


def _grants_hold(platform: SplitPlatform, readers: Readers) -> None:
    grants = [(str(p), str(c)) for p, c in platform.query("metering", "SELECT principal, code FROM page_grant")]
    assert len(grants) == len(set(grants)), "no page is granted twice"
    assert readers.granted <= set(grants), "every grant that a reader saw is kept"
    most = Counter(principal for principal, _ in grants if principal.startswith("account:"))
    assert max(most.values()) == FREE_PAGES, "nobody got more than the limit"
    reconciled = platform.reconcile()
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr


def _events_hold(platform: SplitPlatform) -> None:
    views = asyncio.run(_views_in_the_log(platform))
    written = {
        str(row[0]) for row in platform.query("metering", f"SELECT event_id FROM outbox WHERE topic = '{TOPIC}'")
    }
    assert set(views) == written, "what was written was published, and nothing else"
    grants = platform.query("metering", "SELECT count(*) FROM page_grant WHERE NOT carried")
    assert len(views) == grants[0][0], "every grant was told of once in effect"
    rebuilt = Counter(views.values())
    state = {str(principal): views for principal, views in platform.query(GROUP, "SELECT * FROM page_views")}
    assert state == dict(rebuilt), "the consumer's state is what the log says"


def _pages_hold(platform: SplitPlatform, words: str) -> None:
    """What the gateway keeps of a page is what a gateway that begins anew fetches."""
    headers = {"Authorization": f"Bearer {platform.token('editor')}"}
    with httpx.Client(base_url=platform.url, headers=headers, timeout=10) as client:
        ends = time.monotonic() + SETTLE_SECONDS
        while words not in (kept := client.get(f"/api/v1/codes/cpt/{CODE}")).text:
            assert time.monotonic() < ends, f"the page never showed: {words}"
            time.sleep(0.1)
        platform.kill("gateway")
        platform.pid("gateway")
        platform.wait_ready()
        assert client.get(f"/api/v1/codes/cpt/{CODE}").json()["sections"] == kept.json()["sections"]


async def _views_in_the_log(platform: SplitPlatform) -> dict[str, str]:
    """Principal by event id: a row that was published twice has the same id."""
    log = open_log(platform.postgres.events_url)
    await log.start()
    events = [record.event() async for record in log.read(TOPIC)]
    await log.drain(1)
    return {event.id: event.parse(PageViewed).principal for event in events}
