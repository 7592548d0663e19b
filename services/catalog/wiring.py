"""Joins the catalog's parts; the only place that constructs its adapters."""

from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import (
    catalog_pb2_grpc,
    drugs_pb2_grpc,
    edits_pb2_grpc,
    entries_pb2_grpc,
    imports_pb2_grpc,
    index_pb2_grpc,
    procedure_tables_pb2_grpc,
    releases_pb2_grpc,
)

from services.catalog import events
from services.catalog.adapters.comparisons import PostgresComparisons
from services.catalog.adapters.edit_tables import PostgresEditTables
from services.catalog.adapters.entries import PostgresEntries
from services.catalog.adapters.import_jobs import PostgresJobs
from services.catalog.adapters.index_leads import PostgresIndexLeads
from services.catalog.adapters.index_view import PostgresIndexes
from services.catalog.adapters.library import PostgresLibrary
from services.catalog.adapters.lists import PostgresLists
from services.catalog.adapters.other_editions import PostgresOtherEditions
from services.catalog.adapters.procedure_tables import PostgresProcedureTables
from services.catalog.adapters.ptp_edits import PostgresPtpEdits
from services.catalog.adapters.releases import PostgresReleases
from services.catalog.adapters.reports import PostgresReports
from services.catalog.browsing import Browsing
from services.catalog.codes import Codes
from services.catalog.comparing import Comparing
from services.catalog.drugs_rpc import SERVICE as DRUGS_SERVICE
from services.catalog.drugs_rpc import DrugsServicer
from services.catalog.edits.checker import Checker
from services.catalog.edits.diagnoses import DiagnosisBook
from services.catalog.edits.keeper import Keeper
from services.catalog.edits_rpc import SERVICE as EDITS_SERVICE
from services.catalog.edits_rpc import EditsServicer
from services.catalog.entries import Entries
from services.catalog.entries_rpc import SERVICE as ENTRIES_SERVICE
from services.catalog.entries_rpc import EntriesServicer
from services.catalog.error_reports import ErrorReports
from services.catalog.imports_rpc import SERVICE as IMPORTS_SERVICE
from services.catalog.imports_rpc import ImportsServicer
from services.catalog.index_entries import IndexLists
from services.catalog.index_rpc import SERVICE as INDEX_SERVICE
from services.catalog.index_rpc import IndexServicer
from services.catalog.index_view import IndexView
from services.catalog.jobs.desk import Desk
from services.catalog.jobs.folder import MIB, UploadFolder
from services.catalog.jobs.runner import JobRunner
from services.catalog.messages import page_of
from services.catalog.procedure_builder import ProcedureBuilder
from services.catalog.procedure_tables_rpc import SERVICE as PROCEDURE_TABLES_SERVICE
from services.catalog.procedure_tables_rpc import ProcedureTablesServicer
from services.catalog.ptp_edits import PtpLists
from services.catalog.releases_rpc import SERVICE as RELEASES_SERVICE
from services.catalog.releases_rpc import ReleasesServicer
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
    keeper = Keeper(PostgresEditTables(database))
    server = RpcServer(settings.listen, InternalTokenVerifier.from_jwks_file(settings.internal_token_jwks_file))
    _register_codes(server, database, clock)
    _register_edits(server, database, keeper, clock)
    _register_procedure_tables(server, database, clock)
    imports = _register_imports(server, database, settings)
    _register_indexes(server, database, clock)
    log = open_log(settings.events_url)
    relay = Relay(database, log, "catalog")
    hearing = EffectConsumer(log, database, group=events.GROUP, topics=[events.ACCOUNT_DELETED], handle=events.hear)
    return Service("catalog", [database, log, relay, hearing, ForgetsAnswers(database), keeper, imports, server])


def _register_codes(server: RpcServer, database: Database, clock: Clock) -> None:
    """Codes, what doses of their drugs are on claims, and the releases that they come from."""
    library = PostgresLibrary(database)
    codes = Codes(library, clock, page_of, pb.Code.ByteSize)
    servicer = CatalogServicer(
        codes,
        Browsing(library, PostgresLists(database), clock),
        PtpLists(library, PostgresPtpEdits(database), clock),
        IndexLists(library, PostgresIndexLeads(database), clock),
        ErrorReports(PostgresReports(database), library, clock),
    )
    drugs = DrugsServicer(codes, clock)
    releases = ReleasesServicer(Comparing(PostgresComparisons(database), clock), PostgresReleases(database), clock)
    entries = EntriesServicer(Entries(library, PostgresEntries(database), clock), clock)
    server.register(lambda to: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(servicer, to), SERVICE)
    server.register(lambda to: drugs_pb2_grpc.add_DrugsServiceServicer_to_server(drugs, to), DRUGS_SERVICE)
    server.register(lambda to: entries_pb2_grpc.add_EntriesServiceServicer_to_server(entries, to), ENTRIES_SERVICE)
    server.register(lambda to: releases_pb2_grpc.add_ReleasesServiceServicer_to_server(releases, to), RELEASES_SERVICE)


def _register_edits(server: RpcServer, database: Database, keeper: Keeper, clock: Clock) -> None:
    """Claim edits, over the tables that the keeper holds."""
    edits = EditsServicer(Checker(keeper, DiagnosisBook(PostgresOtherEditions(database))), clock)
    server.register(lambda to: edits_pb2_grpc.add_EditsServiceServicer_to_server(edits, to), EDITS_SERVICE)


def _register_imports(server: RpcServer, database: Database, settings: Settings) -> JobRunner:
    """Imports that operators order, and what runs them."""
    folder = UploadFolder(
        settings.uploads, largest_upload=settings.largest_upload_mb * MIB, largest=settings.uploads_mb * MIB
    )
    jobs = PostgresJobs(database)
    desk = Desk(jobs, folder)
    servicer = ImportsServicer(desk)
    server.register(lambda to: imports_pb2_grpc.add_ImportsServiceServicer_to_server(servicer, to), IMPORTS_SERVICE)
    environment = {
        "DATABASE_URL": settings.database_url,
        "UPLOADS_FOLDER": str(settings.uploads),
        "LOG_LEVEL": settings.log_level,
        "LOG_FORMAT": settings.log_format,
    }
    return JobRunner(jobs, folder, desk, environment)


def _register_procedure_tables(server: RpcServer, database: Database, clock: Clock) -> None:
    """The tables by which ICD-10-PCS codes are built."""
    builder = ProcedureBuilder(PostgresLibrary(database), PostgresProcedureTables(database))
    tables = ProcedureTablesServicer(builder, clock)
    server.register(
        lambda to: procedure_tables_pb2_grpc.add_ProcedureTablesServiceServicer_to_server(tables, to),
        PROCEDURE_TABLES_SERVICE,
    )


def _register_indexes(server: RpcServer, database: Database, clock: Clock) -> None:
    """The indexes of ICD-10-CM, to be walked."""
    indexes = IndexServicer(IndexView(PostgresLibrary(database), PostgresIndexes(database)), clock)
    server.register(lambda to: index_pb2_grpc.add_IndexServiceServicer_to_server(indexes, to), INDEX_SERVICE)
