"""What authentication and quota cost on an API call, as a ratio to the same call without them.

Every call shows an API key and is decided by the meter with durable commits; each is a re-read, as most calls of a
partner are. The same call without them goes to a second gateway of the same platform with both taken out
(`open_gateway.py`): same route, same answer, same server. A bare FastAPI route that returns the same bytes says what is
left to the route itself. Rounds of the three alternate, once over many connections and once over one, where nothing
waits for anything else; the load generator shares the machine with them. Run it as it is:
`python tests/bench/bench_api.py`.
"""

import itertools
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.local.keys import Keys
from tests.bench.bench_code_pages import Platform, make_unlimited, some_codes
from tests.bench.http_load import Tally, get, load, until

ACCOUNTS = 256
"""Enough that no account meets its burst limit."""
CONNECTIONS = 32
ROUNDS = 4
SECONDS = 4.0
WANTED = {"name": "benchmark", "scopes": ["codes:read", "meter:read"]}


async def make_keys(platform: Platform, names: list[str]) -> list[str]:
    """Give every account an API key."""
    keys = Keys(platform.state.keys)
    secrets = []
    async with httpx.AsyncClient(base_url=platform.url) as client:
        for name in names:
            headers = {"Authorization": f"Bearer {keys.access_token(name, (), platform.url)}", "Idempotency-Key": name}
            answer = await client.post("/api/v1/keys", json=WANTED, headers=headers)
            secrets.append(answer.raise_for_status().json()["secret"])
    return secrets


async def measure(platform: Platform) -> None:
    """Run the rounds and print what they say."""
    names = [f"program-{number}" for number in range(ACCOUNTS)]
    await make_unlimited(platform, names)
    secrets = await make_keys(platform, names)
    path = "/api/v1" + some_codes(platform)[0]
    host = f"localhost:{platform.port}"
    async with httpx.AsyncClient(base_url=platform.url) as client:
        bodies = [(await client.get(path, headers={"Authorization": f"Bearer {key}"})).content for key in secrets]
    platform.start_bare({"/codes/icd10cm/any": bodies[0]})
    open_port = platform.start_beside("open_gateway.py", names[0])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{open_port}") as client:
        same = (await client.get(path)).raise_for_status().content
    print(f"answer: {len(bodies[0]):,} bytes; without authentication and quota {len(same):,}")
    sides = {
        "bare": (platform.bare_port, [get("/codes/icd10cm/any", host)]),
        "without": (open_port, [get(path, host)]),
        "with": (platform.port, [get(path, host, key) for key in secrets]),
    }
    for connections in (CONNECTIONS, 1):
        rounds = [await one_round(sides, connections) for _ in range(ROUNDS + 1)][1:]  # the first one warms
        print_rounds(rounds, connections)


async def one_round(sides: Mapping[str, tuple[int, list[bytes]]], connections: int) -> dict[str, Tally]:
    """Load one side after the other, each connection with callers of its own."""
    tallies = {}
    for name, (port, calls) in sides.items():
        streams = [itertools.cycle(calls[number::connections] or calls) for number in range(connections)]
        tallies[name] = await load("127.0.0.1", port, [until(SECONDS, stream) for stream in streams])
    return tallies


def print_rounds(rounds: list[dict[str, Tally]], connections: int) -> None:
    """Print each round, and the medians of the ratios."""
    print(f"{connections} connection{'s' if connections > 1 else ''} at once:")
    for number, sides in enumerate(rounds, 1):
        print(f"  round {number}: " + "; ".join(f"{name} {_words(tally)}" for name, tally in sides.items()))
        assert all(set(tally.statuses) == {200} for tally in sides.values()), sides
    for base in ("without", "bare"):
        told = ", ".join(f"{what} {_ratios(rounds, base, measure)}" for what, measure in MEASURES.items())
        print(f"  with authentication and quota, as a ratio to the call {base}: {told}", flush=True)


MEASURES: Mapping[str, Callable[[Tally], float]] = {
    "p50": lambda tally: tally.percentile(0.5),
    "p99": lambda tally: tally.percentile(0.99),
    "calls a second": lambda tally: tally.per_second,
}


def _ratios(rounds: list[dict[str, Tally]], base: str, measure: Callable[[Tally], float]) -> str:
    ratios = [measure(sides["with"]) / measure(sides[base]) for sides in rounds]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _words(tally: Tally) -> str:
    p50, p99 = tally.percentile(0.5) * 1e3, tally.percentile(0.99) * 1e3
    return f"{tally.per_second:,.0f}/s (p50 {p50:.2f} ms, p99 {p99:.2f} ms)"


def main() -> None:
    """Start everything, measure, stop."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    platform = Platform(folder, split=True)
    try:
        platform.start()
        uvloop.run(measure(platform))
    finally:
        platform.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
