"""Metering decisions a second and their 99th percentile, at 1, 8 and 32 callers, with durable commits.

The service runs in a process of its own over a PostgreSQL with fsync; callers share one stream, as a gateway's do, and
each waits for its answer before it asks again. The baseline of the same run, on the same server: as many sessions, each
doing a bare `INSERT ... COMMIT` a decision. Run: `python tests/bench/bench_metering.py [SECONDS]`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

import psycopg
import uvloop
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceStub

from services.metering import wiring
from services.metering.settings import Settings
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import call_metadata, invoke, open_channel
from tests.internal_keys import new_key_files
from tests.servers.postgres import Postgres, create_database

if TYPE_CHECKING:
    from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceAsyncStub

CALLERS = (1, 8, 32, 256)
"""The last shows what batching gives to a busy gateway; the baseline has at most SESSIONS sessions."""
SESSIONS = 64
READERS = 1_000
CODES = 1_000
GATEWAY = Principal(Kind.SERVICE, "gateway")
Act = Callable[[int], Awaitable[None]]


class Stream:
    """A gateway's end of one stream: what its callers ask meanwhile travels together."""

    def __init__(self, stub: MeteringServiceAsyncStub, token: str) -> None:
        """Open it."""
        self._call = stub.ConsumeStream(metadata=call_metadata(token))
        self._waiting: dict[str, asyncio.Future[pb.StreamedResult]] = {}
        self._asked: list[pb.StreamedDecision] = []
        self._stir = asyncio.Event()
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._receive())]

    async def ask(self, decision: pb.StreamedDecision) -> pb.StreamedResult:
        """Ask for one decision."""
        future: asyncio.Future[pb.StreamedResult] = asyncio.get_running_loop().create_future()
        self._waiting[decision.request.request_id] = future
        self._asked.append(decision)
        self._stir.set()
        return await future

    def close(self) -> None:
        """End it."""
        for task in self._tasks:
            task.cancel()
        self._call.cancel()

    async def _send(self) -> None:
        while True:
            await self._stir.wait()
            self._stir.clear()
            asked, self._asked = self._asked, []
            await self._call.write(pb.ConsumeStreamRequest(decisions=asked))

    async def _receive(self) -> None:
        async for message in self._call:
            for result in message.results:
                self._waiting.pop(result.request_id).set_result(result)


async def measure(callers: int, seconds: float, act: Act) -> tuple[float, float]:
    """Let callers act one after the other, each for itself; gives acts a second and the 99th percentile in ms."""
    times: list[float] = []
    ends = time.perf_counter() + seconds

    async def caller(number: int) -> None:
        while (begun := time.perf_counter()) < ends:
            await act(number)
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(caller(number) for number in range(callers)))
    rate = len(times) / (time.perf_counter() - begun)
    return rate, statistics.quantiles(times, n=100)[98] * 1000


async def bare_inserts(url: str, callers: int, seconds: float) -> tuple[float, float]:
    """The baseline: a durable row a decision, and nothing decided."""
    sessions = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(callers)]
    await sessions[0].execute("CREATE TABLE IF NOT EXISTS bare (who text, code text, at timestamptz)")

    async def act(number: int) -> None:
        await sessions[number].execute("INSERT INTO bare VALUES (%s, %s, clock_timestamp())", (f"a{number}", "A00"))

    try:
        return await measure(callers, seconds, act)
    finally:
        for session in sessions:
            await session.close()


class Bench:
    """The callers of one service."""

    def __init__(self, stub: MeteringServiceAsyncStub, signer: InternalTokenSigner) -> None:
        """Take the service's stub and the signer of principals."""
        self._stub, self._signer = stub, signer
        self._numbers = itertools.count()
        self._tokens = [signer.sign(Principal(Kind.ACCOUNT, f"a{number}")) for number in range(READERS)]

    async def prepare(self) -> None:
        """Make every reader an unlimited one, with ten pages read."""
        token = self._signer.sign(GATEWAY)
        for number in range(READERS):
            request = pb.SetPlanRequest(request_id=f"p{number}", principal=f"account:a{number}", tier=pb.TIER_PRO)
            await invoke(self._stub.SetPlan, request, timeout=30, token=token)
        stream = Stream(self._stub, token)
        for code in range(10):
            await asyncio.gather(*(self._ask(stream, reader, code) for reader in range(READERS)))
        stream.close()

    async def run(self, callers: int, seconds: float, *, new: bool) -> tuple[float, float]:
        """New grants, or re-reads."""
        stream = Stream(self._stub, self._signer.sign(GATEWAY))

        async def act(_: int) -> None:
            number = next(self._numbers)
            code = 10 + number // READERS if new else number % 10
            result = await self._ask(stream, number % READERS, code)
            expected = pb.OUTCOME_GRANTED if new else pb.OUTCOME_ALREADY_GRANTED
            if result.response.outcome != expected:
                raise AssertionError(f"not the answer that is measured: {result}")

        try:
            return await measure(callers, seconds, act)
        finally:
            stream.close()

    async def _ask(self, stream: Stream, reader: int, code: int) -> pb.StreamedResult:
        request = pb.ConsumeRequest(
            request_id=f"{time.monotonic_ns()}-{reader}-{code}",
            content=pb.ContentKey(system="cpt", code=f"{code:05}"),
        )
        decision = pb.StreamedDecision(request=request, principal_token=self._tokens[reader], deadline_ms=30_000)
        return await stream.ask(decision)


async def compare(url: str, socket: str, signer: InternalTokenSigner, seconds: float) -> None:
    """Print one line a number of callers and kind."""
    channel = open_channel(socket)
    await asyncio.wait_for(channel.channel_ready(), 60)
    bench = Bench(MeteringServiceStub(channel), signer)
    await bench.prepare()
    print("callers  kind          decisions/s   p99 ms   ratio to a bare INSERT ... COMMIT a decision")
    for callers in CALLERS:
        base, base_p99 = await bare_inserts(url, min(callers, SESSIONS), seconds)
        print(f"{callers:7}  bare INSERT   {base:11,.0f} {base_p99:8.2f}")
        for kind, new in (("re-read", False), ("new grant", True)):
            rate, p99 = await bench.run(callers, seconds, new=new)
            print(f"{callers:7}  {kind:12}  {rate:11,.0f} {p99:8.2f}   {rate / base:.2f}", flush=True)
    await channel.close()


def main(seconds: float) -> None:
    """Start PostgreSQL and metering, measure, stop both."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    server = Postgres(folder / "postgres", durable=True)
    server.start()
    new_key_files(folder / "key.json", folder / "jwks.json")
    url = create_database(server.url(), "metering")
    events = create_database(server.url(), "events").replace("postgresql://", "postgres://", 1)
    environment = {
        "DATABASE_URL": url,
        "EVENTS_URL": events,
        "LISTEN": f"unix:{folder}/m.sock",
        "INTERNAL_TOKEN_JWKS_FILE": str(folder / "jwks.json"),
        "LOG_LEVEL": "error",
    }
    settings = Settings(**{name.lower(): value for name, value in environment.items()})  # type: ignore[arg-type]
    wiring.migrate_database(settings)
    given = {**os.environ, **environment}
    subprocess.run(
        [sys.executable, "-m", "shared.events", "topics", "create"], env=given, check=True, stdout=subprocess.DEVNULL
    )
    service = subprocess.Popen([sys.executable, "-m", "services.metering"], env=given)
    signer = InternalTokenSigner.from_jwk_file(folder / "key.json")
    try:
        uvloop.run(compare(url, settings.listen, signer, seconds))
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(30)
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0)
