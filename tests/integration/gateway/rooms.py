"""The gateway, metering and catalog as they run: real PostgreSQL, real gRPC, real HTTP; metering can be stopped."""

from __future__ import annotations

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceStub
from codingahead.search.v1.search_pb2 import GetIndexStatusRequest
from codingahead.search.v1.search_pb2_grpc import SearchServiceStub
from joserfc import jwt
from joserfc.jwk import ECKey

import gateway.wiring
import services.catalog.wiring
import services.metering.wiring
import services.search.wiring
from deploy.local.keys import Keys
from gateway.__main__ import MIGRATIONS
from gateway.settings import Settings
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file
from services.catalog.settings import Settings as CatalogSettings
from services.metering.settings import Settings as MeteringSettings
from services.search.settings import Settings as SearchSettings
from shared.clock import SystemClock
from shared.database import Database, migrate
from shared.events.log import open_log
from shared.events.topics import load_topics
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from shared.service import Service
from tests.servers.ports import free_port
from tests.unit.catalog.code_set_files import CHOICES, RIGHT
from tests.unit.catalog.small_content import write_content
from tests.unit.catalog.small_tabular import SMALL, written

if TYPE_CHECKING:
    from codingahead.search.v1.search_pb2_grpc import SearchServiceAsyncStub

OPERATOR = Principal(Kind.ACCOUNT, "ops", frozenset({"operator"}))
Answer = TypeVar("Answer")
CATALOG_MIGRATIONS = Path(services.catalog.wiring.__file__).parent / "migrations"


