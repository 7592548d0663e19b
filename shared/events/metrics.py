"""What events report of themselves to Prometheus."""

from prometheus_client import Counter, Gauge

OUTBOX_DEPTH = Gauge("events_outbox_depth", "Outbox rows that wait to be published.", ["service"])
OUTBOX_OLDEST = Gauge("events_outbox_oldest_seconds", "Age of the oldest waiting outbox row.", ["service"])
RELAY_ACTIVE = Gauge("events_relay_active", "1 while this process holds the service's relay.", ["service"])
PUBLISHED = Counter("events_published", "Events confirmed by the log.", ["service", "topic"])
PUBLISH_FAILURES = Counter("events_publish_failures", "Batches that the log did not confirm.", ["service"])
CONSUMED = Counter(
    "events_consumed",
    "Events by outcome: handled, repeated (no second effect), dead_letter, retried (not now).",
    ["consumer", "topic", "outcome"],
)
LAG = Gauge("events_consumer_lag", "Records that a group has not handled yet.", ["consumer", "topic", "partition"])
HELD_PARTITIONS = Gauge("events_held_partitions", "Partitions that wait after a failure.", ["consumer"])
CACHE_RESETS = Counter("events_cache_resets", "Times a cache was emptied, by reason.", ["consumer", "reason"])
CACHE_LISTENING = Gauge(
    "events_cache_listening", "1 while a cache hears every event; while 0, what it holds may be stale.", ["consumer"]
)
