"""From settings to a running gateway; the only place that constructs its parts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from codingahead.metering.v1 import metering_pb2_grpc
from starlette.types import ASGIApp

from gateway.accounts.addresses import Addresses
from gateway.accounts.deleted import TOPIC as ACCOUNT_DELETED
from gateway.accounts.deleted import DeletedAccounts
from gateway.accounts.deletion import Deletions
from gateway.accounts.effects import GROUP, Effects
from gateway.accounts.issuer_accounts import open_issuer_accounts
from gateway.accounts.notices import Notices
from gateway.accounts.plan_notices import TOPIC as PLAN_CHANGED
from gateway.accounts.plan_notices import PlanNotices
from gateway.app import create_app
from gateway.audit import Audit
from gateway.auth.guest import GuestCookies
from gateway.auth.network import Networks
from gateway.auth.reader import Readers
from gateway.auth.wiring import build_accounts
from gateway.billing.plans import open_billing
from gateway.burst import BurstLimit, Bursts
from gateway.calls import Calls
from gateway.catalog import Catalog
from gateway.catalog_releases import Releases
from gateway.channels import Channels
from gateway.cors import Cors
from gateway.displays import Displays
from gateway.drugs import Drugs
from gateway.edits import Edits
from gateway.freshness import TOPICS, Freshness
from gateway.http_server import HttpServer
from gateway.idempotency import Answers
from gateway.imports import Imports
from gateway.indexes import Indexes
from gateway.keys.ring import KeyRing
from gateway.keys.store import KeyStore
from gateway.library.library import open_library
from gateway.meter.counting import Counting
from gateway.meter.memory import Heard
from gateway.meter.policy import Policies
from gateway.meter.served import ServedPages
from gateway.meter.stream import DecisionStream
from gateway.pages import PageMemory
from gateway.platform import Gateway
from gateway.reading import ReadingRoom
from gateway.search import Search
from gateway.settings import Settings
from shared.database import Database
from shared.events.cache import CacheConsumer
from shared.events.consumers import EffectConsumer
from shared.events.log import open_log
from shared.events.relay import Relay
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.mail import WaitingMails, open_mailer
from shared.rpc.client import open_channel
from shared.service import Service

CONNECTIONS = 12
"""Of them the relay and each mail under way hold one for themselves."""
NO_MOUNTS: Mapping[str, ASGIApp] = MappingProxyType({})
OWN_PRINCIPAL = Principal(Kind.SERVICE, "gateway", frozenset({"service"}))


def build(settings: Settings, mounts: Mapping[str, ASGIApp] = NO_MOUNTS) -> Service:
    """Construct the gateway; nothing runs before its start. Needs a running event loop.

    `mounts` are applications of others at the gateway's origin, by the prefix of their paths ("/realms/", say).
    """
    signer = InternalTokenSigner.from_jwk_file(settings.internal_token_key_file)

    def own_token() -> str:
        return signer.sign(OWN_PRINCIPAL)

    catalog_channel = open_channel(settings.catalog_target)
    metering_channel = open_channel(settings.metering_target)
    search_channel = open_channel(settings.search_target)
    stub: metering_pb2_grpc.MeteringServiceAsyncStub = metering_pb2_grpc.MeteringServiceStub(metering_channel)
    database = Database(settings.database_url, max_size=CONNECTIONS)
    catalog = Catalog(catalog_channel, own_token)
    pages = PageMemory(
        catalog.code, public_url=settings.public_url, largest_bytes=settings.page_memory_mb * 1024 * 1024
    )
    policies = Policies(stub, own_token, settings.metering_timeout_seconds)
    heard = Heard(settings.memory_of_grants, settings.memory_of_grants_seconds)
    stream = DecisionStream(
        stub,
        own_token,
        patience=settings.metering_timeout_seconds,
        max_age=settings.metering_stream_age_seconds,
    )
    served = ServedPages(database, stub, own_token)
    counting = Counting(stub)
    displays = Displays(database, stub, signer.sign)
    answers = Answers(database)
    calls = Calls(settings.database_url)
    library = open_library(database, calls)
    deleted = DeletedAccounts(database)
    mails = WaitingMails(database, open_mailer(settings.mail_url) if settings.mail_url else None, "gateway")
    keys = KeyStore(database, mails)
    ring = KeyRing(keys, calls)
    accounts = build_accounts(settings, database, stub, signer, deleted=deleted, mails=mails)
    readers = Readers(
        GuestCookies.from_file(settings.guest_cookie_keys_file, secure=settings.secure),
        Networks.from_file(settings.network_key_file, settings.trusted_proxies),
        accounts.access_tokens,
        ring,
        signer,
        sessions=accounts.sign_in.keeper if accounts.sign_in is not None else None,
        deleted=deleted,
    )
    room = ReadingRoom(
        readers=readers,
        stream=stream,
        stub=stub,
        policies=policies,
        heard=heard,
        served=served,
        counting=counting,
        displays=displays,
        patience=settings.metering_timeout_seconds,
    )
    log = open_log(settings.events_url)
    billing = open_billing(settings, database, stub, signer)
    at_issuer = open_issuer_accounts(settings)
    deletions = Deletions(
        database,
        mails,
        deleted,
        issuer=at_issuer,
        end_subscription=billing.subscriptions.end,
        library=library,
    )
    notices = Notices(settings.public_url)
    plan_notices = PlanNotices(mails, notices, Addresses(accounts.sign_in, at_issuer).of)
    effects = Effects({ACCOUNT_DELETED: deletions.hear, PLAN_CHANGED: plan_notices.hear})
    freshness = Freshness(pages, heard, policies)
    events = CacheConsumer(log, topics=TOPICS, handle=freshness.hear, reset=freshness.reset, name="gateway")
    service: Service | None = None
    gateway = Gateway(
        settings=settings,
        readers=readers,
        catalog=catalog,
        releases=Releases(catalog_channel, own_token, signer.sign),
        imports=Imports(catalog_channel, signer.sign),
        edits=Edits(catalog_channel, own_token),
        drugs=Drugs(catalog_channel, own_token),
        search=Search(search_channel, own_token),
        indexes=Indexes(catalog_channel, own_token),
        pages=pages,
        room=room,
        policies=policies,
        metering=stub,
        bursts=_bursts(settings),
        sign_in=accounts.sign_in,
        keys=keys,
        billing=billing,
        deletions=deletions,
        audit=Audit(database),
        notices=notices,
        mails=mails,
        cors=Cors(ring.origins),
        answers=answers,
        library=library,
        ready=lambda: service is not None and service.ready(),
    )
    http = HttpServer(create_app(gateway, mounts), settings.host, settings.port)
    channels = Channels(catalog_channel, metering_channel, search_channel)
    service = Service(
        "gateway",
        [
            database,
            channels,
            log,
            events,
            Relay(database, log, "gateway"),
            EffectConsumer(log, database, group=GROUP, topics=effects.topics, handle=effects.hear),
            deleted,
            stream,
            served,
            displays,
            counting,
            calls,
            ring,
            library.history,
            answers,
            mails,
            *accounts.parts,
            http,
        ],
    )
    return service


def _bursts(settings: Settings) -> Bursts:
    return {
        Kind.GUEST: BurstLimit(settings.guest_burst_per_second, settings.guest_burst),
        Kind.ACCOUNT: BurstLimit(settings.account_burst_per_second, settings.account_burst),
        Kind.PARTNER: BurstLimit(settings.partner_burst_per_second, settings.partner_burst),
    }
