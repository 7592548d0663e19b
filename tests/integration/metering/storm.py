"""Readers by the dozen, all at once: random decisions, merges, plans, credits and clock steps, and an account of them.

The account is drawn up from the ledger alone by the plain words of the rules, without metering's own code for them.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from services.metering import accounts
from services.metering.adapters.policies import put_first
from services.metering.adapters.postgres import PostgresStore
from services.metering.content import Content
from services.metering.decision import Decision, Outcome, PageView
from services.metering.meter import Meter
from services.metering.policy import Tier, default_policy
from shared.clock import Clock
from shared.database import Database
from shared.errors import DomainError
from tests.stepped_clock import SteppedClock

START = datetime(2026, 1, 30, 22, 0, tzinfo=UTC)
GUESTS, ACCOUNTS, PARTNERS, CODES = 60, 12, 3, 14
PAGES = {"guest": 1, "free": 5, "pro": None, "partner": 10_000}
WINDOW = timedelta(days=30)
StoreOf = Callable[[Database, Clock], PostgresStore]


def usual_store(database: Database, clock: Clock) -> PostgresStore:
    """Metering's own store."""
    return PostgresStore(database, clock=clock, timeout=60)


@dataclass
class Storm:
    """A storm over several meters that share one database."""

    seed: int
    meters: Sequence[Meter]
    stores: Sequence[PostgresStore]
    clock: SteppedClock
    granted: dict[str, Decision] = field(default_factory=dict)
    """Answers that granted a page, by request id."""
    failures: list[str] = field(default_factory=list)
    """Calls that failed though nothing was wrong with them."""
    number: int = 0

    def __post_init__(self) -> None:
        """Seed the dice."""
        self.dice = random.Random(self.seed)  # noqa: S311 - a storm, not a secret

    async def blow(self, decisions: int, callers: int = 64) -> None:
        """Ask for so many decisions, from so many callers at once."""
        left = iter(range(decisions))

        async def caller() -> None:
            for _ in left:
                await self._act()

        await asyncio.gather(*(caller() for _ in range(callers)))

    async def _act(self) -> None:
        self.number += 1
        request_id = f"{self.seed}-{self.number}"
        chance = self.dice.random()
        if chance < 0.004:
            self.clock.step(timedelta(hours=self.dice.choice([1, 5, 30, 200, -3, -100])))
        elif chance < 0.03:
            await self._change(self.dice.choice(self.stores), request_id)
        elif chance < 0.036:
            await self._burst(request_id)
        await self._view(self.dice.choice(self.meters), request_id)

    async def _view(self, meter: Meter, request_id: str) -> None:
        reader = self._reader()
        network = f"net-{self.dice.randrange(3)}" if reader.startswith("guest") else ""
        view = PageView(reader, Content("cpt", f"9921{self.dice.randrange(CODES)}"), request_id, network)
        times = 2 if self.dice.random() < 0.02 else 1
        await asyncio.gather(*(self._decide(meter, view) for _ in range(times)))

    async def _burst(self, request_id: str) -> None:
        """Let a new account open more pages than it may, all at once: other ones at every meter."""
        asked = [
            (
                meter,
                PageView(f"account:new{self.number}", Content("cpt", f"99{at}0{code}"), f"{request_id}-{at}-{code}"),
            )
            for at, meter in enumerate(self.meters)
            for code in range(5)
        ]
        await asyncio.gather(*(self._decide(meter, view) for meter, view in asked))

    async def _decide(self, meter: Meter, view: PageView) -> None:
        try:
            answer = await meter.decide(view, 60)
        except (DomainError, psycopg.Error) as error:
            self.failures.append(f"{view.request_id} failed: {error!r}")
            return
        if answer.outcome is Outcome.GRANTED:
            self.granted[view.request_id] = answer

    async def _change(self, store: PostgresStore, request_id: str) -> None:
        name = f"account:a{self.dice.randrange(ACCOUNTS)}"
        kind = self.dice.choice(["merge", "merge", "plan", "credit"])
        try:
            async with store.transaction() as tx:
                if kind == "merge":
                    guest = f"g{self.dice.randrange(GUESTS)}"
                    await accounts.merge_guest(tx, guest, name.partition(":")[2], request_id, "storm")
                elif kind == "plan":
                    tier = self.dice.choice([Tier.FREE, Tier.FREE, Tier.PRO, Tier.PARTNER])
                    quota = 7 if tier is Tier.PARTNER else None
                    await accounts.set_plan(tx, name, tier, quota, request_id=request_id, actor="storm", note="")
                else:
                    pages = self.dice.choice([-3, -1, 1, 2])
                    await accounts.credit(tx, name, pages, request_id=request_id, actor="storm", note="storm")
        except DomainError as error:
            if error.reason != "PLAN_UNLIMITED":
                self.failures.append(f"{request_id} failed: {error!r}")
        except psycopg.Error as error:
            self.failures.append(f"{request_id} failed: {error!r}")

    def _reader(self) -> str:
        kind = self.dice.choices(["guest:g", "account:a", "partner:p"], [3, 6, 1])[0]
        return kind + str(self.dice.randrange({"g": GUESTS, "a": ACCOUNTS, "p": PARTNERS}[kind[-1]]))


