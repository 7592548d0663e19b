"""The servers that the platform stands on: the embedded PostgreSQL, or a PostgreSQL and a Kafka that run already."""

from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg

from deploy.local.postgres import create_databases
from deploy.local.problems import Problem


class Servers(Protocol):
    """Where databases and events are."""

    @property
    def events_url(self) -> str:
        """The URL of the event log."""
        ...

    @property
    def events_away(self) -> str:
        """What to do when the event log does not answer, in a sentence."""
        ...

    def url(self, database: str) -> str:
        """The URL of a service's database."""
        ...

    def start(self) -> None:
        """Make sure that everything answers."""
        ...

    def runs(self) -> bool:
        """Whether what `start` started still runs; what others start is theirs to watch."""
        ...

    def stop(self) -> None:
        """Stop what `start` started."""
        ...


class ProvidedServers:
    """A PostgreSQL and a Kafka that somebody else starts and stops."""

    def __init__(self, postgres_url: str, kafka_url: str) -> None:
        """Take the URL of any database of the PostgreSQL, and of the Kafka."""
        self._postgres = urlsplit(postgres_url)
        self.events_url = kafka_url

    @property
    def events_away(self) -> str:
        """What to do when Kafka does not answer."""
        brokers = self.events_url.partition("://")[2].rpartition("@")[2].partition("?")[0]
        return f"Kafka does not answer at {brokers}: start it with `make servers`, or name another with KAFKA_URL."

    def url(self, database: str) -> str:
        """The URL of a service's database."""
        return urlunsplit(self._postgres._replace(path=f"/{database}"))

    def start(self) -> None:
        """Create databases and topics that are missing; Problem when a server does not answer."""
        try:
            create_databases(urlunsplit(self._postgres))
        except psycopg.OperationalError as error:
            raise Problem(
                f"PostgreSQL does not answer at {self._postgres.hostname}:{self._postgres.port}:"
                " start it with `make servers`, or name another with POSTGRES_URL."
            ) from error

    def runs(self) -> bool:
        """Nothing was started here."""
        return True

    def stop(self) -> None:
        """Leave the servers to their owner."""
