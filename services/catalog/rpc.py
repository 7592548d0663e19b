"""The gRPC servicer of the catalog: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import catalog_pb2_grpc

from services.catalog.browsing import Browsing
from services.catalog.codes import Codes
from services.catalog.error_reports import ErrorReports, Filing
from services.catalog.index_entries import IndexLists
from services.catalog.messages import day_of, exported, message_of
from services.catalog.ptp_edits import Asked, PtpLists
from shared.errors import Denied
from shared.identity import Kind
from shared.rpc.context import current_principal, require_role

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.CatalogService"
EDITORS = ("editor", "operator")


class CatalogServicer(catalog_pb2_grpc.CatalogServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(
        self,
        codes: Codes[pb.Code],
        browsing: Browsing,
        ptp_lists: PtpLists,
        index_lists: IndexLists,
        reports: ErrorReports,
    ) -> None:
        """Take what answers."""
        self._codes = codes
        self._ptp_lists = ptp_lists
        self._index_lists = index_lists
        self._browsing = browsing
        self._reports = reports

    async def GetCode(self, request: pb.GetCodeRequest, context: Context) -> pb.GetCodeResponse:
        """Everything about one code."""
        current_principal()
        day = day_of(request.date, "date") if request.HasField("date") else None
        return pb.GetCodeResponse(code=await self._codes.page(request.system, request.code, day))

    async def ListCodes(self, request: pb.ListCodesRequest, context: Context) -> pb.ListCodesResponse:
        """The codes directly below one code, or the roots."""
        current_principal()
        answer: pb.ListCodesResponse = message_of(
            await self._browsing.below(request.system, request.parent, request.page_size, request.page_token)
        )
        return answer

    async def GetCodeRefs(self, request: pb.GetCodeRefsRequest, context: Context) -> pb.GetCodeRefsResponse:
        """The names of many codes."""
        current_principal()
        named = await self._browsing.named([(key.system, key.code) for key in request.keys])
        return pb.GetCodeRefsResponse(codes=[message_of(ref) for ref in named])

    async def ListSystems(
        self,
        request: pb.ListSystemsRequest,
        context: Context,
    ) -> pb.ListSystemsResponse:
        """The code systems."""
        current_principal()
        answer: pb.ListSystemsResponse = message_of(await self._browsing.systems())
        return answer

    async def ExportCodes(
        self,
        request: pb.ExportCodesRequest,
        context: Context,
    ) -> AsyncIterator[pb.ExportCodesResponse]:
        """All codes with a page."""
        current_principal()
        async for part in self._browsing.export(request.system):
            yield exported(part)

    async def ListPtpEdits(self, request: pb.ListPtpEditsRequest, context: Context) -> pb.ListPtpEditsResponse:
        """A page of a code's procedure-to-procedure edits."""
        current_principal()
        asked = Asked(
            system=request.system,
            code=request.code,
            setting=request.setting,
            column=request.column,
            with_code=request.with_code,
            day=day_of(request.date, "date") if request.HasField("date") else None,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        answer: pb.ListPtpEditsResponse = message_of(await self._ptp_lists.page(asked))
        return answer

    async def ListIndexLeads(self, request: pb.ListIndexLeadsRequest, context: Context) -> pb.ListIndexLeadsResponse:
        """A page of the index entries that lead to a code."""
        current_principal()
        day = day_of(request.date, "date") if request.HasField("date") else None
        found = await self._index_lists.page(request.code, day, request.page_size, request.page_token)
        answer: pb.ListIndexLeadsResponse = message_of(found)
        return answer

    async def ListReleases(
        self,
        request: pb.ListReleasesRequest,
        context: Context,
    ) -> pb.ListReleasesResponse:
        """The releases."""
        current_principal()
        answer: pb.ListReleasesResponse = message_of(await self._browsing.releases(request.kind))
        return answer

    async def ReportError(
        self,
        request: pb.ReportErrorRequest,
        context: Context,
    ) -> pb.ReportErrorResponse:
        """Take a reader's report."""
        filing = Filing(request.system, request.code, request.section, request.text, request.email)
        return pb.ReportErrorResponse(
            report_id=await self._reports.file(request.request_id, filing, current_principal().name)
        )

    async def ListErrorReports(
        self,
        request: pb.ListErrorReportsRequest,
        context: Context,
    ) -> pb.ListErrorReportsResponse:
        """The editors' queue."""
        require_role(*EDITORS)
        answer: pb.ListErrorReportsResponse = message_of(
            await self._reports.queue(request.page_size, request.page_token, include_resolved=request.include_resolved)
        )
        return answer

    async def ResolveErrorReport(
        self,
        request: pb.ResolveErrorReportRequest,
        context: Context,
    ) -> pb.ResolveErrorReportResponse:
        """Close a report."""
        by = require_role(*EDITORS).name
        report = await self._reports.resolve(request.request_id, request.report_id, request.resolution, by)
        return pb.ResolveErrorReportResponse(report=message_of(report))

    async def ListOwnErrorReports(
        self,
        request: pb.ListOwnErrorReportsRequest,
        context: Context,
    ) -> pb.ListOwnErrorReportsResponse:
        """The caller's own reports."""
        answer: pb.ListOwnErrorReportsResponse = message_of(
            await self._reports.own(request.page_size, request.page_token, current_principal().name)
        )
        return answer

    async def ForgetAddress(self, request: pb.ForgetAddressRequest, context: Context) -> pb.ForgetAddressResponse:
        """Take an address out of reports."""
        caller = current_principal()
        if caller.kind is not Kind.SERVICE:
            raise Denied("SERVICE_NEEDED", "Only the platform's services may do this.")
        return pb.ForgetAddressResponse(
            reports=await self._reports.forget_address(request.request_id, request.email, caller.name)
        )
