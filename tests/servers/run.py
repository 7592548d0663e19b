"""The servers of one test run: each started once, by whichever worker needs it first, and stopped with the run.

What is started is written to files in the run's folder, so that workers find each other's servers and the process
that owns the run can stop them all. A run that was killed leaves its folder behind; the next run ends its servers.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil

from tests.servers import source
from tests.servers.elasticsearch import ElasticsearchRecipe
from tests.servers.kafka import KafkaRecipe
from tests.servers.keycloak import KeycloakRecipe
from tests.servers.postgres import PostgresRecipe
from tests.servers.source import NotAvailableError, Recipe, Started

VARIABLE = "TEST_SERVERS_RUN"
PREFIX = "test-servers-"
RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (ElasticsearchRecipe(), KafkaRecipe(), KeycloakRecipe(), PostgresRecipe())
}


class Run:
    """One run's servers."""

    def __init__(self, folder: Path) -> None:
        """Take up the run whose folder this is."""
        self.folder = folder

    @classmethod
    def begin(cls) -> Run:
        """Begin a run owned by this process, and end what killed runs left behind."""
        for leftover in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            if leftover.is_dir() and not _owner_lives(leftover):
                with contextlib.suppress(OSError):
                    cls(leftover).end()
        # It gets its name once it has an owner: another run that begins now must not take it for a leftover.
        unnamed = Path(tempfile.mkdtemp(prefix="new-"))
        unnamed.chmod(0o755)
        owner = psutil.Process()
        (unnamed / "owner").write_text(f"{owner.pid} {owner.create_time()}")
        folder = unnamed.rename(unnamed.with_name(f"{PREFIX}{unnamed.name.removeprefix('new-')}"))
        os.environ[VARIABLE] = str(folder)
        return cls(folder)

    @classmethod
    def current(cls) -> Run:
        """The run that this process belongs to."""
        return cls(Path(os.environ[VARIABLE]))

    def get(self, name: str, port: int | None = None) -> Started:
        """The server `name`, started when this is the first time that the run asks for it.

        Raises:
            NotAvailableError: no source gave it; the reason is remembered for the run.

        """
        state = self.folder / f"{name}.json"
        with self.lock(name):
            if state.exists():
                known = json.loads(state.read_text())
                if "reason" in known:
                    raise NotAvailableError(known["reason"])
                return Started(**known)
            try:
                started = source.obtain(RECIPES[name], self.folder / name, port)
            except NotAvailableError as error:
                state.write_text(json.dumps({"reason": str(error)}))
                raise
            state.write_text(json.dumps(asdict(started)))
            return started

    def end(self) -> None:
        """Stop every server of the run and remove its folder."""
        for state in self.folder.glob("*.json"):
            known = json.loads(state.read_text())
            if "reason" not in known:
                source.stop(RECIPES[known["name"]], Started(**known))
        # A worker killed while it was starting a server has written no state yet.
        for name, recipe in RECIPES.items():
            if (self.folder / name).exists():
                recipe.stop(self.folder / name)
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold what the run has under a name for one worker."""
        with (self.folder / f"{name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _owner_lives(folder: Path) -> bool:
    try:
        pid, created = (folder / "owner").read_text().split()
        return abs(psutil.Process(int(pid)).create_time() - float(created)) < 1
    except (OSError, ValueError, psutil.NoSuchProcess):
        return False
