"""The process of a launched server, which another process than the one that launched it may end."""

import contextlib
import signal
import subprocess
from pathlib import Path

import psutil

END_SECONDS = 60


def remember(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    """Write down whose folder this is."""
    (folder / "pid").write_text(f"{server.pid} {psutil.Process(server.pid).create_time()}")


def send(folder: Path, number: signal.Signals) -> list[psutil.Process]:
    """Signal the server of a folder with its children, and give them."""
    try:
        pid, created = (folder / "pid").read_text().split()
        server = psutil.Process(int(pid))
        if abs(server.create_time() - float(created)) > 1:
            return []
        family = [*server.children(recursive=True), server]
    except (OSError, ValueError, psutil.NoSuchProcess):
        return []
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    return family


def end(folder: Path, number: signal.Signals) -> None:
    """Signal the server of a folder with its children, and return when they have ended; late ones are killed.

    None is taken for the server that has only its number.
    """
    family = send(folder, number)
    _, late = psutil.wait_procs(family, timeout=END_SECONDS)
    for process in late:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(late, timeout=END_SECONDS)
