"""Topics are data, and wrong data is told by its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from shared.errors import InvalidInput
from shared.events.log import open_log
from shared.events.topics import AUDIT, Topic, load_topics

GOOD = """
topics:
  - {name: things.changed, partitions: 3, retention_days: 30}
  - {name: things.kept, partitions: 1, retention_days: null}
groups: [watchers]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "topics.yaml"
    file.write_text(text)
    return file


def test_a_group_brings_its_dead_letters_and_every_file_the_audit(tmp_path: Path) -> None:
    topics = {topic.name: topic for topic in load_topics(written(tmp_path, GOOD))}
    assert topics["things.changed"] == Topic("things.changed", 3, timedelta(days=30))
    assert topics["things.kept"].retention is None
    assert {"dead-letters.watchers", "redriven.watchers", AUDIT} < set(topics)
    assert topics[AUDIT].retention is None


def test_the_platforms_own_file_names_what_its_services_publish() -> None:
    assert {
        "catalog.release-published",
        "catalog.code-changed",
        "metering.page-viewed",
        "metering.limit-reached",
        "metering.plan-changed",
        "metering.policy-changed",
    } <= {topic.name for topic in load_topics()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("topics: [", "is not YAML"),
        ("topics: []", "groups: Field required"),
        (GOOD.replace("partitions: 3", "partitions: 0"), r"topics\.0\.partitions"),
        (GOOD.replace("things.kept", "Things Kept"), r"topics\.1\.name"),
        (GOOD.replace("things.kept", "things.changed"), "things.changed stands there twice"),
        (GOOD.replace("retention_days: 30", "retention: 30"), r"topics\.0\.retention"),
    ],
)
def test_a_wrong_file_is_told_by_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        load_topics(written(tmp_path, text))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        load_topics(tmp_path / "none.yaml")


@pytest.mark.parametrize("url", ["", "kafka://", "redis://x", "127.0.0.1:9092"])
def test_a_url_that_names_no_log_says_what_would(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"kafka://host:port, kafka\+ssl://host:port or postgres://"):
        open_log(url)
