"""The gRPC servicer of entries: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import catalog_pb2, entries_pb2_grpc
from codingahead.catalog.v1 import entries_pb2 as pb

from services.catalog.entries import Entries, Entry, IndexTerm
from services.catalog.messages import message_of
from services.catalog.pages.parts import data_release
from services.catalog.records import ReleaseRecord
from shared.clock import Clock
from shared.dates import date_message
from shared.errors import Denied
from shared.identity import Kind
from shared.rpc.context import current_principal

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.EntriesService"


class EntriesServicer(entries_pb2_grpc.EntriesServiceServicer):
    """Serves the contract to the platform's services."""

    def __init__(self, entries: Entries, clock: Clock) -> None:
        """Take what answers, and the clock by which releases are current or not."""
        self._entries = entries
        self._clock = clock

    async def ExportEntries(
        self, request: pb.ExportEntriesRequest, context: Context
    ) -> AsyncIterator[pb.ExportEntriesResponse]:
        """Every entry."""
        _require_service()
        named = _Named(self._clock.now().date())
        async for entries, releases in self._entries.export(list(request.systems)):
            yield named.part(entries, releases)

    async def GetEntries(self, request: pb.GetEntriesRequest, context: Context) -> pb.GetEntriesResponse:
        """Entries of codes that are named."""
        _require_service()
        entries, releases = await self._entries.of([(key.system, key.code) for key in request.keys])
        part = _Named(self._clock.now().date()).part(entries, releases)
        return pb.GetEntriesResponse(entries=part.entries, releases=part.releases)

    async def GetEntriesState(self, request: pb.GetEntriesStateRequest, context: Context) -> pb.GetEntriesStateResponse:
        """What tells whether entries taken earlier still hold."""
        _require_service()
        return pb.GetEntriesStateResponse(state=await self._entries.state())

    async def ExportIndexEntries(
        self, request: pb.ExportIndexEntriesRequest, context: Context
    ) -> AsyncIterator[pb.ExportIndexEntriesResponse]:
        """Every term of the indexes."""
        _require_service()
        today = self._clock.now().date()
        first = True
        async for terms, releases in self._entries.index_terms(request.index_name):
            yield pb.ExportIndexEntriesResponse(
                entries=[_term(term) for term in terms],
                releases=[message_of(data_release(release, today)) for release in releases] if first else (),
            )
            first = False


def _require_service() -> None:
    if current_principal().kind is not Kind.SERVICE:
        raise Denied("SERVICE_NEEDED", "Only the platform's services may do this.")


class _Named:
    """Numbers releases as they are named for the first time."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._numbers: dict[str, int] = {}

    def part(self, entries: Iterable[Entry], releases: Mapping[str, ReleaseRecord]) -> pb.ExportEntriesResponse:
        part = pb.ExportEntriesResponse()
        for entry in entries:
            release = entry.row.release_id
            if release not in self._numbers:
                self._numbers[release] = len(self._numbers)
                part.releases.append(message_of(data_release(releases[release], self._today)))
            _add(part, entry, self._numbers[release])
        return part


def _add(part: pb.ExportEntriesResponse, entry: Entry, release: int) -> None:
    row = entry.row
    part.entries.add(
        system=row.system,
        code=row.code,
        display_code=row.display,
        title=entry.title,
        origin=catalog_pb2.TEXT_ORIGIN_OFFICIAL if row.official else catalog_pb2.TEXT_ORIGIN_OURS,
        short_title=entry.short_title if entry.short_title != entry.title else "",
        inclusion_terms=entry.terms,
        common_names=entry.names,
        summary=entry.summary,
        reportable=row.reportable,
        has_page=row.has_page,
        has_children=row.children > 0,
        ancestors=row.ancestors or (),
        first_day=date_message(entry.first_day),
        last_day=date_message(entry.last_day),
        successors=entry.successors,
        release=release,
        ordinal=row.ordinal,
        kind=row.kind,
    )


def _term(term: IndexTerm) -> pb.IndexEntry:
    return pb.IndexEntry(
        index_name=term.index_name,
        ordinal=term.ordinal,
        level=term.level,
        path=term.path,
        nonessential=term.nonessential,
        see=term.see,
        see_also=term.see_also,
        column_title=term.column_title,
        relation=term.relation,
        code=term.code or "",
        more=term.more,
    )
