"""Publishing to Kafka: idempotent, acknowledged by all replicas, one request in flight for the sake of order."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from shared.events.event import Event
from shared.events.failure import LogAway
from shared.events.kafka.admin import topic_names
from shared.events.kafka.errors import translated, unknown_topic

CONFIRM_SECONDS = 20.0
METADATA_SECONDS = 5.0


class _Producer(KafkaProducer):  # type: ignore[misc]
    """The library's `close(0)` stops at a flush that runs out of time, and leaves its thread sending."""

    def flush(self, timeout: float | None = None) -> None:
        """Flush as far as time allows."""
        with suppress(KafkaTimeoutError):
            super().flush(timeout)


class Publisher:
    """One producer, made when it is first needed and made anew after a failure. For use by one thread at a time."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        """Take how the cluster is reached."""
        self._connection = connection
        self._producer: Any = None
        self._known: set[str] = set()

    def publish(self, events: Sequence[Event]) -> None:
        """Send all events and wait until every one is confirmed.

        When one is not, the producer is dropped with everything that it has not sent: a later event of a key must not
        be sent after an earlier one was given up.
        """
        try:
            producer = self._ready(sorted({event.topic for event in events}))
            with translated(f"publishing {len(events)} events"):
                sent = [
                    producer.send(event.topic, event.payload, key=event.key.encode(), headers=list(event.headers()))
                    for event in events
                ]
                ends = time.monotonic() + CONFIRM_SECONDS
                for confirmation in sent:
                    confirmation.get(timeout=max(0.0, ends - time.monotonic()))
        except LogAway:
            self.close(0)
            raise

    def close(self, seconds: float) -> None:
        """Close the producer, waiting so long for what is under way."""
        producer, self._producer = self._producer, None
        self._known.clear()
        if producer:
            producer.close(timeout=seconds)

    def _ready(self, topics: Sequence[str]) -> Any:
        # The producer waits long for the metadata of a topic that does not exist, and does not say why.
        with translated("reaching a broker"):
            if self._producer is None:
                self._producer = _Producer(
                    **self._connection,
                    client_id="coding-ahead",
                    acks="all",
                    enable_idempotence=True,
                    max_in_flight_requests_per_connection=1,
                    linger_ms=5,
                    batch_size=512 * 1024,
                    max_block_ms=METADATA_SECONDS * 1000,
                    bootstrap_timeout_ms=METADATA_SECONDS * 1000,
                    reconnect_backoff_max_ms=1000,
                    allow_auto_create_topics=False,
                )
            new = set(topics) - self._known
            missing = sorted(new - topic_names(self._connection)) if new else []
        if missing:
            raise unknown_topic(missing[0])
        self._known |= new
        return self._producer
