"""Code pages a second through gateway and meter, as a ratio to a bare FastAPI endpoint that returns the same bytes.

Strictly metered: every request is decided by the meter, with durable commits; nine of ten are re-reads and one is a
new grant, over 1,000 unlimited accounts and 1,000 warm codes. The bare endpoint runs under the same HTTP server with
the same settings. Rounds of both alternate, and the load generator shares the machine with them. The platform runs one
process a service, as it does where it is scaled, and then everything in one process, as on a small machine. Run:
`python tests/bench/bench_code_pages.py`.
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
from pathlib import Path

import httpx
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
from tests.servers.ports import free_port

ACCOUNTS = 1_000
CODES = 1_000
CONNECTIONS = 64
ROUNDS = 4
SECONDS = 4.0
REREADS = 9
OPERATOR = Principal(Kind.SERVICE, "bench", frozenset({"operator", "service"}))

BARE = """
import asyncio, sys
from fastapi import FastAPI, Response
from pathlib import Path
from gateway.http_server import HttpServer
import uvloop
body = Path(sys.argv[2]).read_bytes()
app = FastAPI()
@app.get("/codes/{system}/{code}")
async def page(system: str, code: str) -> Response:
    return Response(body, media_type="text/html")
async def main():
    server = HttpServer(app, "127.0.0.1", int(sys.argv[1]))
    await server.start()
    await asyncio.Event().wait()
uvloop.run(main())
"""


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

    def start(self) -> None:
        env = os.environ | {"STATE": str(self.state.folder), "PORT": str(self.port)}
        self._processes.append(
            subprocess.Popen([sys.executable, "-m", "deploy.local", *(["--split"] if self.split else [])], env=env)
        )
        _wait(f"http://127.0.0.1:{self.port}/readyz")

    def start_bare(self, body: bytes) -> None:
        file = self.folder / "body"
        file.write_bytes(body)
        script = self.folder / "bare.py"
        script.write_text(BARE)
        self._processes.append(subprocess.Popen([sys.executable, str(script), str(self.bare_port), str(file)]))
        _wait(f"http://127.0.0.1:{self.bare_port}/codes/a/b")

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            process.wait(30)


def _wait(url: str) -> None:
    ends = time.monotonic() + 180
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


async def measure(platform: Platform) -> None:
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
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {accounts[0][1]}"}) as client:
        bodies = [(await client.get(platform.url + path)).content for path in paths[:50]]
    bodies.sort(key=len)
    platform.start_bare(bodies[len(bodies) // 2])
    streams = [readings(host, accounts, paths, number) for number in range(CONNECTIONS)]
    ratios = []
    for number in range(ROUNDS + 1):
        bare = await load(
            "127.0.0.1", platform.bare_port, [until(SECONDS, itertools.repeat(get(paths[0], host))) for _ in streams]
        )
        metered = await load("127.0.0.1", platform.port, [until(SECONDS, stream) for stream in streams])
        if number == 0:
            continue  # the first round warms connections, caches and the interpreter
        ratios.append(metered.per_second / bare.per_second)
        print(_row(number, bare, metered), flush=True)
    print(f"page: {len(bodies[len(bodies) // 2]):,} bytes (median)")
    spread = f"min {min(ratios):.2f}, max {max(ratios):.2f}"
    print(f"ratio to the bare endpoint: median {statistics.median(ratios):.2f} ({spread})")


def _row(number: int, bare: Tally, metered: Tally) -> str:
    return (
        f"round {number}: bare {bare.per_second:,.0f}/s, metered {metered.per_second:,.0f}/s"
        f" (p50 {metered.percentile(0.5) * 1e3:.1f} ms, p99 {metered.percentile(0.99) * 1e3:.1f} ms,"
        f" statuses {json.dumps(metered.statuses)})"
    )


def main() -> None:
    """Start everything, measure, stop: one process a service, then one process for all."""
    for split in (True, False):
        print("one process a service:" if split else "everything in one process:", flush=True)
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        folder.chmod(0o755)
        platform = Platform(folder, split=split)
        try:
            platform.start()
            uvloop.run(measure(platform))
        finally:
            platform.stop()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
