"""The search service, which ends by SIGKILL at a step of a swap: `KILL_AT=3 python -m` this module.

Steps are what others can see of a swap: each change of a file, and each request that changes Elasticsearch, before it
is sent and once it was answered. They are counted from the beginning of the engine's swap until the tables of other
generations are forgotten. With `KILL_AT=0` nothing is killed. `STEPS_FILE` gets the names of the steps of a first swap.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from elastic_transport import AsyncTransport

from services.search.adapters.elasticsearch_engine import ElasticsearchEngine
from services.search.adapters.generations import Generations
from services.search.adapters.tantivy_engine import TantivyEngine
from services.search.settings import Settings
from services.search.wiring import build
from shared.process import run_service

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}
READS = {"r", "rb", None}


class Steps:
    """Counts the steps of the first swap, and ends the process before the one that was chosen."""

    def __init__(self, kill_at: int, file: Path) -> None:
        """Take the number of the step, from 1 on, and where their names are written."""
        self._kill_at, self._file = kill_at, file
        self._names: list[str] = []
        self._counting = False

    def begin(self) -> None:
        """A swap begins; only the first one counts."""
        self._counting = not self._names

    def end(self) -> None:
        """It is over."""
        if self._counting:
            self._counting = False
            self._file.write_text("\n".join(self._names))

    def step(self, name: str) -> None:
        """Something is about to be done."""
        if not self._counting:
            return
        self._names.append(name)
        if len(self._names) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python tells of what is done to files before it is done."""
        if self._counting and event in CHANGES and not (event == "open" and arguments[1] in READS):
            self.step(event)


def around(of: type[Any], method: str, before: Callable[..., None], after: Callable[..., None]) -> None:
    """Have something done before and after each call of a method."""
    whole: Callable[..., Awaitable[Any]] = getattr(of, method)

    async def call(*arguments: Any, **named: Any) -> Any:
        before(*arguments)
        answer = await whole(*arguments, **named)
        after(*arguments)
        return answer

    setattr(of, method, call)


def asked(steps: Steps, moment: str, _: AsyncTransport, method: str, target: str) -> None:
    """A request to Elasticsearch; one that reads changes nothing, and how many search at the time is by chance."""
    if method != "GET" and "/_search" not in target:
        steps.step(f"{moment} {method} {target}")


def main() -> None:
    """Be the service."""
    steps = Steps(int(os.environ["KILL_AT"]), Path(os.environ["STEPS_FILE"]))
    for engine in (TantivyEngine, ElasticsearchEngine):
        around(engine, "swap", lambda *_: steps.begin(), lambda *_: None)
    around(Generations, "keep_only", lambda *_: None, lambda *_: steps.end())
    around(AsyncTransport, "perform_request", partial(asked, steps, "before"), partial(asked, steps, "after"))
    sys.addaudithook(steps.heard)
    run_service(Settings, build)


if __name__ == "__main__":
    main()
