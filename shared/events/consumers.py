"""Consumers that have an effect: each event changes the consumer's database once, however often it is delivered.

A group shares the partitions of its topics. An event that can never be handled goes to the group's dead letters; after
any other failure its partition stands still, and the event is tried again until it succeeds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from google.protobuf.message import DecodeError

from shared.database import Connection, Database
from shared.errors import DomainError
from shared.events import metrics
from shared.events.backoff import Backoff
from shared.events.cache import CacheConsumer
from shared.events.dead_letters import letter_for, redelivered
from shared.events.event import Event
from shared.events.failure import LogAway, PartitionLost, PermanentFailure
from shared.events.log import EventLog, Membership, Record
from shared.events.topics import Partition, redriven_topic
from shared.tasks import end
from shared.telemetry import trace_context, tracer

__all__ = ["CacheConsumer", "EffectConsumer", "PermanentFailure"]

POLL_SECONDS = 2.0
ROUND_SECONDS = 5.0
"""Longest that one partition is worked on before the others are looked at again."""
HANDLER_SECONDS = 60.0
LAG_SECONDS = 15.0

EffectHandler = Callable[[Connection, Event], Awaitable[None]]

_log = structlog.get_logger(__name__)
_FIRST_TIME = "INSERT INTO consumed_events (consumer, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_FORGET = "DELETE FROM consumed_events WHERE consumer = %s AND consumed_at < clock_timestamp() - interval '400 days'"


@dataclass(frozen=True, slots=True)
class _Hold:
    """A partition that stands still until a time of the loop's clock."""

    failures: int
    until: float


