"""The catalog of a database that is loaded already, running by itself, for figures of it and for those who ask it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc

from services.catalog import wiring
from services.catalog.settings import Settings
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.identity import InternalTokenSigner, Principal
from shared.rpc.client import open_channel
from tests.internal_keys import new_key_files


@asynccontextmanager
async def running_catalog(
    url: str, events_url: str, caller: Principal
) -> AsyncIterator[tuple[grpc.aio.Channel, Callable[[], str]]]:
    """The channel to it, and what makes the caller's token."""
    with tempfile.TemporaryDirectory(prefix="catalog") as name:
        folder = Path(name)
        new_key_files(folder / "private.json", folder / "public.json")
        signer = InternalTokenSigner.from_jwk_file(folder / "private.json")
        listen = f"unix:{folder}/catalog.sock"
        log = open_log(events_url)
        await log.start()
        await log.create_topics(load_topics())
        await log.drain(1)
        service = wiring.build(
            Settings(
                database_url=url,
                events_url=events_url,
                listen=listen,
                internal_token_jwks_file=folder / "public.json",
            )
        )
        await service.start()
        channel = open_channel(listen)
        try:
            yield channel, lambda: signer.sign(caller)
        finally:
            await channel.close()
            await service.drain(5)
