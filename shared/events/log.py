"""The port of the event log: what a relay, a consumer and the commands ask of it, whichever log stands behind.

A log has topics of numbered partitions; a record's key chooses its partition, and a partition keeps the order in which
records were confirmed. A record may arrive twice; it is never lost once confirmed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.errors import InvalidInput
from shared.events.event import Event, Headers
from shared.events.topics import Partition, Topic

HOW_TO_CREATE = "`python -m shared.events topics create` makes the topics"


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies in the log."""

    partition: Partition
    offset: int
    key: bytes | None
    headers: Headers
    payload: bytes

    def event(self) -> Event:
        """Read it as an event; raises PermanentFailure where it is none."""
        return Event.from_record(self.partition.topic, self.key, self.headers, self.payload)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a group is behind the end of one partition."""

    group: str
    partition: Partition
    position: int
    """Offset of the next record it will read."""
    end: int
    """Offset that the next appended record will get."""

    @property
    def records(self) -> int:
        """Records not yet handled."""
        return max(0, self.end - self.position)


class TailBroken(Exception):
    """Records may have been missed; whoever caches what it read must forget it and open a new tail."""


class Membership(Protocol):
    """A member of a consumer group. One task uses it; it is not for use by several at once."""

    def assigned(self) -> frozenset[Partition]:
        """The partitions that this member reads; they change inside `poll` only."""
        ...

    async def poll(self, wait: float, *, held: Collection[Partition] = ()) -> Sequence[Record]:
        """Read on, waiting up to `wait` seconds for a record; nothing is read from `held` partitions.

        Raises:
            LogAway: try again later; the membership recovers by itself.

        """
        ...

    async def commit(self, positions: Mapping[Partition, int]) -> None:
        """Confirm that everything before these offsets was handled.

        Raises:
            PartitionLost: another member has one of them now; the others are committed.
            LogAway: try again later.

        """
        ...

    async def rewind(self, positions: Mapping[Partition, int]) -> None:
        """Let the next poll read these partitions from these offsets again."""
        ...

    async def leave(self) -> None:
        """Leave the group; its partitions go to the other members at once."""
        ...


class Tail(Protocol):
    """A reader of every partition of some topics from their newest end, which belongs to no group."""

    async def poll(self, wait: float) -> Sequence[Record]:
        """Read on, waiting up to `wait` seconds; raises TailBroken when records may have been missed."""
        ...

    async def close(self) -> None:
        """Stop reading."""
        ...


class EventLog(Protocol):
    """An event log; a part of a service. It starts without reaching the log: a service may start while it is away."""

    @property
    def name(self) -> str:
        """A name for log lines."""
        ...

    async def start(self) -> None:
        """Make ready to be used."""
        ...

    async def drain(self, grace: float) -> None:
        """Close every connection."""
        ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Append events; returns when every one is confirmed. Events of one key keep their order.

        Raises:
            LogAway: some may be in the log; publish the same events again, in the same order.
            FailedPrecondition: a topic does not exist.

        """
        ...

    async def join(self, group: str, topics: Sequence[str]) -> Membership:
        """Become a member of a group that reads these topics; a new group begins with the oldest record."""
        ...

    async def tail(self, topics: Sequence[str]) -> Tail:
        """Begin to read at the present end of these topics; the ends are fixed when this returns."""
        ...

    def read(self, topic: str) -> AsyncIterator[Record]:
        """Every record of a topic from its oldest to its present end, partition after partition."""
        ...

    async def create_topics(self, topics: Sequence[Topic]) -> Mapping[str, str]:
        """Make the topics that are missing; gives "created" or "exists" by name.

        Raises:
            FailedPrecondition: one exists with another number of partitions.

        """
        ...

    async def topics(self) -> Sequence[Topic]:
        """The topics there are."""
        ...

    async def lag(self, group: str | None = None) -> Sequence[Lag]:
        """How far every group (or this one) is behind."""
        ...


def open_log(url: str) -> EventLog:
    """Give the event log that a URL names: postgres://user@host/events, or one of the forms of `kafka/address.py`.

    Raises:
        InvalidInput: the URL names neither, or is not of the form.

    """
    scheme, separator, rest = url.partition("://")
    if separator and rest and scheme in ("postgres", "postgresql"):
        from shared.events.postgres.log import PostgresLog  # noqa: PLC0415 - only the chosen log's driver is loaded

        return PostgresLog(url)
    if separator and rest and scheme in ("kafka", "kafka+ssl"):
        from shared.events.kafka.log import KafkaLog  # noqa: PLC0415 - only the chosen log's driver is loaded

        return KafkaLog(url)
    raise InvalidInput(
        "EVENTS_URL_INVALID",
        f"EVENTS_URL begins with {scheme!r}; kafka://host:port, kafka+ssl://host:port or"
        " postgres://user@host/events is needed.",
    )
