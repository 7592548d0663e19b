"""A process that a service has do a piece of work: it ends with the service, gives way to it, and says how it ended.

The job is a line on the child's standard input, which stays open for as long as somebody waits: when it ends, the
service is gone, and the child ends too. What the child writes to standard error goes on to the service's.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

NICENESS = 5
"""Who works in the background gives way to who answers."""
KEPT_LINES = 3
LONGEST_END = 2_000
"""Characters that are looked at for the last lines."""
PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    status: int
    """The exit status; less than 0 is the signal that ended it."""
    last_lines: tuple[str, ...]
    """The last lines of its standard error, for the log."""

    @property
    def words(self) -> str:
        """The last of them: the sentence, when the child could say one."""
        return self.last_lines[-1] if self.last_lines else ""

    @property
    def how(self) -> str:
        """The status in words; nothing when it ended well."""
        if self.status < 0:
            return f"signal {signal.Signals(-self.status).name}"
        return f"exit status {self.status}" if self.status else ""


async def run_child(
    module: Sequence[str],
    *,
    job: str = "",
    environment: Mapping[str, str] | None = None,
    heard: Callable[[str], None] | None = None,
) -> Ended:
    """Run `python -m MODULE ARGUMENTS` to its end; when the caller is cancelled, the child is killed.

    `heard` is given each line that the child prints; without it they go where the service's go.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *module,
        env=os.environ | dict(environment or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE if heard else None,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in a terminal reaches the service alone, which ends its child
    )  # fmt: skip
    try:
        _, lines, _ = await asyncio.gather(_tell(process, job), _listen(process), _hear(process, heard))
        return Ended(await process.wait(), lines)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _tell(process: asyncio.subprocess.Process, job: str) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(job.encode() + b"\n")
        await process.stdin.drain()


async def _listen(process: asyncio.subprocess.Process) -> tuple[str, ...]:
    end = ""
    while process.stderr is not None and (piece := await process.stderr.read(PIECE)):
        text = piece.decode(errors="replace")
        sys.stderr.write(text)
        end = (end + text)[-LONGEST_END:]
    return tuple(end.rstrip().splitlines()[-KEPT_LINES:])


async def _hear(process: asyncio.subprocess.Process, heard: Callable[[str], None] | None) -> None:
    while heard is not None and process.stdout is not None and (line := await process.stdout.readline()):
        heard(line.decode(errors="replace").rstrip())


def begin() -> str:
    """Be such a child: give way, end with the service from now on, and give the job."""
    os.nice(NICENESS)
    job = sys.stdin.buffer.readline().decode().rstrip("\n")
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    return job


def _end_with_the_service() -> None:
    while os.read(0, 1):  # not sys.stdin, whose lock an ending interpreter would wait for
        pass
    os._exit(1)
