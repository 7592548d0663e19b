"""The API of the index entries that lead to an ICD-10-CM code: all of them, page after page."""

from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter, Query, Request
from pydantic import Field, create_model

from gateway.api.codes import AS_OF, AnyCode
from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.index_entries import entries_of
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1", tags=["Code pages"])

_Entry: Any = model_of(catalog_pb2.IndexLead.DESCRIPTOR)
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_LIST: dict[str, Any] = {
    "entries": (list[_Entry], Field(description="Those that name the code whole first, then in the index's order.")),
    "total": (int, Field(description="How many there are in all.")),
    "next_cursor": NEXT_CURSOR,
    "release": (_Release, Field(description="The edition that answers.")),
}
IndexEntryList: type[ApiModel] = create_model("IndexEntryList", __base__=ApiModel, **_LIST)


# HEAD is a route of its own, outside the document: one operation id belongs to one method.
@router.head("/codes/icd10cm/{code}/index-entries", response_model=IndexEntryList, include_in_schema=False)
@router.get(
    "/codes/icd10cm/{code}/index-entries", response_model=IndexEntryList, summary="Index entries that lead to a code"
)
async def list_index_entries(
    request: Request,
    code: AnyCode,
    date: Annotated[str, Query(max_length=20, description=AS_OF, examples=["2026-03-31"])] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Entries on a page.")] = 100,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """The terms of the ICD-10-CM indexes and tables under which a code is found. Not counted as a page."""
    names = {"page_token": "cursor"}
    found = await entries_of(gateway_of(request).catalog, code, date, limit=limit, cursor=cursor, names=names)
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    return {
        "entries": [plain(entry) for entry in found.entries],
        "total": found.total,
        "next_cursor": found.next_page_token,
        "release": plain(found.release),
    }
