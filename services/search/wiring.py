"""Joins the parts of search; with `building` the only place that constructs its adapters."""

from functools import partial
from pathlib import Path

from codingahead.search.v1 import search_pb2_grpc

from services.search.adapters.catalog import CatalogEntries
from services.search.adapters.channel import Channel
from services.search.adapters.engines import open_engine
from services.search.adapters.generations import Generations
from services.search.adapters.table_files import TableFiles
from services.search.adapters.turns import one_at_a_time
from services.search.adapters.zero_hits import PostgresZeroHits
from services.search.events import TOPICS, Following
from services.search.indexing import Indexing
from services.search.lexicon import lexicon
from services.search.meanwhile import ByNumber
from services.search.rpc import SERVICE, SearchServicer
from services.search.searching import Searching
from services.search.settings import Settings
from shared.clock import Clock, SystemClock
from shared.database import Database, migrate
from shared.events.cache import CacheConsumer
from shared.events.log import open_log
from shared.identity import InternalTokenSigner, InternalTokenVerifier, Kind, Principal
from shared.rpc.client import open_channel
from shared.rpc.server import RpcServer
from shared.service import Part, Service

MIGRATIONS = Path(__file__).with_name("migrations")
OWN_PRINCIPAL = Principal(Kind.SERVICE, "search", frozenset({"service"}))


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """The search service, not started; its database is migrated by then. Needs a running event loop."""
    clock = clock or SystemClock()
    signer = InternalTokenSigner.from_jwk_file(settings.internal_token_key_file)
    database = Database(settings.database_url, max_size=settings.database_connections)
    channel = open_channel(settings.catalog_target)
    engine = open_engine(settings.search_engine_url)
    log = open_log(settings.events_url)
    source = CatalogEntries(channel, lambda: signer.sign(OWN_PRINCIPAL))

    def job(generation: str) -> dict[str, str]:
        return {
            "generation": generation,
            "catalog_target": settings.catalog_target,
            "token": signer.sign(OWN_PRINCIPAL),
            "engine_url": settings.search_engine_url,
            "table_folder": str(settings.search_table_folder),
            "today": clock.now().date().isoformat(),
        }

    generations = Generations(TableFiles(settings.search_table_folder), job, source.state, engine.shared)
    indexing = Indexing(source, generations, engine, lexicon, clock, turn=partial(one_at_a_time, database))
    following = Following(indexing)
    hearing = CacheConsumer(log, topics=TOPICS, handle=following.hear, reset=following.reset, name="search")
    zero_hits = PostgresZeroHits(database, clock)
    searching = Searching(indexing.current, clock, zero_hits, ByNumber(source.of), indexing.looked)
    server = RpcServer(settings.listen, InternalTokenVerifier.from_jwks_file(settings.internal_token_jwks_file))
    servicer = SearchServicer(searching, indexing, engine, zero_hits)
    server.register(lambda to: search_pb2_grpc.add_SearchServiceServicer_to_server(servicer, to), SERVICE)
    parts: list[Part] = [database, Channel(channel), log, engine, indexing, hearing, zero_hits, server]
    return Service("search", parts)


def migrate_database(settings: Settings) -> None:
    """Bring the database to the newest schema."""
    migrate(settings.database_url, MIGRATIONS)
