"""The service is killed at random moments of a rebuild and at the steps of a swap: an index answers whole, and the next
one lands."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import httpx
import psutil
import pytest
from codingahead.search.v1 import search_pb2 as pb
from codingahead.search.v1 import search_pb2_grpc

from services.search import migrations
from shared.database import migrate
from shared.errors import Unavailable
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from tests.conftest import NewDatabase
from tests.integration.catalog.conftest import Catalog
from tests.polling import eventually
from tests.unit.catalog.small_tabular import SMALL

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[3]
MIGRATIONS = Path(migrations.__path__[0])
NAMES = ("marsupial", "umbrella", "gramophone", "zeppelin", "obelisk", "walrus")
CODES = 60
KILLS = 4
"""At random moments of a rebuild; those in the swap come besides."""


def tabular(name: str) -> str:
    """A Tabular List whose every code bears a name."""
    codes = "".join(
        f"<diag><name>S{10 + n}</name><desc>Invented {name} wound {n} of a tool</desc></diag>" for n in range(CODES)
    )
    return SMALL.replace(
        '<section id="S90-S99">',
        f'<section id="S10-S69"><desc>Named</desc>{codes}</section>\n    <section id="S90-S99">',
    )


class Left:
    """What lies about of the indexes of an engine."""

    def __init__(self, url: str, tables: Path) -> None:
        """Take the engine's URL and the folder of tables."""
        self._url, self._tables = url, tables

    def indices(self) -> list[str]:
        """The generations that the engine holds, whether they answer or not."""
        if self._url.startswith("tantivy://"):
            folder = Path(self._url.removeprefix("tantivy://"))
            return sorted(path.name for path in folder.iterdir() if path.name != "current")
        return sorted(name.rpartition(".")[2] for name in httpx.get(f"{self._url}.*/_alias").json())

    def tables(self) -> list[str]:
        """The generations that there are tables of."""
        return sorted(path.name for path in self._tables.iterdir())


