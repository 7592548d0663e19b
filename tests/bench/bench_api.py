"""What authentication and quota cost on an API call, as a ratio to the same call without them.

Every call shows an API key and is decided by the meter with durable commits; each is a re-read, as most calls of a
partner are. The same call without them goes to a second gateway of the same platform with both taken out
(`open_gateway.py`): same route, same answer, same server. A bare FastAPI route that returns the same bytes says what is
left to the route itself. Rounds of the three alternate, once over many connections and once over one, where nothing
waits for anything else; the load generator shares the machine with them. Processor time a call is that of the
process that answers (what metering and PostgreSQL do for it goes on beside), and says the same on a busy machine. Run
it as it is: `python tests/bench/bench_api.py`.
"""

import itertools
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from deploy.local.keys import Keys
from tests.bench.bench_code_pages import Platform, make_unlimited, some_codes
from tests.bench.http_load import Tally, get, load, until
from tests.bench.processor_time import ProcessorTime

ACCOUNTS = 256
"""Enough that no account meets its burst limit."""
CONNECTIONS = 32
ROUNDS = 4
SECONDS = 4.0
WANTED = {"name": "benchmark", "scopes": ["codes:read", "meter:read"]}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the three that are compared."""

    port: int
    calls: list[bytes]
    time: ProcessorTime


@dataclass(frozen=True, slots=True)
class Round:
    """What one side did in one round."""

    tally: Tally
    processor_us: float
    """Processor time of a call, in microseconds."""


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
        "bare": Side(platform.bare_port, [get("/codes/icd10cm/any", host)], ProcessorTime(platform.bare_processes())),
        "without": Side(open_port, [get(path, host)], ProcessorTime(platform.beside_processes())),
        "with": Side(
            platform.port, [get(path, host, key) for key in secrets], ProcessorTime(platform.gateway_processes())
        ),
    }
    for connections in (CONNECTIONS, 1):
        rounds = [await one_round(sides, connections) for _ in range(ROUNDS + 1)][1:]  # the first one warms
        print_rounds(rounds, connections)


async def one_round(sides: Mapping[str, Side], connections: int) -> dict[str, Round]:
    """Load one side after the other, each connection with callers of its own."""
    done = {}
    for name, side in sides.items():
        streams = [itertools.cycle(side.calls[number::connections] or side.calls) for number in range(connections)]
        before = side.time.seconds()
        tally = await load("127.0.0.1", side.port, [until(SECONDS, stream) for stream in streams])
        done[name] = Round(tally, (side.time.seconds() - before) / sum(tally.statuses.values()) * 1e6)
    return done


def print_rounds(rounds: list[dict[str, Round]], connections: int) -> None:
    """Print each round, and the medians of the ratios."""
    print(f"{connections} connection{'s' if connections > 1 else ''} at once:")
    for number, sides in enumerate(rounds, 1):
        print(f"  round {number}: " + "; ".join(f"{name} {_words(side)}" for name, side in sides.items()))
        assert all(set(side.tally.statuses) == {200} for side in sides.values()), sides
    for base in ("without", "bare"):
        told = ", ".join(f"{what} {_ratios(rounds, base, measure)}" for what, measure in MEASURES.items())
        print(f"  with authentication and quota, as a ratio to the call {base}: {told}", flush=True)


MEASURES: Mapping[str, Callable[[Round], float]] = {
    "p50": lambda side: side.tally.percentile(0.5),
    "p99": lambda side: side.tally.percentile(0.99),
    "calls a second": lambda side: side.tally.per_second,
    "processor time": lambda side: side.processor_us,
}


def _ratios(rounds: list[dict[str, Round]], base: str, measure: Callable[[Round], float]) -> str:
    ratios = [measure(sides["with"]) / measure(sides[base]) for sides in rounds]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _words(side: Round) -> str:
    tally = side.tally
    p50, p99 = tally.percentile(0.5) * 1e3, tally.percentile(0.99) * 1e3
    return f"{tally.per_second:,.0f}/s (p50 {p50:.2f} ms, p99 {p99:.2f} ms, {side.processor_us:,.0f} us of processor)"


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
