"""The gateway's side of catalog's imports: files on their way, orders, and how far they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import grpc
from codingahead.catalog.v1 import imports_pb2 as pb
from codingahead.catalog.v1 import imports_pb2_grpc

from shared.identity import Principal
from shared.rpc.client import invoke, send_all

PATIENCE_SECONDS = 10.0
ORDER_SECONDS = 60.0
"""Archives are looked into before an order is taken."""
UPLOAD_SECONDS = 3600.0


class Imports:
    """Asks catalog for an operator. Raises the DomainErrors that it raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, sign: Callable[[Principal], str]) -> None:
        """Take the channel, and what signs an internal token for a principal."""
        self._stub: imports_pb2_grpc.ImportsServiceAsyncStub = imports_pb2_grpc.ImportsServiceStub(channel)
        self._sign = sign

    async def kinds(self, operator: Principal) -> list[pb.ImportKind]:
        """Give the kinds of files that can be imported."""
        request = pb.ListImportKindsRequest()
        token = self._sign(operator)
        return list((await invoke(self._stub.ListImportKinds, request, timeout=PATIENCE_SECONDS, token=token)).kinds)

    async def upload(self, parts: AsyncIterator[pb.UploadFilesRequest], operator: Principal) -> pb.UploadFilesResponse:
        """Send files as they come."""
        return await send_all(self._stub.UploadFiles, parts, timeout=UPLOAD_SECONDS, token=self._sign(operator))

    async def begin(self, request: pb.BeginImportsRequest, operator: Principal) -> pb.BeginImportsResponse:
        """Order imports of files that were sent."""
        return await invoke(self._stub.BeginImports, request, timeout=ORDER_SECONDS, token=self._sign(operator))

    async def jobs(self, operator: Principal, page_size: int = 0, page_token: str = "") -> pb.ListImportJobsResponse:
        """Give a page of imports, the last ordered first."""
        request = pb.ListImportJobsRequest(page_size=page_size, page_token=page_token)
        return await invoke(self._stub.ListImportJobs, request, timeout=PATIENCE_SECONDS, token=self._sign(operator))

    async def job(self, job_id: str, operator: Principal) -> pb.ImportJob:
        """Give one import; NotFound when there is none."""
        request, token = pb.GetImportJobRequest(job_id=job_id), self._sign(operator)
        return (await invoke(self._stub.GetImportJob, request, timeout=PATIENCE_SECONDS, token=token)).job

    async def retry(self, request: pb.RetryImportJobRequest, operator: Principal) -> pb.ImportJob:
        """Have a failed import run again."""
        token = self._sign(operator)
        return (await invoke(self._stub.RetryImportJob, request, timeout=PATIENCE_SECONDS, token=token)).job
