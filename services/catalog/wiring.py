"""Joins the catalog's parts; the only place that constructs its adapters."""

from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import catalog_pb2_grpc

from services.catalog import events
from services.catalog.adapters.library import PostgresLibrary
from services.catalog.adapters.lists import PostgresLists
from services.catalog.adapters.reports import PostgresReports
from services.catalog.browsing import Browsing
from services.catalog.codes import Codes
from services.catalog.error_reports import ErrorReports
from services.catalog.messages import page_of
from services.catalog.rpc import SERVICE, CatalogServicer
from services.catalog.settings import Settings
from shared.clock import Clock, SystemClock
from shared.database import Database
from shared.events.consumers import EffectConsumer
from shared.events.log import open_log
from shared.events.relay import Relay
from shared.idempotency import ForgetsAnswers
from shared.identity import InternalTokenVerifier
from shared.rpc.server import RpcServer
from shared.service import Service


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """The catalog service, not started; its database is migrated by then."""
    clock = clock or SystemClock()
    database = Database(settings.database_url, max_size=settings.database_connections)
    library = PostgresLibrary(database)
    servicer = CatalogServicer(
        Codes(library, clock, page_of, pb.Code.ByteSize),
        Browsing(library, PostgresLists(database), clock),
        ErrorReports(PostgresReports(database), library, clock),
    )
    server = RpcServer(settings.listen, InternalTokenVerifier.from_jwks_file(settings.internal_token_jwks_file))
    server.register(
        lambda grpc_server: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(servicer, grpc_server), SERVICE
    )
    log = open_log(settings.events_url)
    hearing = EffectConsumer(log, database, group=events.GROUP, topics=[events.ACCOUNT_DELETED], handle=events.hear)
    return Service(
        "catalog", [database, log, Relay(database, log, "catalog"), hearing, ForgetsAnswers(database), server]
    )
