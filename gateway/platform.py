"""What a request may use: the clients, the memory and the rules of the running gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from codingahead.metering.v1 import metering_pb2_grpc
from starlette.requests import Request

from gateway.accounts.deletion import Deletions
from gateway.accounts.notices import Notices
from gateway.audit import Audit
from gateway.auth.reader import Reader, Readers
from gateway.auth.sign_in import SignIn
from gateway.billing.plans import Billing
from gateway.burst import Bursts
from gateway.catalog import Catalog
from gateway.catalog_releases import Releases
from gateway.cors import Cors
from gateway.drugs import Drugs
from gateway.edits import Edits
from gateway.idempotency import Answers
from gateway.imports import Imports
from gateway.indexes import Indexes
from gateway.keys.store import KeyStore
from gateway.library.library import Library
from gateway.meter.policy import Policies
from gateway.pages import PageMemory
from gateway.reading import ReadingRoom
from gateway.search import Search
from gateway.settings import Settings
from shared.mail import WaitingMails


@dataclass(frozen=True)
class Gateway:
    """The parts of the gateway that routes use; `request.app.state.gateway`."""

    settings: Settings
    readers: Readers
    catalog: Catalog
    edits: Edits
    drugs: Drugs
    indexes: Indexes
    releases: Releases
    search: Search
    imports: Imports
    pages: PageMemory
    room: ReadingRoom
    policies: Policies
    metering: metering_pb2_grpc.MeteringServiceAsyncStub
    bursts: Bursts
    sign_in: SignIn | None
    """None where the operator has not set it up."""
    keys: KeyStore
    billing: Billing
    deletions: Deletions
    audit: Audit
    notices: Notices
    mails: WaitingMails
    cors: Cors
    answers: Answers
    library: Library
    ready: Callable[[], bool]


def gateway_of(request: Request) -> Gateway:
    """Give the gateway that answers a request."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def reader_of(request: Request) -> Reader:
    """Give the reader of a request, whom the guests' middleware has recognised."""
    reader: Reader = request.scope["reader"]
    return reader
