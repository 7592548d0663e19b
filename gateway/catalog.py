"""The gateway's side of catalog: codes, lists, releases and error reports over RPC."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date

import grpc
from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.catalog.v1 import catalog_pb2_grpc, procedure_tables_pb2, procedure_tables_pb2_grpc

from shared.dates import date_message
from shared.rpc.client import call_metadata, invoke, responses

PATIENCE_SECONDS = 5.0
EXPORT_SECONDS = 120.0


class Catalog:
    """Asks catalog. Every method raises the DomainErrors that catalog raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel and the gateway's own internal token, with which public content is read."""
        self._stub: catalog_pb2_grpc.CatalogServiceAsyncStub = catalog_pb2_grpc.CatalogServiceStub(channel)
        self._tables: procedure_tables_pb2_grpc.ProcedureTablesServiceAsyncStub = (
            procedure_tables_pb2_grpc.ProcedureTablesServiceStub(channel)
        )
        self._own_token = own_token

    async def code(self, system: str, code: str, day: date | None = None) -> pb.Code:
        """Give everything about one code on a day; NotFound carries the nearest codes in its metadata."""
        asked = date_message(day)
        request = pb.GetCodeRequest(system=system, code=code, date=asked)
        return (await invoke(self._stub.GetCode, request, timeout=PATIENCE_SECONDS, token=self._own_token())).code

    async def children(
        self, system: str, parent: str = "", page_size: int = 0, page_token: str = ""
    ) -> pb.ListCodesResponse:
        """Give a page of the codes below a code, or of the roots of a system."""
        request = pb.ListCodesRequest(system=system, parent=parent, page_size=page_size, page_token=page_token)
        return await invoke(self._stub.ListCodes, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def named(self, keys: Sequence[tuple[str, str]]) -> list[pb.CodeRef]:
        """Give the codes of many keys of system and undotted code, in their order."""
        request = pb.GetCodeRefsRequest(keys=[pb.CodeKey(system=system, code=code) for system, code in keys])
        response = await invoke(self._stub.GetCodeRefs, request, timeout=PATIENCE_SECONDS, token=self._own_token())
        return list(response.codes)

    async def systems(self) -> list[pb.CodeSystem]:
        """Give the code systems that hold codes."""
        request = pb.ListSystemsRequest()
        response = await invoke(self._stub.ListSystems, request, timeout=PATIENCE_SECONDS, token=self._own_token())
        return list(response.systems)

    async def procedure_code(self, pattern: str) -> procedure_tables_pb2.GetProcedureChoicesResponse:
        """Give the values of an ICD-10-PCS code that can still be chosen beside those of a pattern."""
        request = procedure_tables_pb2.GetProcedureChoicesRequest(pattern=pattern)
        return await invoke(
            self._tables.GetProcedureChoices, request, timeout=PATIENCE_SECONDS, token=self._own_token()
        )

    async def ptp_edits(self, request: pb.ListPtpEditsRequest) -> pb.ListPtpEditsResponse:
        """Give a page of a code's procedure-to-procedure edits."""
        return await invoke(self._stub.ListPtpEdits, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def index_entries(self, request: pb.ListIndexLeadsRequest) -> pb.ListIndexLeadsResponse:
        """Give a page of the index entries that lead to a code."""
        return await invoke(self._stub.ListIndexLeads, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def releases(self, kind: str = "") -> list[pb.DataRelease]:
        """Give the releases, newest first."""
        request = pb.ListReleasesRequest(kind=kind)
        response = await invoke(self._stub.ListReleases, request, timeout=PATIENCE_SECONDS, token=self._own_token())
        return list(response.releases)

    async def export(self, system: str = "") -> AsyncIterator[pb.ExportedCode]:
        """Give every code with a page, in order of system and code."""
        call = self._stub.ExportCodes(
            pb.ExportCodesRequest(system=system), timeout=EXPORT_SECONDS, metadata=call_metadata(self._own_token())
        )
        async for message in responses(call):
            for code in message.codes:
                yield code

    async def report_error(self, request: pb.ReportErrorRequest, token: str) -> pb.ReportErrorResponse:
        """File a reader's report."""
        return await invoke(self._stub.ReportError, request, timeout=PATIENCE_SECONDS, token=token)

    async def error_reports(self, request: pb.ListErrorReportsRequest, token: str) -> pb.ListErrorReportsResponse:
        """Give a page of the editors' queue."""
        return await invoke(self._stub.ListErrorReports, request, timeout=PATIENCE_SECONDS, token=token)

    async def own_error_reports(
        self, request: pb.ListOwnErrorReportsRequest, token: str
    ) -> pb.ListOwnErrorReportsResponse:
        """Give a page of a reader's own reports."""
        return await invoke(self._stub.ListOwnErrorReports, request, timeout=PATIENCE_SECONDS, token=token)

    async def forget_address(self, email: str) -> None:
        """Have an address taken out of every report."""
        request = pb.ForgetAddressRequest(request_id=secrets.token_hex(16), email=email)
        await invoke(self._stub.ForgetAddress, request, timeout=PATIENCE_SECONDS, token=self._own_token())

    async def resolve_error_report(
        self, request: pb.ResolveErrorReportRequest, token: str
    ) -> pb.ResolveErrorReportResponse:
        """Close a report."""
        return await invoke(self._stub.ResolveErrorReport, request, timeout=PATIENCE_SECONDS, token=token)
