"""A small service on the kit, spoken with well-known messages so that it needs no contract of its own.

`python -m tests.contract.rpc.echo FOLDER SECONDS` serves it as a process, on FOLDER/s.sock with the keys in FOLDER.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

from shared.identity import InternalTokenSigner, InternalTokenVerifier, Kind, Principal
from shared.process import run, serve
from shared.rpc.context import current_principal
from shared.rpc.server import RpcServer
from shared.service import Service
from tests.internal_keys import new_key_files

NAME = "test.v1.EchoService"
CALLER = Principal(Kind.ACCOUNT, "4711", frozenset({"editor"}))


class Echo:
    """Answers with what a test gives it to do; a stream goes on until the drain."""

    def __init__(self, draining: asyncio.Event) -> None:
        self._draining = draining
        self.work: Callable[[str], Any] = self.repeat
        self.begun = asyncio.Event()

    async def repeat(self, text: str) -> str:
        return f"{current_principal().name} said {text}"

    async def say(self, request: StringValue, _context: object) -> StringValue:
        self.begun.set()
        return StringValue(value=await self.work(request.value))

    async def recite(self, request: StringValue, _context: object) -> AsyncIterator[StringValue]:
        for word in request.value.split():
            yield StringValue(value=await self.work(word))

    async def talk(self, _requests: AsyncIterator[StringValue], _context: object) -> AsyncIterator[StringValue]:
        self.begun.set()
        yield StringValue(value="hello")
        await self._draining.wait()
        yield StringValue(value="goodbye")

    async def ramble(self, _request: StringValue, _context: object) -> AsyncIterator[StringValue]:
        yield StringValue(value="hello")
        await asyncio.Event().wait()

    def add_to(self, server: grpc.aio.Server) -> None:
        codecs = (StringValue.FromString, StringValue.SerializeToString)
        handlers: dict[str, Any] = {
            "Say": grpc.unary_unary_rpc_method_handler(self.say, *codecs),
            "Recite": grpc.unary_stream_rpc_method_handler(self.recite, *codecs),
            "Talk": grpc.stream_stream_rpc_method_handler(self.talk, *codecs),
            "Ramble": grpc.unary_stream_rpc_method_handler(self.ramble, *codecs),
        }
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(NAME, handlers),))


class EchoStub:
    """Calls it."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        codecs = (StringValue.SerializeToString, StringValue.FromString)
        self.Say: grpc.aio.UnaryUnaryMultiCallable[StringValue, StringValue] = channel.unary_unary(
            f"/{NAME}/Say", *codecs
        )
        self.Recite: grpc.aio.UnaryStreamMultiCallable[StringValue, StringValue] = channel.unary_stream(
            f"/{NAME}/Recite", *codecs
        )
        self.Talk: grpc.aio.StreamStreamMultiCallable[StringValue, StringValue] = channel.stream_stream(
            f"/{NAME}/Talk", *codecs
        )
        self.Ramble: grpc.aio.UnaryStreamMultiCallable[StringValue, StringValue] = channel.unary_stream(
            f"/{NAME}/Ramble", *codecs
        )


class EchoServer:
    """The service on one address, with keys of its own."""

    def __init__(self, folder: Path, listen: str) -> None:
        if not (folder / "private").exists():
            new_key_files(folder / "private", folder / "public")
        self.signer = InternalTokenSigner.from_jwk_file(folder / "private")
        self.rpc = RpcServer(listen, InternalTokenVerifier.from_jwks_file(folder / "public"))
        self.echo = Echo(self.rpc.draining)
        self.rpc.register(self.echo.add_to, NAME)

    @property
    def token(self) -> str:
        return self.signer.sign(CALLER)


def main(folder: Path, seconds: float) -> None:
    """Serve; every call takes `seconds` and writes a line when it is accepted."""

    async def serve_until_signal() -> None:
        server = EchoServer(folder, f"unix:{folder}/s.sock")

        async def slowly(text: str) -> str:
            print(text, flush=True)
            await asyncio.sleep(seconds)
            return text

        server.echo.work = slowly

        async def say_ready() -> None:
            print("ready", flush=True)

        await serve([Service("echo", [server.rpc])], 10, started=say_ready)

    run(serve_until_signal())


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
