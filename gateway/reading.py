"""One reading of one page: who reads, what the meter says, which view follows. Used by the site and the API alike."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from codingahead.catalog.v1 import catalog_pb2
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from gateway.auth.reader import Reader, Readers
from gateway.displays import Displays
from gateway.meter.counting import Counting
from gateway.meter.decision import Decision, Outcome, Quota, decision_of, quota_of
from gateway.meter.memory import Heard
from gateway.meter.policy import Policies, day_after
from gateway.meter.served import ServedPages
from gateway.meter.stream import DecisionStream
from gateway.view import Banner, OfficialText, PageView, Tier, Visibility
from shared.errors import DeadlineExceeded, Unavailable
from shared.identity import Kind
from shared.rpc.client import invoke

KEPT_SIGHTS = 20_000
OFFLINE_TIERS = frozenset({Tier.PRO})
"""Tiers that read on while metering is away, and are recorded afterwards."""


class Counted(StrEnum):
    """Whether a reading counts."""

    YES = "yes"
    NO = "no"
    """HEAD, prefetch and conditional requests: nothing is granted."""


class Reading(NamedTuple):
    """What a reader gets of a page."""

    reader: Reader
    decision: Decision
    view: PageView
    banner: Banner


class ReadingRoom:
    """Decides readings."""

    def __init__(
        self,
        *,
        readers: Readers,
        stream: DecisionStream,
        stub: metering_pb2_grpc.MeteringServiceAsyncStub,
        policies: Policies,
        heard: Heard,
        served: ServedPages,
        counting: Counting,
        displays: Displays,
        patience: float,
    ) -> None:
        """Take what recognises readers, the meter in its forms, and the longest wait for it in seconds."""
        self._readers = readers
        self._stream = stream
        self._stub = stub
        self._policies = policies
        self._heard = heard
        self._served = served
        self._counting = counting
        self._displays = displays
        self._patience = patience
        self._sights: dict[tuple[object, ...], tuple[PageView, Banner]] = {}
        self._ids = map("{}-{}".format, itertools.repeat(secrets.token_hex(8)), itertools.count())

    async def read(self, reader: Reader, code: catalog_pb2.Code, counted: Counted) -> Reading:
        """Decide what a reader gets of a page, and count it when it is to be counted."""
        decision = await self._decide(reader, code, peek=counted is Counted.NO)
        if decision.outcome is Outcome.GUEST_MERGED:
            reader = self._readers.replaced(reader)
            decision = await self._decide(reader, code, peek=counted is Counted.NO)
        return Reading(reader, decision, *await self._sight(code.system, decision, signed_in=reader.signed_in))

    async def _sight(self, system: str, decision: Decision, *, signed_in: bool) -> tuple[PageView, Banner]:
        """Give what follows from a decision: the view and the banner, the same ones for equal decisions."""
        policies = self._policies.newest
        key = (decision.quota, decision.outcome, decision.metering_away, system, signed_in, policies)
        sight = self._sights.get(key)
        if sight is None:
            sight = (await self._policies.view(system, decision, signed_in=signed_in), self._banner(decision))
            if policies == self._policies.newest and not decision.metering_away:
                if len(self._sights) >= KEPT_SIGHTS:
                    self._sights.clear()
                self._sights[key] = sight
        return sight

    async def displayed(self, reading: Reading, code: catalog_pb2.Code) -> Reading:
        """Give a reading as it may go out: licensed text only once its display is written down, for the licence."""
        official, view = code.official, reading.view
        shown = view.official_text is OfficialText.SHOWN and view.visibility("official") is not Visibility.LOCKED
        if not (official.licence and official.text and shown):
            return reading
        try:
            async with asyncio.timeout(self._patience):
                await self._displays.add(reading.reader.principal, code.system)
        except (Unavailable, TimeoutError):
            return reading._replace(view=replace(view, official_text=OfficialText.NOT_COUNTABLE))
        return reading

    async def standing(self, reader: Reader) -> Quota:
        """Give where a reader stands; Unavailable when metering is away."""
        response = await invoke(
            self._stub.Peek,
            pb.PeekRequest(network=reader.network),
            timeout=self._patience,
            token=self._readers.token(reader),
        )
        return quota_of(response.quota)

    def count(self, reader: Reader, counter: str) -> None:
        """Add one to a counter of the reader that is not page views."""
        self._counting.add(reader.principal.name, self._token_of(reader), counter)

    async def _decide(self, reader: Reader, page: catalog_pb2.Code, *, peek: bool) -> Decision:
        system, code = page.system, page.code
        try:
            answer = await self._stream.decide(system, code, self._readers.token(reader), reader.network, peek=peek)
        except (Unavailable, DeadlineExceeded):
            return await self._decide_offline(reader, system, code, peek=peek)
        decision = decision_of(answer)
        if peek and decision.outcome is Outcome.GRANTED:
            decision = decision._replace(outcome=Outcome.NOT_ASKED)  # it would be granted, and is not
        self._heard.hear(reader.principal.name, system, code, decision)
        return decision

    async def _decide_offline(self, reader: Reader, system: str, code: str, *, peek: bool) -> Decision:
        """Decide from what was heard: what was granted stays open, unlimited readers read on, nobody is granted."""
        name = reader.principal.name
        granted = self._heard.grant(name, system, code)
        if granted is not None:
            return granted
        standing = self._heard.standing(name)
        reads_on = standing is not None and standing.tier in OFFLINE_TIERS and not peek
        if standing is not None and reads_on and await self._queue_served(name, system, code):
            return Decision(Outcome.ALREADY_GRANTED, standing, metering_away=True)
        quota = standing or self._unknown_standing(reader)
        return Decision(Outcome.NOT_ASKED, quota, metering_away=True)

    async def _queue_served(self, name: str, system: str, code: str) -> bool:
        """Queue a page for recording; False when it cannot be put on disk, and then it is not served either."""
        try:
            async with asyncio.timeout(self._patience):
                await self._served.add(next(self._ids), name, system, code)
        except (Unavailable, TimeoutError):
            return False
        return True

    def _unknown_standing(self, reader: Reader) -> Quota:
        tier = Tier.FREE if reader.principal.kind is Kind.ACCOUNT else Tier.GUEST
        return Quota(
            tier=tier,
            limit=None,
            remaining=None,
            used=0,
            window_end=None,
            window_seconds=0,
            policy_version=self._policies.newest,
        )

    def _banner(self, decision: Decision) -> Banner:
        quota = decision.quota
        return Banner(
            tier=quota.tier,
            granted=decision.granted,
            limit=quota.limit,
            remaining=quota.remaining,
            window_end=day_after(quota.window_end),
            register_pages=self._policies.register_pages,
            network_capped=decision.outcome is Outcome.NETWORK_CAP,
            metering_away=decision.metering_away,
        )

    def _token_of(self, reader: Reader) -> Callable[[], str]:
        return lambda: self._readers.token(reader)
