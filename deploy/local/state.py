"""The one folder that holds everything the platform keeps on this machine, and the lock on it.

``STATE`` may be removed whole while nothing runs; the next start makes a new one.
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.problems import Problem

LONGEST_SOCKET_PATH = 107
"""Bytes that Linux and macOS leave for the path of a unix socket (Linux 107, macOS 103; the shorter one is kept)."""


class State:
    """The layout of the state folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which need not exist yet."""
        self.folder = folder.expanduser().resolve()
        self.postgres = self.folder / "postgres"
        self.keys = self.folder / "keys"
        self.uploads = self.folder / "uploads"
        self.lock_file = self.folder / "lock"
        self._address = self.folder / "address"

    def create(self) -> None:
        """Make the folder and what lies in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys.mkdir(mode=0o700, exist_ok=True)
        self.run.mkdir(mode=0o711, parents=True, exist_ok=True)

    @property
    def run(self) -> Path:
        """The folder of unix sockets: in the state folder, or a short one beside it when that path is too long."""
        inside = self.folder / "run"
        if len(os.fsencode(inside / "metering-0.sock")) <= LONGEST_SOCKET_PATH - 4 - len(".s.PGSQL.5432"):
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"codingahead-{digest}"

    def socket(self, service: str) -> str:
        """The gRPC address of a service."""
        return f"unix:{self.run / service}.sock"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one running platform; Problem when another one has it."""
        with self.lock_file.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(
                    f"Another platform already runs on {self.folder}: stop it first,"
                    " or choose another folder with STATE=/some/folder."
                ) from None
            yield

    def tell_address(self, url: str) -> None:
        """Write down where the platform that holds the folder is reached, for commands beside it."""
        self._address.write_text(f"{url}\n")

    def address(self) -> str:
        """Where the platform that runs on the folder is reached; empty when none runs."""
        return self._address.read_text().strip() if self.is_running() and self._address.exists() else ""

    def is_running(self) -> bool:
        """Whether a platform holds the folder now."""
        if not self.lock_file.exists():
            return False
        with self.lock_file.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
