"""The port to what metering keeps. The rules ask it for state and hand it changes; it knows no rule."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.metering.content import Content
from services.metering.decision import PageView, Situation
from services.metering.history import HistoryPage
from services.metering.ledger import Changes, Grant
from services.metering.policy import Policy, Tier
from services.metering.reader import Reader


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy in force, with its number."""

    version: int
    effective_at: datetime
    policy: Policy
    note: str = ""


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of readers at one moment, with the time and the policy of that moment."""

    now: datetime
    policy: PolicyVersion
    revisions: Sequence[int | None]
    """In the order of the names asked for; None where nothing is kept of a reader."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A place where ledger, counters and grants disagree."""

    principal: str
    detail: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome of a comparison."""

    principals: int
    ledger_entries: int
    discrepancies: tuple[Discrepancy, ...]


@dataclass(frozen=True, slots=True)
class GrantsPage:
    """A part of a reader's grants, newest first, and where the next part begins."""

    grants: tuple[Grant, ...]
    next: tuple[datetime, Content] | None


class Transaction(Protocol):
    """One transaction: everything in it is written, or nothing. Its clock is read after the locks."""

    async def lock(self, principals: Collection[str]) -> None:
        """Make the readers' rows where they are missing, and lock them, in one order for all processes."""
        ...

    async def lock_networks(self, views: Sequence[PageView]) -> None:
        """Lock the counters of today's networks, in one order; after the readers."""
        ...

    async def situations(self, views: Sequence[PageView]) -> list[Situation]:
        """Read what the decisions depend on, at one moment, in the order of the views."""
        ...

    async def now(self) -> datetime:
        """Tell the time at this moment."""
        ...

    async def policy(self, version: int = 0) -> PolicyVersion:
        """Give a version of the policy, the newest for 0; NotFound when there is none such."""
        ...

    async def put_policy(self, policy: Policy, note: str, put_by: str) -> PolicyVersion:
        """Add the next version, in force from now on."""
        ...

    async def reader(self, principal: str) -> Reader:
        """Give one reader, a new one where none is kept."""
        ...

    async def grants(self, principal: str) -> list[Grant]:
        """Give every grant of a principal."""
        ...

    async def readable(self, principal: str, contents: Collection[Content], moment: datetime) -> set[Content]:
        """Give which of the contents the principal may read at the moment."""
        ...

    async def recorded(self, principal: str, request_id: str) -> bool:
        """Tell whether a decision of this request id made a grant."""
        ...

    async def grants_page(self, reader: Reader, size: int, after: tuple[datetime, Content] | None) -> GrantsPage:
        """Give grants of the reader's window, newest first, after the place given."""
        ...

    async def history(self, principal: str, size: int, after: int) -> HistoryPage:
        """Give what is kept of a principal, from behind the ledger entry of an id; 0 for the beginning."""
        ...

    async def tier_at(self, reader: Reader, moment: datetime) -> Tier:
        """Give the tier that the reader had at a moment, by the ledger."""
        ...

    async def count(self, reader: Reader, amounts: dict[str, int]) -> dict[str, int]:
        """Add to counters of the reader's window, and give their values."""
        ...

    async def counters(self, reader: Reader) -> dict[str, int]:
        """Give the counters of the reader's window."""
        ...

    async def accept_licence(self, principal: str, licence: str, terms_edition: str) -> datetime:
        """Record an acceptance; gives when the licence was accepted first."""
        ...

    async def reconcile(self, principal: str, most: int) -> Reconciliation:
        """Compare ledger, counters and grants, of one principal or of all (empty)."""
        ...

    async def save(self, changes: Changes) -> None:
        """Write readers, grants, ledger, network counters and events."""
        ...

    async def once(self, rpc: str, request_id: str, request: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """Do the work once for a request id, and give its first answer every time."""
        ...


class Store(Protocol):
    """What metering keeps."""

    async def peek(self, views: Sequence[PageView]) -> list[Situation]:
        """Read what decisions depend on, as of one moment, without a lock."""
        ...

    async def revisions(self, principals: Sequence[str]) -> Revisions:
        """Read the revisions of readers, without a lock."""
        ...

    async def commit(self, changes: Changes) -> dict[str, int]:
        """Write what concerns readers who stand at the revision they carry, each whole or not at all.

        Gives the new revisions of the readers that were written. The network's counters are not touched.
        """
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction; Unavailable when the database is away or busy too long."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that reads, all of it as of one moment."""
        ...
