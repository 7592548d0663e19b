"""Asking a broker about its topics and groups. Every call opens a client of its own: these are rare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic, OffsetSpec
from kafka.errors import for_code

from shared.errors import FailedPrecondition
from shared.events.log import Lag
from shared.events.topics import Partition, Topic

TIMEOUT_MS = 5000
EXISTS = 36
"""Kafka's error code TOPIC_ALREADY_EXISTS."""
_RETENTION = "retention.ms"


@contextmanager
def admin(connection: Mapping[str, Any]) -> Iterator[Any]:
    """A client for the time of the block."""
    client = KafkaAdminClient(**connection, request_timeout_ms=TIMEOUT_MS, bootstrap_timeout_ms=TIMEOUT_MS)
    try:
        yield client
    finally:
        client.close()


def topic_names(connection: Mapping[str, Any]) -> frozenset[str]:
    """The topics there are."""
    with admin(connection) as client:
        return frozenset(client.list_topics())


def create_topics(connection: Mapping[str, Any], topics: Sequence[Topic], replication: int) -> Mapping[str, str]:
    """Make the topics that are missing; gives "created" or "exists" by name."""
    wanted = {topic.name: topic for topic in topics}
    with admin(connection) as client:
        answer = client.create_topics(
            [
                NewTopic(topic.name, topic.partitions, replication, topic_configs={_RETENTION: _milliseconds(topic)})
                for topic in topics
            ],
            raise_errors=False,
        )
        outcome: dict[str, str] = {}
        for row in answer["topics"]:
            if row["error_code"] not in (0, EXISTS):
                raise FailedPrecondition(
                    "TOPIC_NOT_CREATED",
                    f"Kafka does not create the topic {row['name']}: "
                    f"{row['error_message'] or for_code(row['error_code']).__name__}",
                )
            outcome[row["name"]] = "exists" if row["error_code"] == EXISTS else "created"
        client.wait_for_topics(list(wanted))
        for there in _describe(client, [name for name, what in outcome.items() if what == "exists"]):
            _same_partitions(there, wanted[there.name])
    return outcome


def describe(connection: Mapping[str, Any]) -> list[Topic]:
    """Every topic but Kafka's own."""
    with admin(connection) as client:
        return _describe(client, sorted(name for name in client.list_topics() if not name.startswith("__")))


def lag(connection: Mapping[str, Any], group: str | None) -> list[Lag]:
    """How far groups are behind."""
    with admin(connection) as client:
        known = [row["group_id"] for row in client.list_groups()]
        groups = sorted(name for name in known if group in (None, name))
        rows: list[Lag] = []
        for name in groups:
            committed = client.list_group_offsets({name: None}).get(name, {})
            places = [place for place, at in committed.items() if at.offset >= 0]
            if not places:
                continue
            ends = client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
            rows += [
                Lag(name, Partition(place.topic, place.partition), committed[place].offset, ends[place].offset)
                for place in sorted(places)
                if place in ends
            ]
    return rows


def partitions_of(connection: Mapping[str, Any], topics: Sequence[str]) -> list[TopicPartition]:
    """The partitions of topics that exist."""
    with admin(connection) as client:
        there = set(client.list_topics())
        found = client.describe_topics([topic for topic in topics if topic in there])
        return [TopicPartition(row["name"], place["partition_index"]) for row in found for place in row["partitions"]]


def _describe(client: Any, names: Sequence[str]) -> list[Topic]:
    if not names:
        return []
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    settings = client.describe_configs(resources)["topic"]
    return [
        Topic(row["name"], len(row["partitions"]), _retention(settings.get(row["name"], {})))
        for row in client.describe_topics(list(names))
    ]


def _same_partitions(there: Topic, wanted: Topic) -> None:
    if there.partitions != wanted.partitions:
        raise FailedPrecondition(
            "TOPIC_PARTITIONS_DIFFER",
            f"The topic {there.name} has {there.partitions} partitions, not {wanted.partitions}; a topic's partitions "
            "are never changed, because the order of a key would break. Name a new topic instead.",
        )


def _milliseconds(topic: Topic) -> str:
    return "-1" if topic.retention is None else str(int(topic.retention / timedelta(milliseconds=1)))


def _retention(settings: Mapping[str, Mapping[str, str]]) -> timedelta | None:
    value = int(settings.get(_RETENTION, {}).get("value", "-1"))
    return None if value < 0 else timedelta(milliseconds=value)