class Rooms:
    """The three rooms over databases of their own; each may be started and stopped."""

    def __init__(self, folder: Path, new_database: Callable[[str], str], events_url: str) -> None:
        """Take a folder with a short path, what makes databases, and the event log."""
        self.folder = folder
        self.keys = Keys(folder)
        self.keys.create()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.catalog_url, self.metering_url = new_database("catalog"), new_database("metering")
        self.gateway_url = new_database("gateway")
        self.events_url = events_url
        self._new_database = new_database
        self._running: dict[str, Service] = {}

    async def prepare(self) -> None:
        """Migrate, make the topics, and import the small Tabular List."""
        await asyncio.to_thread(migrate, self.catalog_url, CATALOG_MIGRATIONS)
        await asyncio.to_thread(services.metering.wiring.migrate_database, self.metering_settings())
        await asyncio.to_thread(migrate, self.gateway_url, MIGRATIONS)
        log = open_log(self.events_url)
        await log.start()
        await log.create_topics(load_topics())
        await log.drain(1)
        await self.import_tabular(SMALL)

    async def import_tabular(self, text: str) -> None:
        """Import a Tabular List as an operator does."""
        await self._import("icd10cm-tabular", written(self.folder, text))

    async def import_procedures(self) -> None:
        """Import the small invented content of procedure codes."""
        await self._import("house", write_content(self.folder / "content"))

    async def import_hcpcs(self, text: str) -> None:
        """Import an invented file in the layout of HCPCS Level II."""
        await self._import("hcpcs", written(self.folder, text, "HCPC2026_CONTR_ANWEB.txt"))

    async def import_descriptors(self, text: str) -> None:
        """Import an invented file in the layout of licensed CPT descriptors."""
        choices = Choices(edition="2027", licence_accepted_by="A. Tester")
        await self._import("cpt", written(self.folder, text, "LONGULT.txt"), choices)

    async def import_code_sets(self) -> None:
        """Import small invented files of the code sets in their official layouts."""
        for kind in ("icd10pcs-order", "icd9cm", "gems", "hcpcs", "cdt"):
            for name, content in RIGHT[kind].items():
                (self.folder / name).write_bytes(content)
            database = Database(self.catalog_url)
            await database.open()
            paths = [self.folder / name for name in RIGHT[kind]]
            choices = CHOICES.get(kind, Choices())
            await import_file(database, kind, paths, imported_by="tester", choices=choices, clock=SystemClock())
            await database.close()

    async def import_files(self, kind: str, files: Mapping[str, bytes]) -> None:
        """Import files of a kind by their names."""
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        database = Database(self.catalog_url)
        await database.open()
        paths = [self.folder / name for name in files]
        await import_file(database, kind, paths, imported_by="tester", clock=SystemClock())
        await database.close()

    async def _import(self, kind: str, path: Path, choices: Choices = Choices()) -> None:  # noqa: B008 - immutable
        database = Database(self.catalog_url)
        await database.open()
        await import_file(database, kind, [path], imported_by="tester", choices=choices, clock=SystemClock())
        await database.close()

    def metering_settings(self) -> MeteringSettings:
        """Metering's settings."""
        return MeteringSettings(**self._common(self.metering_url, "metering"))

    def gateway_settings(self, **changed: Any) -> Settings:
        """The gateway's settings, on a free port."""
        given: dict[str, Any] = {
            **self._common(self.gateway_url, "gateway"),
            "port": self.port,
            "public_url": self.url,
            "catalog_target": self._socket("catalog"),
            "metering_target": self._socket("metering"),
            "search_target": self._socket("search"),
            "internal_token_key_file": self.keys.internal_private,
            "guest_cookie_keys_file": self.keys.guest_cookie,
            "network_key_file": self.keys.network,
            "oidc_issuer": self.keys.issuer(self.url),
            "oidc_audience": self.keys.AUDIENCE,
            "oidc_jwks_file": self.keys.issuer_public,
            "oidc_algorithms": "ES256",
            **changed,
        }
        return Settings(**given)

    async def start_catalog(self) -> None:
        """Start catalog."""
        settings = CatalogSettings(**self._common(self.catalog_url, "catalog"), uploads_folder=self.folder / "uploads")
        await self._start("catalog", services.catalog.wiring.build(settings))

    async def start_search(self) -> None:
        """Start search, and wait until it answers from the catalog."""
        settings = SearchSettings(
            **self._common(self._new_database("search"), "search"),
            catalog_target=self._socket("catalog"),
            internal_token_key_file=self.keys.internal_search,
            search_engine_url=f"tantivy://{self.folder / 'search' / 'index'}",
            search_table_folder=self.folder / "search" / "table",
        )
        await asyncio.to_thread(services.search.wiring.migrate_database, settings)
        await self._start("search", services.search.wiring.build(settings))
        channel = open_channel(self._socket("search"))
        stub: SearchServiceAsyncStub = SearchServiceStub(channel)
        token = InternalTokenSigner.from_jwk_file(self.keys.internal_private).sign(OPERATOR)
        async with asyncio.timeout(30):
            while True:
                if (await invoke(stub.GetIndexStatus, GetIndexStatusRequest(), timeout=10, token=token)).generation:
                    break
                await asyncio.sleep(0.05)
        await channel.close()

    async def start_metering(self) -> None:
        """Start metering."""
        await self._start("metering", services.metering.wiring.build(self.metering_settings()))

    async def start_gateway(self, **changed: Any) -> None:
        """Start the gateway."""
        await self._start("gateway", gateway.wiring.build(self.gateway_settings(**changed)))

    async def stop(self, room: str, grace: float = 5) -> None:
        """Stop one room."""
        await self._running.pop(room).drain(grace)

    async def stop_all(self) -> None:
        """Stop whatever runs, the gateway first."""
        for room in ("gateway", "issuer", "search", "catalog", "metering"):
            if room in self._running:
                await self.stop(room)

    def account(self, name: str) -> dict[str, str]:
        """The header of an account that is signed in."""
        return {"Authorization": f"Bearer {self.keys.access_token(name, (), self.url)}"}

    def partner(self, client: str) -> dict[str, str]:
        """The header of a partner's program that has a client of its own at the issuer."""
        key = ECKey.import_key(json.loads(self.keys.issuer_private.read_text()))
        now = int(time.time())
        claims = {
            "iss": self.keys.issuer(self.url),
            "aud": self.keys.AUDIENCE,
            "sub": f"service-account-{client}",
            "azp": client,
            "client_id": client,
            "typ": "Bearer",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "realm_access": {"roles": ["partner"]},
        }
        token = jwt.encode({"alg": "ES256", "typ": "JWT", "kid": key.kid}, claims, key)
        return {"Authorization": f"Bearer {token}"}

    @staticmethod
    def once() -> dict[str, str]:
        """The header of a call that is to be done once."""
        return {"Idempotency-Key": secrets.token_hex(16)}

    async def set_plan(self, account: str, tier: pb.Tier.ValueType) -> None:
        """Set the plan of an account, as an operator."""
        request = pb.SetPlanRequest(
            request_id=secrets.token_hex(8), principal=f"account:{account}", tier=tier, note="a test"
        )
        await self.metering_call(lambda stub, token: invoke(stub.SetPlan, request, timeout=10, token=token), OPERATOR)

    async def credit(self, account: str, pages: int) -> None:
        """Credit pages to an account, as an operator."""
        request = pb.CreditRequest(
            request_id=secrets.token_hex(8), principal=f"account:{account}", pages=pages, note="a test"
        )
        await self.metering_call(lambda stub, token: invoke(stub.Credit, request, timeout=10, token=token), OPERATOR)

    async def grants(self, principal: Principal) -> set[str]:
        """The codes that metering has granted to a principal."""
        usage = await self.metering_call(
            lambda stub, token: invoke(stub.GetUsage, pb.GetUsageRequest(), timeout=10, token=token), principal
        )
        return {grant.content.code for grant in usage.grants}

    async def counters(self, principal: Principal) -> dict[str, int]:
        """The counters of a principal that are not page views."""
        usage = await self.metering_call(
            lambda stub, token: invoke(stub.GetUsage, pb.GetUsageRequest(), timeout=10, token=token), principal
        )
        return {counter.name: counter.value for counter in usage.counters}

    async def metering_call(
        self, call: Callable[..., Awaitable[Answer]], principal: Principal, *, key: Path | None = None
    ) -> Answer:
        """Call metering past the gateway, with the gateway's key or another one."""
        token = InternalTokenSigner.from_jwk_file(key or self.keys.internal_private).sign(principal)
        channel = open_channel(self._socket("metering"))
        try:
            # Right after a restart the connection may still pause, as it is shared with the gateway's of this process.
            async with asyncio.timeout(10):
                await channel.channel_ready()
            return await call(MeteringServiceStub(channel), token)
        finally:
            await channel.close()

    async def _start(self, room: str, service: Service) -> None:
        await service.start()
        self._running[room] = service

    def _socket(self, room: str) -> str:
        return f"unix:{self.folder}/{room}.sock"

    def _common(self, database_url: str, room: str) -> dict[str, Any]:
        return {
            "database_url": database_url,
            "events_url": self.events_url,
            "listen": self._socket(room),
            "internal_token_jwks_file": self.keys.internal_public,
        }


@asynccontextmanager
async def running_rooms(
    new_database: Callable[[str], str],
    events_url: str,
    *,
    loaded: Callable[[Rooms], Awaitable[None]] | None = None,
    search: bool = False,
    **gateway: Any,
) -> AsyncIterator[Rooms]:
    """Catalog, metering and the gateway with the settings given, running; `loaded` brings data before they start."""
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        rooms = Rooms(Path(folder), new_database, events_url)
        await rooms.prepare()
        if loaded is not None:
            await loaded(rooms)
        await rooms.start_metering()
        await rooms.start_catalog()
        if search:
            await rooms.start_search()
        await rooms.start_gateway(**gateway)
        yield rooms
        await rooms.stop_all()


async def until(client: httpx.AsyncClient, path: str, what: Callable[[httpx.Response], bool]) -> httpx.Response:
    """Ask again and again until an answer is as expected; fails after ten seconds."""
    async with asyncio.timeout(10):
        while True:
            answer = await client.get(path)
            if what(answer):
                return answer
            await asyncio.sleep(0.05)