class EffectConsumer:
    """One member of a group of effect consumers; a part of a service."""

    def __init__(
        self,
        log: EventLog,
        database: Database,
        *,
        group: str,
        topics: Sequence[str],
        handle: EffectHandler,
        backoff: Backoff | None = None,
        parallel: int = 4,
        handler_seconds: float = HANDLER_SECONDS,
    ) -> None:
        """Take the group and what it does with an event, in the transaction that it is given.

        `parallel` partitions are worked on at a time; a handler that takes over `handler_seconds` has failed.
        """
        self.name = f"consumer {group}"
        self._log, self._database = log, database
        self._group, self._topics, self._handle = group, (*topics, redriven_topic(group)), handle
        self._backoff = backoff or Backoff()
        self._gate = asyncio.Semaphore(parallel)
        self._handler_seconds = handler_seconds
        self._holds: dict[Partition, _Hold] = {}
        self._uncommitted: dict[Partition, int] = {}
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to consume; the log may still be away."""
        self._stopping.clear()
        self._tasks = [
            asyncio.create_task(self._run(), name=self.name),
            asyncio.create_task(self._keep_house(), name=f"{self.name}, lag"),
        ]

    async def drain(self, grace: float) -> None:
        """Finish the event under way within `grace` seconds, commit, and leave the group."""
        self._stopping.set()
        if not self._tasks:
            return
        run, house = self._tasks
        await asyncio.wait([run], timeout=grace)
        await end(run, house)
        self._tasks = []

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                member = await self._log.join(self._group, self._topics)
                failures = 0
                try:
                    await self._consume(member)
                finally:
                    self._holds.clear()
                    self._uncommitted.clear()
                    await member.leave()
            except DomainError as error:
                _log.warning("consumer has to wait", group=self._group, reason=error.reason, error=error.message)
            except Exception:  # noqa: BLE001 - a group without its member would stand still
                _log.exception("consumer joins again", group=self._group)
            failures += 1
            await self._pause(self._backoff.delay(failures))

    async def _consume(self, member: Membership) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._round(member)
                failures = 0
            except LogAway as error:
                failures += 1
                _log.warning("event log away", group=self._group, error=error.message)
                await self._pause(self._backoff.delay(failures))

    async def _round(self, member: Membership) -> None:
        now = asyncio.get_running_loop().time()
        held = {place for place, hold in self._holds.items() if hold.until > now}
        wait = min([POLL_SECONDS, *(self._holds[place].until - now for place in held)])
        reading = asyncio.ensure_future(member.poll(max(wait, 0.01), held=held))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([reading, stopping], return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set() and not reading.done():
                reading.cancel()
                return
            records = reading.result()
        finally:
            stopping.cancel()
            if not reading.done():
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await reading
        self._forget_lost(member)
        by_partition: dict[Partition, list[Record]] = defaultdict(list)
        for record in records:
            by_partition[record.partition].append(record)
        await asyncio.gather(*(self._work(member, place, batch) for place, batch in by_partition.items()))
        metrics.HELD_PARTITIONS.labels(self._group).set(len(self._holds))
        await self._commit(member)

    def _forget_lost(self, member: Membership) -> None:
        ours = member.assigned()
        self._holds = {place: hold for place, hold in self._holds.items() if place in ours}
        self._uncommitted = {place: at for place, at in self._uncommitted.items() if place in ours}

    async def _commit(self, member: Membership) -> None:
        if not self._uncommitted:
            return
        try:
            await member.commit(self._uncommitted)
        except PartitionLost as lost:
            _log.info("partition went to another member", group=self._group, partitions=str(lost))
        self._uncommitted = {}

    async def _work(self, member: Membership, place: Partition, batch: Sequence[Record]) -> None:
        """Handle records of one partition in order, up to the first that fails for now."""
        async with self._gate:
            ends = asyncio.get_running_loop().time() + ROUND_SECONDS
            for record in batch:
                if self._stopping.is_set() or asyncio.get_running_loop().time() > ends:
                    await member.rewind({place: record.offset})
                    return
                if not await self._settle(record):
                    await member.rewind({place: record.offset})
                    return
                self._uncommitted[place] = record.offset + 1

    async def _settle(self, record: Record) -> bool:
        """Handle one record; False when it has to be tried again."""
        place = record.partition
        try:
            try:
                outcome = await self._effect(record)
            except (PermanentFailure, DecodeError) as failure:
                await self._give_up(record, str(failure))
                outcome = "dead_letter"
        except Exception as error:  # noqa: BLE001 - whatever is not permanent is tried again
            failures = self._holds[place].failures + 1 if place in self._holds else 1
            delay = self._backoff.delay(failures)
            self._holds[place] = _Hold(failures, asyncio.get_running_loop().time() + delay)
            _log.warning(
                "event not handled now, partition waits",
                group=self._group, place=f"{place}/{record.offset}", failures=failures,
                seconds=round(delay, 2), error=type(error).__name__,
            )  # fmt: skip
            metrics.CONSUMED.labels(self._group, place.topic, "retried").inc()
            return False
        self._holds.pop(place, None)
        metrics.CONSUMED.labels(self._group, place.topic, outcome).inc()
        return True

    async def _effect(self, record: Record) -> str:
        event = redelivered(record.event())
        with tracer(__name__).start_as_current_span(
            f"consume {event.topic}",
            context=trace_context(event.traceparent),
            attributes={"messaging.consumer.group.name": self._group, "messaging.message.id": event.id},
        ):
            async with asyncio.timeout(self._handler_seconds), self._database.transaction() as conn:
                if not (await conn.execute(_FIRST_TIME, (self._group, event.id))).rowcount:
                    return "repeated"
                await self._handle(conn, event)
        return "handled"

    async def _give_up(self, record: Record, reason: str) -> None:
        _log.error(
            "event can never be handled", group=self._group, place=f"{record.partition}/{record.offset}", reason=reason
        )
        await self._log.publish([letter_for(self._group, record, reason)])

    async def _keep_house(self) -> None:
        """Report the lag, and forget ids of events that no log keeps any more."""
        while True:
            with contextlib.suppress(DomainError):
                for lag in await self._log.lag(self._group):
                    place = lag.partition
                    metrics.LAG.labels(self._group, place.topic, str(place.number)).set(lag.records)
                async with self._database.connection() as conn:
                    await conn.execute(_FORGET, (self._group,))
            await asyncio.sleep(LAG_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
