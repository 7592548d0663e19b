"""One event: a bare protobuf message, its CloudEvents 1.0 attributes as headers (the Kafka binding's binary mode)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from shared.events.failure import PermanentFailure
from shared.telemetry import traceparent as current_traceparent

LARGEST_PAYLOAD = 900_000
"""Bytes; a broker refuses messages of more than 1 MiB with its headers."""

CONTENT_TYPE = "application/protobuf"
SPEC_VERSION = "1.0"
_PREFIX = "ce_"
_REQUIRED = ("id", "type", "source", "time")

M = TypeVar("M", bound=Message)
MessageClass = type[M]
Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as its service tells it."""

    id: str
    """Unique for ever; consumers know a second delivery by it."""
    type: str
    """Full name of the protobuf message."""
    source: str
    """The service, e.g. "/catalog"."""
    topic: str
    key: str
    """The aggregate's id; events of one key keep their order."""
    payload: bytes
    time: datetime
    traceparent: str = ""
    extensions: Mapping[str, str] = field(default_factory=dict)
    """Further CloudEvents attributes, lower-case names."""

    @classmethod
    def of(cls, *, topic: str, key: str, message: Message, source: str, time: datetime | None = None) -> Event:
        """Make a new event of a message, now (or at the aware `time`), in the current trace."""
        payload = message.SerializeToString(deterministic=True)
        if len(payload) > LARGEST_PAYLOAD:
            raise ValueError(f"an event of {topic} has {len(payload)} bytes; at most {LARGEST_PAYLOAD} are carried")
        if not key:
            raise ValueError(f"an event of {topic} needs a key: the id of what it is about")
        return cls(
            id=str(uuid.uuid4()),
            type=message.DESCRIPTOR.full_name,
            source=source,
            topic=topic,
            key=key,
            payload=payload,
            time=(time or datetime.now(UTC)).astimezone(UTC),
            traceparent=current_traceparent() or "",
        )

    def parse(self, message_type: MessageClass[M]) -> M:
        """Read the payload.

        Raises:
            PermanentFailure: it is of another type or does not parse.

        """
        expected = message_type.DESCRIPTOR.full_name
        if self.type != expected:
            raise PermanentFailure(f"the event is a {self.type}, not a {expected}")
        message = message_type()
        try:
            message.ParseFromString(self.payload)
        except DecodeError as error:
            raise PermanentFailure(f"the payload does not parse as {expected}: {error}") from error
        return message

    def headers(self) -> Headers:
        """The attributes as headers of the log's record."""
        attributes = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "time": self.time.isoformat(),
            **({"traceparent": self.traceparent} if self.traceparent else {}),
            **self.extensions,
        }
        return (
            ("content-type", CONTENT_TYPE.encode()),
            *((_PREFIX + name, value.encode()) for name, value in attributes.items()),
        )

    @classmethod
    def from_record(cls, topic: str, key: bytes | None, headers: Iterable[tuple[str, bytes]], payload: bytes) -> Event:
        """Read a record of the log.

        Raises:
            PermanentFailure: the record is not an event.

        """
        try:
            attributes = {
                name.removeprefix(_PREFIX): value.decode() for name, value in headers if name.startswith(_PREFIX)
            }
            missing = [name for name in _REQUIRED if not attributes.get(name)]
            if missing:
                raise PermanentFailure(f"the record is no event: it has no {', '.join(_PREFIX + n for n in missing)}")
            attributes.pop("specversion", None)
            return cls(
                id=attributes.pop("id"),
                type=attributes.pop("type"),
                source=attributes.pop("source"),
                topic=topic,
                key=(key or b"").decode(),
                payload=payload,
                time=datetime.fromisoformat(attributes.pop("time")),
                traceparent=attributes.pop("traceparent", ""),
                extensions=attributes,
            )
        except (UnicodeDecodeError, ValueError) as error:
            raise PermanentFailure(f"the record is no event: {error}") from error
