"""The gRPC servicer of ordered imports: messages in, one call of the domain, messages out. Operators alone."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import imports_pb2 as pb
from codingahead.catalog.v1 import imports_pb2_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.comparing import LICENSED_KINDS
from services.catalog.imports.registry import IMPORTERS
from services.catalog.jobs.desk import Arriving, Desk, Order, uploadable
from services.catalog.jobs.job import Job, State, UploadedFile
from services.catalog.messages import day_of
from services.catalog.releases_rpc import OPERATOR
from shared.errors import InvalidInput
from shared.rpc.context import require_role

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.ImportsService"
STATES = {
    State.WAITING: pb.IMPORT_STATE_WAITING,
    State.RUNNING: pb.IMPORT_STATE_RUNNING,
    State.DONE: pb.IMPORT_STATE_DONE,
    State.FAILED: pb.IMPORT_STATE_FAILED,
}


class ImportsServicer(imports_pb2_grpc.ImportsServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, desk: Desk) -> None:
        """Take what takes orders."""
        self._desk = desk

    async def ListImportKinds(self, request: pb.ListImportKindsRequest, context: Context) -> pb.ListImportKindsResponse:
        """The kinds of files."""
        require_role(OPERATOR)
        kinds = [
            pb.ImportKind(
                kind=each.kind,
                title=each.title,
                publisher=each.publisher,
                files=each.files,
                settings=each.settings,
                licensed=each.kind in LICENSED_KINDS,
            )
            for each in uploadable()
        ]
        return pb.ListImportKindsResponse(kinds=kinds)

    async def UploadFiles(
        self, request_iterator: AsyncIterator[pb.UploadFilesRequest], context: Context
    ) -> pb.UploadFilesResponse:
        """Receive files."""
        by = require_role(OPERATOR).name
        parts = aiter(request_iterator)
        first = await anext(parts, None)
        if first is None or not first.request_id:
            raise InvalidInput("REQUEST_ID_INVALID", "request_id: the first part says it.")
        upload = await self._desk.receive(first.request_id, _arriving(parts), by)
        return pb.UploadFilesResponse(upload_id=upload.id, files=_files(upload.files))

    async def BeginImports(self, request: pb.BeginImportsRequest, context: Context) -> pb.BeginImportsResponse:
        """Order imports."""
        by = require_role(OPERATOR).name
        first = day_of(request.effective_from, "effective_from") if request.HasField("effective_from") else None
        last = day_of(request.effective_to, "effective_to") if request.HasField("effective_to") else None
        order = Order(
            request_id=request.request_id,
            upload_id=request.upload_id,
            kind=request.kind,
            setting=request.setting,
            edition=request.edition,
            effective_from=first,
            effective_to=last,
            licence_accepted=request.licence_accepted,
        )
        jobs, unknown = await self._desk.begin(order, by)
        return pb.BeginImportsResponse(jobs=[_job(job) for job in jobs], unknown_file_names=unknown)

    async def ListImportJobs(self, request: pb.ListImportJobsRequest, context: Context) -> pb.ListImportJobsResponse:
        """The imports, the last ordered first."""
        require_role(OPERATOR)
        jobs, token = await self._desk.jobs(request.page_size, request.page_token)
        return pb.ListImportJobsResponse(jobs=[_job(job) for job in jobs], next_page_token=token)

    async def GetImportJob(self, request: pb.GetImportJobRequest, context: Context) -> pb.GetImportJobResponse:
        """One import."""
        require_role(OPERATOR)
        return pb.GetImportJobResponse(job=_job(await self._desk.job(request.job_id)))

    async def RetryImportJob(self, request: pb.RetryImportJobRequest, context: Context) -> pb.RetryImportJobResponse:
        """Have a failed import run again."""
        by = require_role(OPERATOR).name
        return pb.RetryImportJobResponse(job=_job(await self._desk.retry(request.request_id, request.job_id, by)))


async def _arriving(parts: AsyncIterator[pb.UploadFilesRequest]) -> AsyncIterator[Arriving]:
    async for part in parts:
        yield Arriving(part.file_name, part.chunk, part.whole)


def _job(job: Job) -> pb.ImportJob:
    order = job.order
    return pb.ImportJob(
        job_id=job.id,
        kind=order.kind,
        setting=order.setting,
        title=IMPORTERS[order.kind].title if order.kind in IMPORTERS else order.kind,
        files=_files(job.files),
        ordered_by=job.ordered_by,
        ordered_at=_moment(job.ordered_at),
        state=STATES[job.state],
        steps=[pb.ImportStep(name=step.name, done=step.done, total=step.total) for step in job.steps],
        told=job.told,
        defects=[pb.ImportDefect(file=d.file, line=d.line, column=d.column, what=d.what) for d in job.defects],
        defect_count=job.defect_count,
        release_id=job.release_id,
        entries=job.entries,
        started_at=_moment(job.started_at),
        ended_at=_moment(job.ended_at),
        files_kept=job.files_kept,
        attempts=job.attempts,
    )


def _files(files: tuple[UploadedFile, ...]) -> list[pb.UploadedFile]:
    return [pb.UploadedFile(name=file.name, size=file.size, sha256=file.sha256) for file in files]


def _moment(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    moment = Timestamp()
    moment.FromDatetime(at)
    return moment
