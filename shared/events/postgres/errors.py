"""What goes wrong in the database, in the words of the event log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from shared.errors import FailedPrecondition, Unavailable
from shared.events.failure import LogAway
from shared.events.log import HOW_TO_CREATE


def unknown_topic(name: str) -> FailedPrecondition:
    """The error for a topic that does not exist."""
    return FailedPrecondition("TOPIC_UNKNOWN", f"There is no topic {name}; {HOW_TO_CREATE}.", metadata={"topic": name})


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise LogAway for a database that cannot be reached, and say how to make a log that was never made."""
    try:
        yield
    except errors.UndefinedTable as error:
        raise FailedPrecondition("EVENT_LOG_EMPTY", f"The event log has no tables; {HOW_TO_CREATE}.") from error
    except (psycopg.OperationalError, Unavailable, OSError) as error:
        raise LogAway(what) from error
