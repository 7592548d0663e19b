"""Settings to a running service; the only place that constructs adapters."""

from __future__ import annotations

from pathlib import Path

from codingahead.metering.v1.metering_pb2_grpc import add_MeteringServiceServicer_to_server

from services.metering import events
from services.metering.adapters import policies
from services.metering.adapters.postgres import PostgresStore
from services.metering.adapters.retention import Retention
from services.metering.meter import Meter
from services.metering.policy import default_policy
from services.metering.rpc import MeteringServicer
from services.metering.settings import Settings
from shared.clock import Clock
from shared.database import Database, migrate
from shared.events.consumers import EffectConsumer
from shared.events.log import open_log
from shared.events.relay import Relay
from shared.identity import InternalTokenVerifier
from shared.rpc.server import RpcServer
from shared.service import Service

SERVICE = "codingahead.metering.v1.MeteringService"
MIGRATIONS = Path(__file__).with_name("migrations")


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """Join the service's parts; `clock` stands in for the database's in tests."""
    database = database_of(settings)
    store = store_of(settings, database, clock=clock)
    log = open_log(settings.events_url)
    meter = Meter(store, most=settings.decisions_per_commit, readings=settings.readings_at_a_time)
    verifier = InternalTokenVerifier.from_jwks_file(settings.internal_token_jwks_file)
    server = RpcServer(settings.listen, verifier)
    servicer = MeteringServicer(meter, store, verifier, server.draining)
    server.register(lambda added: add_MeteringServiceServicer_to_server(servicer, added), SERVICE)
    retention = Retention(
        database,
        guest_days=settings.guest_retention_days,
        request_days=settings.request_retention_days,
        every=settings.retention_seconds,
    )
    relay = Relay(database, log, "metering")
    hearing = EffectConsumer(log, database, group=events.GROUP, topics=[events.ACCOUNT_DELETED], handle=events.hear)
    return Service("metering", [database, FirstPolicy(database, store), log, relay, hearing, retention, meter, server])


def database_of(settings: Settings) -> Database:
    """Give the pool of connections, unopened."""
    return Database(settings.database_url, max_size=settings.database_connections)


def store_of(settings: Settings, database: Database, *, clock: Clock | None = None) -> PostgresStore:
    """Give the store over a pool."""
    return PostgresStore(database, clock=clock, timeout=settings.transaction_seconds)


def migrate_database(settings: Settings) -> None:
    """Bring the database to the newest schema."""
    migrate(settings.database_url, MIGRATIONS)


class FirstPolicy:
    """Puts the default policy in force where none is; a part of the service."""

    name = "first policy"

    def __init__(self, database: Database, store: PostgresStore) -> None:
        """Take the database, and the store whose clock dates the policy."""
        self._database = database
        self._store = store

    async def start(self) -> None:
        """Put version 1 in force in a database that has none."""
        async with self._store.transaction() as tx:
            now = await tx.now()
        async with self._database.transaction() as conn:
            await policies.put_first(conn, default_policy(), now)

    async def drain(self, grace: float) -> None:
        """Nothing runs."""
