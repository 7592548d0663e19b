"""The catalog as search reads it: entries of whole code sets, and of codes that changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import grpc
import msgspec
from codingahead.catalog.v1 import catalog_pb2, entries_pb2_grpc
from codingahead.catalog.v1 import entries_pb2 as pb
from google.type.date_pb2 import Date

from services.search.entry import SYSTEMS, Entry, Key, Release
from shared.rpc.client import call_metadata, invoke, responses

EXPORT_SECONDS = 600.0
INDEXED = "icd10cm"
PATIENCE_SECONDS = 10.0
MOST_PATHS = 400
"""So many paths of indexes lead to a code; the Table of Drugs has 343 substances for one."""


class CatalogEntries:
    """Asks catalog."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel and the internal token of search."""
        self._stub: entries_pb2_grpc.EntriesServiceAsyncStub = entries_pb2_grpc.EntriesServiceStub(channel)
        self._own_token = own_token

    async def export(self, read: Callable[[int], None] = lambda _: None) -> tuple[list[Entry], dict[str, Release]]:
        """Every entry of every code set that is loaded, with the paths of indexes that lead to it; `read` is told how
        many came so far.
        """
        paths = await self._paths()
        entries: list[Entry] = []
        releases: list[Release] = []
        call = self._stub.ExportEntries(
            pb.ExportEntriesRequest(), timeout=EXPORT_SECONDS, metadata=call_metadata(self._own_token())
        )
        async for part in responses(call):
            releases += [release_of(release) for release in part.releases]
            entries += (_led_to(entry, paths) for entry in entries_of(part.entries, releases))
            read(len(entries))
        return entries, {release.id: release for release in releases}

    async def _paths(self) -> dict[str, list[str]]:
        """The paths of the indexes of ICD-10-CM by the code that each leads to."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        call = self._stub.ExportIndexEntries(
            pb.ExportIndexEntriesRequest(), timeout=EXPORT_SECONDS, metadata=call_metadata(self._own_token())
        )
        async for part in responses(call):
            for each in part.entries:
                if each.code and len(found[each.code]) < MOST_PATHS:
                    found[each.code][", ".join([*each.path, *filter(None, [each.column_title])])] = None
        return {code: list(paths) for code, paths in found.items()}

    async def state(self) -> str:
        """A word that changes when the releases do that entries are of."""
        request = pb.GetEntriesStateRequest()
        answer = await invoke(self._stub.GetEntriesState, request, timeout=PATIENCE_SECONDS, token=self._own_token())
        return answer.state

    async def of(self, keys: Sequence[Key]) -> tuple[list[Entry], dict[str, Release]]:
        """The entries of some keys, those that exist."""
        request = pb.GetEntriesRequest(keys=[catalog_pb2.CodeKey(system=s, code=c) for s, c in keys])
        answer = await invoke(self._stub.GetEntries, request, timeout=PATIENCE_SECONDS, token=self._own_token())
        releases = [release_of(release) for release in answer.releases]
        return entries_of(answer.entries, releases), {release.id: release for release in releases}


def entries_of(messages: Iterable[pb.Entry], releases: Sequence[Release]) -> list[Entry]:
    """Entries of messages."""
    return [_entry(message, releases) for message in messages if message.system in SYSTEMS]


def _led_to(entry: Entry, paths: Mapping[str, Sequence[str]]) -> Entry:
    found = paths.get(entry.code) if entry.system == INDEXED else None
    return msgspec.structs.replace(entry, paths=tuple(found)) if found else entry


def _entry(message: pb.Entry, releases: Sequence[Release]) -> Entry:
    return Entry(
        system=message.system,
        code=message.code,
        display=message.display_code,
        title=message.title,
        official=message.origin == catalog_pb2.TEXT_ORIGIN_OFFICIAL,
        terms=tuple(message.inclusion_terms),
        names=tuple(message.common_names),
        summary=message.summary,
        billable=message.reportable,
        has_page=message.has_page,
        has_children=message.has_children,
        ancestors=tuple(message.ancestors),
        first_day=_day(message.first_day) if message.HasField("first_day") else None,
        last_day=_day(message.last_day) if message.HasField("last_day") else None,
        successors=tuple(message.successors),
        release=releases[message.release].id,
        ordinal=message.ordinal,
    )


def release_of(message: catalog_pb2.DataRelease) -> Release:
    """A release of a message."""
    return Release(
        message.release_id,
        message.kind,
        message.title,
        message.edition,
        _day(message.effective_from) if message.HasField("effective_from") else None,
        _day(message.effective_to) if message.HasField("effective_to") else None,
    )


def _day(message: Date) -> date:
    return date(message.year, message.month, message.day)
