"""Metering as it runs: real PostgreSQL, real gRPC on unix sockets, one service or several over one database."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceStub

from services.metering import wiring
from services.metering.settings import Settings
from shared.clock import Clock
from shared.database import Database
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel
from shared.service import Service
from tests.conftest import NewDatabase
from tests.internal_keys import new_key_files

if TYPE_CHECKING:
    from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceAsyncStub

SERVICE = Principal(Kind.SERVICE, "gateway")
OPERATOR = Principal(Kind.ACCOUNT, "ops", frozenset({"operator"}))
NETWORK = "net-1"
_ids = itertools.count(1)


def guest(name: str) -> Principal:
    """A guest."""
    return Principal(Kind.GUEST, name)


def account(name: str) -> Principal:
    """An account."""
    return Principal(Kind.ACCOUNT, name)


def partner(name: str) -> Principal:
    """A partner."""
    return Principal(Kind.PARTNER, name)


def key(code: str) -> pb.ContentKey:
    """A content key of ICD-10-CM."""
    return pb.ContentKey(system="icd10cm", code=code)


def new_id() -> str:
    """A request id that no other call has."""
    return f"request-{next(_ids)}"


@dataclass
class Metering:
    """One running metering service, and how to call it as somebody."""

    service: Service
    stub: MeteringServiceAsyncStub
    signer: InternalTokenSigner
    settings: Settings
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    def token(self, who: Principal) -> str:
        """The internal token of a principal."""
        return self.signer.sign(who)

    async def consume(
        self, who: Principal, code: str, *, request_id: str = "", network: str = NETWORK, seconds: float = 20
    ) -> pb.ConsumeResponse:
        """Ask for one page."""
        request = pb.ConsumeRequest(
            request_id=request_id or new_id(),
            content=key(code),
            network=network if who.kind is Kind.GUEST else "",
        )
        return await invoke(self.stub.Consume, request, timeout=seconds, token=self.token(who))

    async def peek(self, who: Principal, code: str = "") -> pb.PeekResponse:
        """Look at one page, or at the quota alone."""
        request = pb.PeekRequest(content=key(code) if code else None, network=NETWORK)
        return await invoke(self.stub.Peek, request, timeout=20, token=self.token(who))

    async def merge(self, guest_id: str, account_id: str, *, request_id: str = "") -> pb.MergeGuestResponse:
        """Merge a guest into an account, as the gateway does."""
        request = pb.MergeGuestRequest(request_id=request_id or new_id(), guest_id=guest_id, account_id=account_id)
        return await invoke(self.stub.MergeGuest, request, timeout=20, token=self.token(SERVICE))

    async def set_plan(
        self, principal: str, tier: pb.Tier.ValueType, *, quota: int | None = None, request_id: str = ""
    ) -> pb.SetPlanResponse:
        """Set a plan, as an operator."""
        request = pb.SetPlanRequest(
            request_id=request_id or new_id(), principal=principal, tier=tier, monthly_quota=quota, note="a test"
        )
        return await invoke(self.stub.SetPlan, request, timeout=20, token=self.token(OPERATOR))

    async def credit(self, principal: str, pages: int, *, request_id: str = "") -> pb.CreditResponse:
        """Credit pages, as an operator."""
        request = pb.CreditRequest(
            request_id=request_id or new_id(), principal=principal, pages=pages, note="a correction"
        )
        return await invoke(self.stub.Credit, request, timeout=20, token=self.token(OPERATOR))

    async def accept(self, who: Principal, licence: str) -> pb.AcceptLicenceResponse:
        """Accept a licence's terms."""
        request = pb.AcceptLicenceRequest(request_id=new_id(), licence=licence, terms_edition="1")
        return await invoke(self.stub.AcceptLicence, request, timeout=20, token=self.token(who))

    async def usage(self, who: Principal, **asked: object) -> pb.GetUsageResponse:
        """Tell a principal its usage."""
        request = pb.GetUsageRequest(**asked)  # type: ignore[arg-type]
        return await invoke(self.stub.GetUsage, request, timeout=20, token=self.token(who))

    async def reconcile(self) -> pb.ReconcileResponse:
        """Compare ledger, counters and grants."""
        return await invoke(self.stub.Reconcile, pb.ReconcileRequest(), timeout=60, token=self.token(SERVICE))


class Fleet:
    """Starts metering services over one database."""

    def __init__(self, database_url: str, events_url: str, folder: Path) -> None:
        """Take the addresses, and a folder for keys and sockets."""
        self.database_url = database_url
        self._events_url = events_url
        self._folder = folder
        self._number = itertools.count(1)
        self._running: list[Metering] = []
        private, self._public = folder / "key.json", folder / "jwks.json"
        new_key_files(private, self._public)
        self._signer = InternalTokenSigner.from_jwk_file(private)

    def settings(self, **changed: object) -> Settings:
        """The settings of one more service."""
        given: dict[str, object] = {
            "database_url": self.database_url,
            "events_url": self._events_url,
            "listen": f"unix:{self._folder}/{next(self._number)}.sock",
            "internal_token_jwks_file": self._public,
            **changed,
        }
        return Settings(**given)  # type: ignore[arg-type]

    async def start(self, *, clock: Clock | None = None, **changed: object) -> Metering:
        """Start one more service."""
        settings = self.settings(**changed)
        service = wiring.build(settings, clock=clock)
        await service.start()
        channel = open_channel(settings.listen)
        metering = Metering(
            service,
            MeteringServiceStub(channel),
            self._signer,
            settings,
            [channel],
        )
        self._running.append(metering)
        return metering

    async def stop(self) -> None:
        """Stop every service."""
        for metering in self._running:
            for channel in metering.channels:
                await channel.close()
            with contextlib.suppress(Exception):
                await metering.service.drain(2)


@pytest.fixture
def database_url(new_database: NewDatabase) -> str:
    """A migrated database of this test, without a row."""
    return new_database("metering")


@pytest.fixture
def metering_folder() -> Iterator[Path]:
    """A folder with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="mt-") as folder:
        yield Path(folder)


@pytest.fixture
async def fleet(database_url: str, events_url: str, metering_folder: Path) -> AsyncIterator[Fleet]:
    """Services over one fresh, migrated database."""
    fleet = Fleet(database_url, events_url, metering_folder)
    yield fleet
    await fleet.stop()


@pytest.fixture
async def metering(fleet: Fleet) -> Metering:
    """One service with the database's clock."""
    return await fleet.start()


@pytest.fixture
async def database(database_url: str, fleet: Fleet) -> AsyncIterator[Database]:
    """The services' database, to look into."""
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()
