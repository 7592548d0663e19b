"""What goes wrong at the broker, in the words of the event log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kafka.errors import CommitFailedError, IllegalGenerationError, KafkaError, RebalanceInProgressError
from kafka.errors import UnknownMemberIdError as UnknownMember

from shared.errors import FailedPrecondition
from shared.events.failure import LogAway
from shared.events.log import HOW_TO_CREATE

LOST_ITS_PLACE = (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMember)
"""The group has moved on without this member."""


def unknown_topic(name: str) -> FailedPrecondition:
    """The error for a topic that does not exist."""
    return FailedPrecondition("TOPIC_UNKNOWN", f"There is no topic {name}; {HOW_TO_CREATE}.", metadata={"topic": name})


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise LogAway for everything that the client meets."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise LogAway(f"{what} ({type(error).__name__})") from error
