"""What authentication and quota cost on an API call, against a bare FastAPI route with the same body.

Every call shows an API key and is decided by the meter with durable commits; each is a re-read, as most calls of a
partner are. The bare route runs under the same HTTP server, knows no credential and no quota, and returns the same
bytes. Rounds of both alternate; the load generator shares the machine with them. Run it as it is:
`python tests/bench/bench_api.py`.
"""

import itertools
import shutil
import statistics
import sys
import tempfile
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
    platform.start_bare(bodies[0])
    calls = [get(path, host, key) for key in secrets]
    streams = [itertools.cycle(calls[number::CONNECTIONS]) for number in range(CONNECTIONS)]
    plain = get("/codes/icd10cm/any", host)
    ratios = []
    for number in range(ROUNDS + 1):
        bare = await load(
            "127.0.0.1", platform.bare_port, [until(SECONDS, itertools.repeat(plain)) for _ in range(CONNECTIONS)]
        )
        full = await load("127.0.0.1", platform.port, [until(SECONDS, stream) for stream in streams])
        if number == 0:
            continue  # the first round warms connections and caches
        ratios.append(full.per_second / bare.per_second)
        print(f"round {number}: bare {_words(bare)}; with key and quota {_words(full)} {full.statuses}", flush=True)
    print(f"answer: {len(bodies[0]):,} bytes")
    spread = f"min {min(ratios):.2f}, max {max(ratios):.2f}"
    print(f"calls a second as a ratio to the bare route: median {statistics.median(ratios):.2f} ({spread})")


def _words(tally: Tally) -> str:
    p50, p99 = tally.percentile(0.5) * 1e3, tally.percentile(0.99) * 1e3
    return f"{tally.per_second:,.0f}/s (p50 {p50:.1f} ms, p99 {p99:.1f} ms)"


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
