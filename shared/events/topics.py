"""Topics are data: read from `deploy/kafka/topics.yaml`, and made by a command rather than by whoever writes first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import InvalidInput

PACKAGED = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.yaml"
DEAD_LETTERS = "dead-letters."
REDRIVEN = "redriven."
AUDIT = "dead-letter-decisions"

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,100}")


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention` is how long a record is kept; None keeps it for ever."""

    name: str
    partitions: int
    retention: timedelta | None


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of a topic; order holds inside it."""

    topic: str
    number: int

    def __str__(self) -> str:
        """The form in which logs and commands name it."""
        return f"{self.topic}/{self.number}"


def dead_letter_topic(group: str) -> str:
    """The topic that holds what a group could never handle."""
    return DEAD_LETTERS + group


def redriven_topic(group: str) -> str:
    """The topic by which dead letters come back to the group they belong to, and to no other."""
    return REDRIVEN + group


class _TopicEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]
    partitions: Annotated[int, Field(ge=1, le=1000)]
    retention_days: Annotated[int, Field(ge=1)] | None


class _TopicsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    topics: list[_TopicEntry]
    groups: list[Annotated[str, Field(pattern=f"^{_NAME.pattern}$")]]


def group_topics(group: str) -> tuple[Topic, Topic]:
    """The two topics that a group of effect consumers needs besides those it reads."""
    keep = timedelta(days=180)
    return Topic(dead_letter_topic(group), 1, keep), Topic(redriven_topic(group), 1, keep)


def audit_topic() -> Topic:
    """The append-only record of what people decided about dead letters."""
    return Topic(AUDIT, 1, None)


def load_topics(path: Path = PACKAGED) -> tuple[Topic, ...]:
    """Read a topics file; the topics of its groups and the audit are among the result.

    Raises:
        InvalidInput: the file is missing or wrong; the sentence names the place.

    """
    try:
        content = _TopicsFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidInput("TOPICS_FILE_UNREADABLE", f"{path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise InvalidInput("TOPICS_FILE_INVALID", f"{path} is not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the top"
        raise InvalidInput("TOPICS_FILE_INVALID", f"{path}, {place}: {first['msg']}.") from error
    named = [
        Topic(entry.name, entry.partitions, timedelta(days=entry.retention_days) if entry.retention_days else None)
        for entry in content.topics
    ]
    return (*_unique(named, path), *(topic for group in content.groups for topic in group_topics(group)), audit_topic())


def groups_of(topics: Iterable[str]) -> tuple[str, ...]:
    """The groups that have dead letters among these topics."""
    return tuple(sorted(name.removeprefix(DEAD_LETTERS) for name in topics if name.startswith(DEAD_LETTERS)))


def _unique(topics: Sequence[Topic], path: Path) -> Sequence[Topic]:
    names = [topic.name for topic in topics]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput("TOPICS_FILE_INVALID", f"{path}: {twice[0]} stands there twice.")
    return topics