async def run_storm(
    database_url: str, decisions: int, *, seed: int = 1, store_of: StoreOf = usual_store, processes: int = 3
) -> list[str]:
    """Let a storm blow over a migrated database and give every broken promise, as sentences."""
    clock = SteppedClock(START)
    databases = [Database(database_url, max_size=6, timeout=60) for _ in range(processes)]
    stores = [store_of(database, clock) for database in databases]
    meters = [Meter(store) for store in stores]
    for database, meter in zip(databases, meters, strict=True):
        await database.open()
        await meter.start()
    async with databases[0].transaction() as conn:
        await put_first(conn, default_policy(), START)
    try:
        storm = Storm(seed, meters, stores, clock)
        await storm.blow(decisions)
        async with stores[0].snapshot() as tx:
            report = await tx.reconcile("", 100)
        broken = [f"{one.principal}: {one.detail}" for one in report.discrepancies]
        async with databases[0].connection() as conn:
            ledger = await (await conn.execute("SELECT * FROM ledger ORDER BY id")).fetchall()
            grants = await (await conn.execute("SELECT * FROM page_grant")).fetchall()
        return storm.failures + broken + unlawful(ledger) + forgotten(storm.granted, grants)
    finally:
        for database, meter in zip(databases, meters, strict=True):
            await meter.drain(5)
            await database.close()


@dataclass
class Book:
    """One reader, as the plain rules see it while its ledger is replayed."""

    who: str
    newest: datetime | None = None
    merged: bool = False
    pages: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    """Granted and carried, by window."""
    carried: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    credits: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    quota: int = 10_000

    def enter(self, entry: dict[str, Any]) -> Iterator[str]:
        """Replay one entry and give what it breaks."""
        if self.merged:
            yield f"{self.who}: an entry after its merge"
        if self.newest is not None and entry["kind"] != "merge" and entry["at"] < self.newest:
            yield f"{self.who}: an entry before the one before it"
        self.newest = entry["at"]
        window, kind = entry["window_no"], entry["kind"]
        if kind == "credit":
            self.credits[window] += entry["pages"]
        elif kind == "plan" and entry["tier"] == "partner":
            self.quota = 7
        elif kind == "merge":
            self.merged = True
        elif kind == "carry":
            self.carried[window] += 1
            self.pages[window] += 1
            if self.carried[window] > 1:
                yield f"{self.who}: carried twice in a window"
        elif kind == "grant":
            base = self.quota if entry["tier"] == "partner" else PAGES[entry["tier"]]
            allowed = None if base is None else base + self.carried[window] + self.credits[window]
            if allowed is not None and self.pages[window] >= allowed:
                yield f"{self.who}: page {self.pages[window] + 1} of {allowed} in window {window}"
            self.pages[window] += 1


def unlawful(ledger: Sequence[dict[str, Any]]) -> list[str]:
    """Replay the ledger by the plain rules and give every entry that they do not allow."""
    books: dict[str, Book] = {}
    return [
        broken
        for entry in ledger
        for broken in books.setdefault(entry["principal"], Book(entry["principal"])).enter(entry)
    ]


def forgotten(granted: dict[str, Decision], grants: Sequence[dict[str, Any]]) -> list[str]:
    """Give every page that was answered as granted and is not kept, or is kept and was never answered."""
    kept = {row["request_id"]: row for row in grants if not row["carried"]}
    broken = [f"{request_id} was granted and is not kept" for request_id in granted.keys() - kept.keys()]
    broken += [f"{request_id} is kept and was never granted" for request_id in kept.keys() - granted.keys()]
    for request_id, decision in granted.items():
        row = kept.get(request_id)
        if row and (decision.grant is None or row["granted_at"] != decision.grant.at):
            broken.append(f"{request_id} was granted at another time than kept")
    windows: dict[tuple[str, int], set[tuple[datetime, datetime]]] = defaultdict(set)
    seen: dict[tuple[str, str], datetime] = {}
    for row in sorted(grants, key=lambda row: (row["granted_at"], row["granted_until"])):
        windows[row["principal"], row["window_no"]].add((row["window_start"], row["window_end"]))
        if row["carried"]:
            continue  # it has the time of the guest's grant, and may have come when others of that time had ended
        key = (row["principal"], row["code"])
        if row["granted_at"] < seen.get(key, row["granted_at"]):
            broken.append(f"{key} was counted again while it could be read")
        seen[key] = row["granted_until"]
    broken += [f"{window} has several spans" for window, spans in windows.items() if len(spans) > 1]
    return broken
