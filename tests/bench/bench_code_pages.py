"""Code pages a second through gateway and meter, as a ratio to a bare FastAPI endpoint that returns the same bytes.

Strictly metered: every request is decided by the meter, with durable commits; nine of ten are re-reads and one is a
new grant, over 1,000 unlimited accounts and 1,000 warm codes. The bare endpoint runs under the same HTTP server with
the same settings, is sent the same requests and holds the body of every one of the 1,000 pages; the load generator
shares the machine with them. The platform runs one process a service, as it
does where it is scaled, and then everything in one process, as on a small machine. Nothing is measured before search
has built its first index.

A round is a short slice of each, and the next round turns their order around: what else the machine does meets both.
Two ratios come out of a round: of answers a second, and of the processor time that an answer costs, the load
generator's and PostgreSQL's counted. The second hardly depends on the machine's other work. Run:
`python tests/bench/bench_code_pages.py [ROUNDS]`.
"""

import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import uvloop
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.local.keys import Keys
from deploy.local.state import State
from gateway.web.links import code_path
from tests.bench.http_load import Tally, get, load, until
from tests.bench.processor_time import ProcessorTime
from tests.servers.ports import free_port

ACCOUNTS = 1_000
CODES = 1_000
CONNECTIONS = 64
ROUNDS = 12
SECONDS = 1.5
TARGET = 0.6
REREADS = 9
OPERATOR = Principal(Kind.SERVICE, "bench", frozenset({"operator", "service"}))

BARE = """
import asyncio, sys
from fastapi import FastAPI, Response
from pathlib import Path
from gateway.http_server import HttpServer
import uvloop
bodies = {file.name: file.read_bytes() for file in Path(sys.argv[2]).iterdir()}
app = FastAPI()
@app.get("/codes/{system}/{code}")
async def page(system: str, code: str) -> Response:
    return Response(bodies[code], media_type="text/html")
async def main():
    server = HttpServer(app, "127.0.0.1", int(sys.argv[1]))
    await server.start()
    await asyncio.Event().wait()
uvloop.run(main())
"""


@dataclass(frozen=True)
class Slice:
    """What came of one slice of load."""

    tally: Tally
    cost: float
    """Processor seconds an answer."""


class Side:
    """One of the two that are compared."""

    def __init__(self, port: int, streams: list[Iterator[bytes]], processes: list[int]) -> None:
        """Take the port, what each connection asks, and the processes that answer."""
        self._port = port
        self._streams = streams
        self._time = ProcessorTime([*processes, os.getpid()])

    async def slice(self) -> Slice:
        """Ask for a while."""
        begun = self._time.seconds()
        tally = await load("127.0.0.1", self._port, [until(SECONDS, stream) for stream in self._streams])
        return Slice(tally, (self._time.seconds() - begun) / tally.answers)


class Platform:
    """The whole platform on a folder of its own, and the bare endpoint beside it."""

    def __init__(self, folder: Path, *, split: bool) -> None:
        self.folder = folder
        self.split = split
        self.port, self.bare_port = free_port(), free_port()
        self.state = State(folder / "var")
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def _env(self) -> dict[str, str]:
        return os.environ | {"STATE": str(self.state.folder), "PORT": str(self.port)}

    def start(self) -> None:
        command = [sys.executable, "-m", "deploy.local", *(["--split"] if self.split else [])]
        self._processes.append(subprocess.Popen(command, env=self._env))
        _wait(f"http://127.0.0.1:{self.port}/readyz")
        # The first index of search is built beside the first pages; when words are found, that is over.
        _wait(f"http://127.0.0.1:{self.port}/api/v1/search?q=diabetes")

    def start_bare(self, bodies: dict[str, bytes]) -> None:
        """Start the bare endpoint with the body of each path."""
        held = self.folder / "bodies"
        held.mkdir()
        for path, body in bodies.items():
            (held / path.rpartition("/")[2]).write_bytes(body)
        script = self.folder / "bare.py"
        script.write_text(BARE)
        self._processes.append(subprocess.Popen([sys.executable, str(script), str(self.bare_port), str(held)]))
        _wait(f"http://127.0.0.1:{self.bare_port}{next(iter(bodies))}")

    def processes(self) -> list[int]:
        """The eldest of the platform's processes, PostgreSQL's with them."""
        return [self._processes[0].pid, int((self.state.folder / "postgres/postmaster.pid").read_text().split()[0])]

    def bare_processes(self) -> list[int]:
        """The bare endpoint's."""
        return [self._processes[1].pid]

    def gateway_processes(self) -> list[int]:
        """The gateway's alone, where each service is a process."""
        family = psutil.Process(self._processes[0].pid).children(recursive=True)
        ports = {member.pid: {each.laddr.port for each in member.net_connections() if each.laddr} for member in family}
        return [member for member, taken in ports.items() if self.port in taken]

    def beside_processes(self) -> list[int]:
        """The gateway's that was started beside."""
        return [self._processes[2].pid]

    def start_beside(self, script: str, *arguments: str) -> int:
        """Start a gateway of a script here beside the platform's own; gives its port."""
        port = free_port()
        command = [sys.executable, str(Path(__file__).parent / script), str(port), *arguments]
        self._processes.append(
            subprocess.Popen(command, env=self._env | {"PYTHONPATH": str(Path(__file__).parents[2])})
        )
        _wait(f"http://127.0.0.1:{port}/readyz")
        return port

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(30)


