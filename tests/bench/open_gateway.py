"""The gateway with its authentication and quota taken out, for benchmarks: everybody is one account, and every page is
granted as that account's first one was. Nothing else differs from the gateway beside it: `open_gateway.py PORT NAME`.
"""

import asyncio
import sys

import uvloop
from codingahead.catalog.v1 import catalog_pb2

import gateway.settings
import gateway.wiring
from deploy.local.environment import Environment, as_fields
from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.settings import LocalSettings
from deploy.local.state import State
from gateway.auth.reader import Headers, Reader, Readers
from gateway.door import Door
from gateway.meter.decision import Decision
from gateway.reading import ReadingRoom
from shared.identity import Kind, Principal
from shared.telemetry import configure_logs


def take_out(account: str) -> None:
    """Recognise nobody, ask the meter once for all, and limit no bursts."""
    reader = Reader(Principal(Kind.ACCOUNT, account), "")
    decide = ReadingRoom._decide
    first: list[Decision] = []

    async def of(_: Readers, _headers: Headers, _peer: str) -> Reader:
        return reader

    async def decided(room: ReadingRoom, who: Reader, page: catalog_pb2.Code, *, peek: bool) -> Decision:
        if not first:
            first.append(await decide(room, who, page, peek=peek))
        return first[0]

    setattr(Readers, "of", of)  # noqa: B010 - a type checker would rightly object
    setattr(ReadingRoom, "_decide", decided)  # noqa: B010
    setattr(Door, "_refused_burst", lambda *_: None)  # noqa: B010


async def main(port: int) -> None:
    """Serve until the process ends."""
    local = LocalSettings(oidc_issuer="")
    state = State(local.state)
    environment = Environment(state, EmbeddedPostgres(state.postgres, state.run), Keys(state.keys), local)
    given = as_fields(environment.of("gateway")) | {"port": str(port)}
    service = gateway.wiring.build(gateway.settings.Settings.model_validate(given))
    await service.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    configure_logs("warning", "console")
    take_out(sys.argv[2])
    uvloop.run(main(int(sys.argv[1])))
