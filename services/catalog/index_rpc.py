"""The gRPC servicer of the indexes: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import index_pb2 as pb
from codingahead.catalog.v1 import index_pb2_grpc

from services.catalog.index_view import SYSTEM, IndexView, Term, Walk
from services.catalog.messages import message_of
from services.catalog.pages.parts import Refs, data_release
from services.catalog.records import ReleaseRecord
from shared.clock import Clock
from shared.rpc.context import current_principal

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.IndexService"


class IndexServicer(index_pb2_grpc.IndexServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, view: IndexView, clock: Clock) -> None:
        """Take what walks, and the clock by which a release is current or not."""
        self._view = view
        self._clock = clock

    async def ListIndexes(self, request: pb.ListIndexesRequest, context: Context) -> pb.ListIndexesResponse:
        """The indexes that are loaded."""
        current_principal()
        outlines, release = await self._view.outlines()
        return pb.ListIndexesResponse(
            indexes=[
                pb.LoadedIndex(name=o.name, main_terms=o.main_terms, letters=o.letters, columns=o.columns)
                for o in outlines
            ],
            releases=[self._release(release)] if release else (),
        )

    async def ListMainTerms(self, request: pb.ListMainTermsRequest, context: Context) -> pb.ListMainTermsResponse:
        """Main terms."""
        current_principal()
        walk = await self._view.main_terms(request.index_name, request.begins, request.after, request.page_size)
        refs = Refs(walk.codes)
        return pb.ListMainTermsResponse(
            terms=[_term(term, refs) for term in walk.terms],
            next_after=walk.next_after,
            releases=[self._release(walk.release)],
        )

    async def GetIndexTerm(self, request: pb.GetIndexTermRequest, context: Context) -> pb.GetIndexTermResponse:
        """A term with what is around it."""
        current_principal()
        return self._walked(await self._view.term(request.index_name, request.ordinal))

    async def GetReferencedTerm(
        self, request: pb.GetReferencedTermRequest, context: Context
    ) -> pb.GetReferencedTermResponse:
        """Where a reference leads."""
        current_principal()
        found = await self._view.find(request.index_name, request.text)
        return pb.GetReferencedTermResponse(index_name=found.name, ordinal=found.ordinal, whole=found.whole)

    def _walked(self, walk: Walk) -> pb.GetIndexTermResponse:
        refs = Refs(walk.codes)
        return pb.GetIndexTermResponse(
            path=[_term(term, refs) for term in walk.path],
            term=_term(walk.term, refs) if walk.term else None,
            terms=[_term(term, refs) for term in walk.terms],
            only_direct=walk.only_direct,
            releases=[self._release(walk.release)],
        )

    def _release(self, release: ReleaseRecord) -> Any:
        return message_of(data_release(release, self._clock.now().date()))


def _term(term: Term, refs: Refs) -> pb.IndexTerm:
    row = term.rows[0]
    return pb.IndexTerm(
        ordinal=row.ordinal,
        level=row.level,
        title=row.path[-1],
        nonessential=row.nonessential[-1],
        see=row.see,
        see_also=row.see_also,
        codes=[
            pb.IndexCode(
                column_title=each.column_title,
                relation=each.relation,
                code=message_of(refs.of(SYSTEM, each.code)),
                more=each.more,
            )
            for each in term.rows
            if each.code
        ],
        below=term.below,
    )