@dataclass
class Killable:
    """A search service as a process of its own, which is killed and started again."""

    environment: dict[str, str] = field(repr=False)
    folder: Path
    stub: search_pb2_grpc.SearchServiceAsyncStub
    signer: InternalTokenSigner = field(repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def steps(self) -> list[str]:
        """The steps of the first swap of a process that was not killed in it."""
        file = self.folder / "steps"
        return file.read_text().splitlines() if file.exists() else []

    def start(self, kill_at: int = 0) -> subprocess.Popen[bytes]:
        """Start it, to be killed at a step of its first swap when one is given."""
        own = {"KILL_AT": str(kill_at), "STEPS_FILE": str(self.folder / "steps")}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.search.killed_service"],
                env=os.environ | self.environment | own, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self.process

    def kill(self) -> None:
        """End it by SIGKILL."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def token(self) -> str:
        """An internal token of an account."""
        return self.signer.sign(Principal(Kind.ACCOUNT, "reader", frozenset()))

    async def status(self) -> pb.GetIndexStatusResponse:
        """How its index stands."""
        return await invoke(self.stub.GetIndexStatus, pb.GetIndexStatusRequest(), timeout=10, token=self.token())

    async def up(self) -> None:
        """Wait until it takes calls."""

        async def answers() -> bool:
            try:
                await self.status()
            except Unavailable:
                return False
            return True

        await eventually(answers, "search takes calls")

    async def has_index(self) -> bool:
        """Whether there is an index."""
        return bool((await self.status()).generation)

    async def named(self, name: str) -> int:
        """How many codes are found that bear a name."""
        request = pb.SearchRequest(query=f"invented {name} wound", page_size=100)
        answer = await invoke(self.stub.Search, request, timeout=10, token=self.token())
        assert not answer.limited, answer.limited
        return sum(name in result.title for result in answer.results)

    async def answers_whole(self, old: str, new: str) -> bool:
        """Whether the new index answers; fails when neither the old nor the new one does whole."""
        of_old = await self.named(old)
        of_new = await self.named(new)  # asked later: where the old one is gone, the new one answers
        assert (of_old, of_new) in {(CODES, 0), (CODES, CODES), (0, CODES)}, f"{of_old} old and {of_new} new codes"
        return (of_old, of_new) == (0, CODES)

    async def until_rebuilt(self, old: str, new: str) -> str:
        """Ask until the new index answers and nothing is built any more; the generation that answers then."""

        async def rebuilt() -> bool:
            return await self.answers_whole(old, new) and not (await self.status()).building

        await eventually(rebuilt, "the new index answers")
        return (await self.status()).generation

    def said(self) -> str:
        """The last of what it said."""
        return (self.folder / "log").read_text(errors="replace")[-3000:]


@pytest.fixture(params=["tantivy", "elasticsearch"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An index of this test's own."""
    if request.param == "tantivy":
        yield f"tantivy://{tmp_path}/index"
        return
    servers = request.getfixturevalue("elasticsearch_url")
    url = f"{servers}/test-{uuid.uuid4().hex[:12]}"
    yield url
    for name in httpx.get(f"{url}.*/_alias").json():
        httpx.delete(f"{servers}/{name}").raise_for_status()


@pytest.fixture
async def killable(  # noqa: PLR0917 - fixtures
    catalog: Catalog, new_database: NewDatabase, events_url: str, run_folder: Path, tmp_path: Path, engine_url: str
) -> AsyncIterator[Killable]:
    """The service over a catalog of named codes, not started."""
    log = open_log(events_url)
    await log.start()
    await log.create_topics(load_topics())
    await log.drain(1)
    database = new_database("search")
    await asyncio.to_thread(migrate, database, MIGRATIONS)
    listen = f"unix:{run_folder}/search.sock"
    environment = {
        "DATABASE_URL": database,
        "EVENTS_URL": events_url,
        "LISTEN": listen,
        "INTERNAL_TOKEN_JWKS_FILE": str(run_folder / "public.json"),
        "INTERNAL_TOKEN_KEY_FILE": str(run_folder / "private.json"),
        "CATALOG_TARGET": f"unix:{run_folder}/catalog.sock",
        "SEARCH_ENGINE_URL": engine_url,
        "SEARCH_TABLE_FOLDER": str(tmp_path / "table"),
    }
    signer = InternalTokenSigner.from_jwk_file(run_folder / "private.json")
    channel: grpc.aio.Channel = open_channel(listen)
    service = Killable(environment, tmp_path, search_pb2_grpc.SearchServiceStub(channel), signer)
    try:
        yield service
    finally:
        service.kill()
        await channel.close()


async def restarted_whole(killable: Killable, left: Left, old: str, new: str) -> None:
    """After a kill: once there is an index the old or the new one answers, the new one lands, nothing is left."""
    killable.start()
    await killable.up()
    await eventually(killable.has_index, "the index that was kept answers")
    generation = await killable.until_rebuilt(old, new)
    assert left.tables() == [generation]
    await eventually(lambda: left.indices() == [generation], "the engine holds no other index")  # it is tidied last
    killable.kill()


async def killed_in_the_swap(killable: Killable, step: int, old: str, new: str) -> bool:
    """Let a process be killed at a step of its swap, asking it all the while; whether it was."""
    process = killable.start(step)
    await killable.up()
    with contextlib.suppress(Unavailable):  # gone
        await eventually(killable.has_index, "the index that was kept answers")
        while process.poll() is None:
            if await killable.answers_whole(old, new) and not (await killable.status()).building:
                return False
            await asyncio.sleep(0.02)
    assert await asyncio.to_thread(process.wait, 10) == -signal.SIGKILL, killable.said()
    return True


def telling(steps: list[str], chance: random.Random) -> list[int]:
    """The numbers of the first step of each kind, of the last one, and of some others."""
    firsts = {steps.index(name) + 1 for name in steps}
    return sorted({*firsts, len(steps), *chance.sample(range(1, len(steps) + 1), 2)})


async def test_killed_at_any_step_of_the_swap_or_moment_of_a_rebuild_an_index_answers_whole_and_the_next_one_lands(
    killable: Killable, catalog: Catalog, engine_url: str, tmp_path: Path
) -> None:
    chance = random.Random(8)  # noqa: S311 - moments
    left = Left(engine_url, tmp_path / "table")
    turns = itertools.count()
    name = NAMES[0]

    async def next_release() -> tuple[str, str]:
        """Import a release with another name; the old and the new one."""
        nonlocal name
        old, name = name, NAMES[next(turns) % len(NAMES)]
        await catalog.import_tabular(tabular(name))
        return old, name

    await next_release()
    killable.start()
    await killable.up()
    await eventually(killable.has_index, "the first index stands")
    killable.kill()
    old, new = await next_release()
    (tmp_path / "steps").unlink(missing_ok=True)
    began = time.monotonic()
    await restarted_whole(killable, left, old, new)
    lasted = time.monotonic() - began
    steps = killable.steps
    assert len(steps) > 3, "a swap is seen"
    for step in telling(steps, chance):
        old, new = await next_release()
        assert await killed_in_the_swap(killable, step, old, new), f"step {step} of {steps}"
        await restarted_whole(killable, left, old, new)
    for _ in range(KILLS):
        old, new = await next_release()
        process = killable.start()
        await asyncio.sleep(chance.uniform(0, lasted))  # the moment of the kill
        if chance.random() < 0.5:
            kill_the_build(process)
        killable.kill()
        await restarted_whole(killable, left, old, new)


def kill_the_build(process: subprocess.Popen[bytes]) -> None:
    """Kill the process that builds for a service, when there is one just now."""
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
