"""A process of one service tells an operator in sentences what to change, and a signal ends it at any time."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from tests.internal_keys import new_key_files

ROOT = Path(__file__).parents[3]

SERVICE = """
import asyncio, sys
from shared.process import run_service
from shared.rpc.server import RpcServer
from shared.identity import InternalTokenVerifier
from shared.service import Service
from shared.settings import KitSettings

class Slow:
    name = "slow"
    async def start(self):
        print("starting", flush=True)
        await asyncio.sleep({start_seconds})
    async def drain(self, grace):
        print("drained", flush=True)

def build(settings):
    verifier = InternalTokenVerifier.from_jwks_file(settings.internal_token_jwks_file)
    rpc = RpcServer(settings.listen, verifier)
    return Service("test", [rpc, Slow()])

run_service(KitSettings, build)
"""


async def start(environment: dict[str, str], *, start_seconds: float = 0) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE.format(start_seconds=start_seconds),
        cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    new_key_files(folder / "private", folder / "public")
    return {
        "DATABASE_URL": "postgresql://user@127.0.0.1/name",
        "EVENTS_URL": "postgres://user@127.0.0.1/events",
        "INTERNAL_TOKEN_JWKS_FILE": str(folder / "public"),
        "LISTEN": f"unix:{folder}/s.sock",
    }


BAD = {
    "DATABASE_URL": (None, "The setting DATABASE_URL is not set"),
    "DRAIN_SECONDS": ("soon", "The setting DRAIN_SECONDS is wrong"),
    "INTERNAL_TOKEN_JWKS_FILE": ("/nowhere/keys", "/nowhere/keys: No such file"),
    "LISTEN": ("localhost", "write host:port"),
    "METRICS_LISTEN": ("127.0.0.1:no", "write host:port"),
}


@pytest.mark.parametrize(("name", "value", "sentence"), [(name, *rest) for name, rest in BAD.items()])
async def test_a_wrong_setting_ends_the_start_with_a_sentence(
    environment: dict[str, str], name: str, value: str | None, sentence: str
) -> None:
    process = await start({k: v for k, v in (environment | {name: value}).items() if v is not None})
    _, err = await asyncio.wait_for(process.communicate(), 30)
    last = err.decode().strip().splitlines()[-1]
    assert process.returncode == 1
    assert sentence in last
    assert b"Traceback" not in err


async def test_a_signal_during_the_start_ends_it_and_drains_what_runs(environment: dict[str, str]) -> None:
    process = await start(environment, start_seconds=600)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"starting\n"
    process.send_signal(signal.SIGTERM)
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0, err.decode()
    assert "s.sock" not in names_in(environment["LISTEN"].removeprefix("unix:"))


def names_in(socket: str) -> set[str]:
    return {file.name for file in Path(socket).parent.iterdir()}