def _wait(url: str) -> None:
    ends = time.monotonic() + 600
    while time.monotonic() < ends:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    sys.exit(f"{url} did not answer.")


def some_codes(platform: Platform) -> list[str]:
    """Paths of codes that can be read, taken from the tree as a reader would."""
    paths: list[str] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{platform.port}") as client:
        todo = [""]
        while len(paths) < CODES:
            answer = client.get("/api/v1/codes/icd10cm", params={"parent": todo.pop(), "limit": 1000}).json()
            for code in answer["codes"]:
                paths.append(code_path("icd10cm", code["display_code"]))
                if code["has_children"]:
                    todo.append(code["code"])
    return paths[:CODES]


async def make_unlimited(platform: Platform, accounts: list[str]) -> None:
    """Give every account the unlimited plan, so that new grants never end."""
    keys = Keys(platform.state.keys)
    token = InternalTokenSigner.from_jwk_file(keys.internal_private).sign(OPERATOR)
    channel = open_channel(platform.state.socket("metering"))
    stub = metering_pb2_grpc.MeteringServiceStub(channel)
    for account in accounts:
        request = pb.SetPlanRequest(
            request_id=f"plan-{account}", principal=f"account:{account}", tier=pb.TIER_PRO, note="benchmark"
        )
        await invoke(stub.SetPlan, request, timeout=5, token=token)
    await channel.close()


def readings(host: str, accounts: list[tuple[str, str]], paths: list[str], connection: int) -> Iterator[bytes]:
    """Nine re-reads, then one new page, account after account. Each connection has accounts of its own."""
    own = accounts[connection::CONNECTIONS]
    order = {name: iter(random.Random(name).sample(paths, len(paths))) for name, _ in own}  # noqa: S311 - not a secret
    read: dict[str, list[str]] = {name: [] for name, _ in own}
    for name, token in itertools.cycle(own):
        fresh = next(order[name], None)
        if fresh is None:
            return
        read[name].append(fresh)
        yield get(fresh, host, token)
        for again in range(REREADS):
            yield get(read[name][again % len(read[name])], host, token)


async def measure(platform: Platform, rounds: int) -> None:
    """Run the rounds and print what they say."""
    names = [f"reader-{number}" for number in range(ACCOUNTS)]
    await make_unlimited(platform, names)
    keys = Keys(platform.state.keys)
    accounts = [(name, keys.access_token(name, (), platform.url)) for name in names]
    paths = some_codes(platform)
    host = f"localhost:{platform.port}"
    # one account a page, for each has a limit of requests a second
    asked = [get(path, host, token) for path, (_, token) in zip(paths, accounts, strict=True)]
    warm = [iter(asked[n::8]) for n in range(8)]
    await load("127.0.0.1", platform.port, warm)
    bodies = {}
    async with httpx.AsyncClient(base_url=platform.url) as client:
        for path, (_, token) in zip(paths, accounts, strict=True):
            bodies[path] = (await client.get(path, headers={"Authorization": f"Bearer {token}"})).content
    platform.start_bare(bodies)
    print(f"pages: {statistics.median(map(len, bodies.values())):,.0f} bytes (median)")
    same = [readings(host, accounts, paths, number) for number in range(CONNECTIONS)]
    bare = Side(platform.bare_port, same, platform.bare_processes())
    streams = [readings(host, accounts, paths, number) for number in range(CONNECTIONS)]
    metered = Side(platform.port, streams, platform.processes())
    by_pace, by_cost = [], []
    for number in range(rounds + 1):
        # the first round warms connections, caches and the interpreter
        order = (bare, metered) if number % 2 else (metered, bare)
        slices = {side: await side.slice() for side in order}
        if number == 0:
            continue
        one, other = slices[bare], slices[metered]
        by_pace.append(other.tally.per_second / one.tally.per_second)
        by_cost.append(one.cost / other.cost)
        print(_row(number, one, other), flush=True)
    print(f"answers a second, ratio to the bare endpoint: {_spread(by_pace)} (target {TARGET})")
    print(f"processor time, the bare endpoint's share:    {_spread(by_cost)}")


def _spread(ratios: list[float]) -> str:
    """The median, the middle half and the ends."""
    low, middle, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return (
        f"median {middle:.2f}, half within {low:.2f} to {high:.2f}, all within {min(ratios):.2f} to {max(ratios):.2f}"
    )


def _row(number: int, bare: Slice, metered: Slice) -> str:
    tally = metered.tally
    return (
        f"round {number:2}: bare {bare.tally.per_second:5,.0f}/s of {bare.cost * 1e6:3.0f} us,"
        f" metered {tally.per_second:5,.0f}/s of {metered.cost * 1e6:3.0f} us"
        f" (p50 {tally.percentile(0.5) * 1e3:.1f} ms, p99 {tally.percentile(0.99) * 1e3:.1f} ms,"
        f" statuses {json.dumps(tally.statuses)})"
    )


def main() -> None:
    """Start everything, measure, stop: one process a service, then one process for all."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for split in (True, False):
        print("one process a service:" if split else "everything in one process:", flush=True)
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        folder.chmod(0o755)
        platform = Platform(folder, split=split)
        try:
            platform.start()
            uvloop.run(measure(platform, rounds))
        finally:
            platform.stop()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
