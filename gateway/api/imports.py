"""The API of imports for operators: files as a form, then the imports that are made of them."""

from typing import Annotated, Any

from codingahead.catalog.v1 import imports_pb2 as pb
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field, create_model

from gateway.api.operator import REASON, RequestId
from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.idempotency import needed
from gateway.import_acts import order, receive, retry, whom_of, why_of
from gateway.operators import LONGEST_REASON, Why
from gateway.platform import gateway_of, reader_of
from gateway.spelling import name_as_here
from shared.errors import InvalidInput

router = APIRouter(prefix="/api/v1/operator", tags=["Operators"])

JobId = Annotated[str, Path(min_length=1, max_length=120, description="The id of an import.")]
_Job: Any = model_of(pb.ImportJob.DESCRIPTOR)
_Kind: Any = model_of(pb.ImportKind.DESCRIPTOR)
_ORDERED: dict[str, Any] = {
    "imports": (list[_Job], Field(description="The imports, in the order in which they run.")),
    "left_out": (str, Field(description="Names of files that were not recognised; empty when all were.")),
}
_LIST: dict[str, Any] = {
    "imports": (list[_Job], Field(description="The imports, the last ordered first, without their defects.")),
    "next_cursor": NEXT_CURSOR,
}
_KINDS: dict[str, Any] = {"kinds": (list[_Kind], Field(description="The kinds."))}
OrderedImports: type[ApiModel] = create_model("OrderedImports", __base__=ApiModel, **_ORDERED)
ImportList: type[ApiModel] = create_model("ImportList", __base__=ApiModel, **_LIST)
ImportKinds: type[ApiModel] = create_model("ImportKinds", __base__=ApiModel, **_KINDS)


class Again(ApiModel):
    """Why an import is tried again."""

    reason: str = REASON


def _text(description: str, most: int = 100) -> dict[str, Any]:
    return {"type": "string", "maxLength": most, "description": description}


FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["reason", "file"],
                    "properties": {
                        "reason": _text("Why, for the audit; write no names of people.", LONGEST_REASON),
                        "kind": _text("The kind; without it files are recognised by their names."),
                        "setting": _text("practitioner, outpatient or dme, where the files' names do not say it."),
                        "edition": _text("The edition, where the files do not state it."),
                        "effective_from": _text("The first day, YYYY-MM-DD, where the files do not state it."),
                        "effective_to": _text("The last day, YYYY-MM-DD."),
                        "licence_accepted": _text("Any text accepts the licence of a licensed code set."),
                        "file": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "Files as published, zipped or not; they go behind all fields.",
                        },
                    },
                }
            }
        },
    }
}


@router.head("/import-kinds", response_model=ImportKinds, include_in_schema=False)
@router.get("/import-kinds", response_model=ImportKinds, summary="Kinds of files that can be imported")
async def list_import_kinds(request: Request) -> dict[str, Any]:
    """List the kinds with the files that each wants and its settings."""
    return {"kinds": [plain(each) for each in await gateway_of(request).imports.kinds(reader_of(request).principal)]}


@router.post(
    "/imports",
    response_model=OrderedImports,
    status_code=202,
    summary="Import files",
    dependencies=[Depends(needed)],
    openapi_extra=FORM,
)
async def import_files(request: Request, act: RequestId) -> dict[str, Any]:
    """Send files and order their imports, which run one after the other; ask for each until it is done or failed."""
    received = await receive(request, act)
    said = received.fields
    performed = await order(request, why_of(said, whom_of(said), act), received.upload_id, said)
    principal = reader_of(request).principal
    ids = str(performed.after["imports"]).split(", ")
    jobs = [plain(await gateway_of(request).imports.job(job_id, principal)) for job_id in ids]
    return {"imports": jobs, "left_out": str(performed.after.get("left out", ""))}


@router.head("/imports", response_model=ImportList, include_in_schema=False)
@router.get("/imports", response_model=ImportList, summary="Imports that were ordered")
async def list_imports(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="Imports on a page.")] = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List who ordered which imports when, and where they stand."""
    try:
        found = await gateway_of(request).imports.jobs(reader_of(request).principal, limit, cursor)
    except InvalidInput as error:
        name_as_here(error, {"page_token": "cursor"})
        raise
    return {"imports": [plain(job) for job in found.jobs], "next_cursor": found.next_page_token}


@router.head("/imports/{job_id}", response_model=_Job, include_in_schema=False)
@router.get("/imports/{job_id}", response_model=_Job, summary="One import")
async def get_import(request: Request, job_id: JobId) -> dict[str, Any]:
    """Give one import with its progress and its defects."""
    return plain(await gateway_of(request).imports.job(job_id, reader_of(request).principal))


@router.post(
    "/imports/{job_id}/retry", response_model=_Job, summary="Try a failed import again", dependencies=[Depends(needed)]
)
async def retry_import(request: Request, job_id: JobId, again: Again, act: RequestId) -> dict[str, Any]:
    """Have a failed import run again, as long as its files are kept. The act is audited before it is done."""
    job = await gateway_of(request).imports.job(job_id, reader_of(request).principal)
    await retry(request, Why(f"{job.kind}/{job.setting}".rstrip("/"), again.reason, act), job_id)
    return plain(await gateway_of(request).imports.job(job_id, reader_of(request).principal))
