"""What can go wrong on a machine before the platform runs, each as one sentence with what to do."""

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from shared.errors import Unavailable


class Problem(Exception):
    """A condition of the machine that the operator has to change; its text says how."""


LEAST_FREE_BYTES = 1_500_000_000
"""PostgreSQL with all of ICD-10-CM, its write-ahead log and a second release during an import take about 1 GB."""


NOTHING_LEFT_BYTES = 32_000_000
"""PostgreSQL writes ahead in files of 16 MB, and stops at once when it cannot make the next one."""


def require_free_port(host: str, port: int) -> None:
    """Raise Problem when nothing can listen on host:port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Problem(_port_sentence(host, port, error)) from error


def _port_sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop that one, or choose another port with PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than this user has: choose one above 1023 with PORT=8080."
    return f"Nothing can listen on {host}:{port} ({error.strerror}): set HOST to an address of this machine."


def require_room(folder: Path) -> None:
    """Raise Problem when the disk that holds the folder is nearly full, or the folder cannot be written."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not existing.is_dir():
        raise Problem(f"{existing} is a file, and the state needs a folder: name one with STATE=/some/folder.")
    if not os.access(existing, os.W_OK):
        raise Problem(
            f"{existing} cannot be written: choose another folder with STATE=/some/folder, or change its rights."
        )
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE_BYTES:
        raise Problem(
            f"The disk that holds {existing} has {free / 1e9:.1f} GB free,"
            f" and {LEAST_FREE_BYTES / 1e9:.1f} GB are needed:"
            " make room, or choose a folder on another disk with STATE=/some/folder."
        )


def in_a_sentence(error: OSError, state: Path) -> str:
    """An operating-system error as a sentence with what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full_disk(state)
    return f"{error.strerror or error} ({error.filename or state})."


def full_disk(state: Path) -> str:
    """What to do when the disk filled up while the platform ran."""
    return f"The disk that holds {state} is full: make room and start again; what was committed is safe."


def is_full(folder: Path) -> bool:
    """Whether the disk that holds a folder has no room for PostgreSQL to go on."""
    return shutil.disk_usage(folder).free < NOTHING_LEFT_BYTES


@contextmanager
def full_disk_told(folder: Path) -> Iterator[None]:
    """Raise Problem when the database on this folder fails for want of room; which it says, or dies of."""
    try:
        yield
    except (psycopg.OperationalError, Unavailable, Problem) as error:
        if isinstance(error, psycopg.errors.DiskFull) or is_full(folder):
            raise Problem(full_disk(folder)) from error
        raise
