"""A server of the kit and a channel to it, for each test."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest

from shared.rpc.client import open_channel
from tests.contract.rpc.echo import EchoServer, EchoStub


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder: a unix socket's path must fit into 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="rpc-") as name:
        yield Path(name)


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[EchoServer]:
    server = EchoServer(folder, f"unix:{folder}/s.sock")
    await server.rpc.start()
    yield server
    await server.rpc.drain(0)


@pytest.fixture
async def channel(folder: Path) -> AsyncIterator[grpc.aio.Channel]:
    async with open_channel(f"unix:{folder}/s.sock") as channel:
        yield channel


@pytest.fixture
def stub(server: EchoServer, channel: grpc.aio.Channel) -> EchoStub:
    return EchoStub(channel)
