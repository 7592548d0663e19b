"""The API of one code's procedure-to-procedure edits: all of them, page after page. The code needs no page here."""

from enum import StrEnum
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter, Query, Request
from pydantic import Field, create_model

from gateway.api.codes import AS_OF, AnyCode, System
from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.platform import gateway_of, reader_of
from gateway.ptp_edits import EditQuery, Setting, edits_of

router = APIRouter(prefix="/api/v1", tags=["Claim edits"])


class Column(StrEnum):
    """The column that the code stands in."""

    PAID = "1"
    DENIED = "2"


_Edit: Any = model_of(catalog_pb2.PtpEdit.DESCRIPTOR)
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_Statement: Any = model_of(catalog_pb2.Statement.DESCRIPTOR)
_LIST: dict[str, Any] = {
    "edits": (list[_Edit], Field(description="The edits that apply on the day, by the other code in each column.")),
    "total": (int, Field(description="How many there are in all.")),
    "next_cursor": NEXT_CURSOR,
    "release": (_Release, Field(description="The edition that answers.")),
    "scope": (list[_Statement], Field(description="What was looked at, and what the lack of an edit means.")),
}
EditList: type[ApiModel] = create_model("EditList", __base__=ApiModel, **_LIST)


# HEAD is a route of its own, outside the document: one operation id belongs to one method.
@router.head("/codes/{system}/{code}/edits", response_model=EditList, include_in_schema=False)
@router.get("/codes/{system}/{code}/edits", response_model=EditList, summary="NCCI edits of a code")
async def list_edits(  # noqa: PLR0917 - the query's parameters
    request: Request,
    system: System,
    code: AnyCode,
    setting: Annotated[Setting, Query(description="Whose table.")] = Setting.PRACTITIONER,
    column: Annotated[
        Column | None, Query(description="1: the code is paid; 2: it is denied. Both when absent.")
    ] = None,
    with_code: Annotated[
        str, Query(alias="with", max_length=20, description="Only edits with this code, or with codes that begin so.")
    ] = "",
    date: Annotated[str, Query(max_length=20, description=AS_OF, examples=["2026-03-31"])] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Edits on a page.")] = 100,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """The edits of one code on a day. Codes without a page have them too. Not counted as a page."""
    query = EditQuery(system, code, setting, int(column or 0), with_code, date, limit, cursor)
    found = await edits_of(gateway_of(request).catalog, query, {"page_token": "cursor", "with_code": "with"})
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    return {
        "edits": [plain(edit) for edit in found.edits],
        "total": found.total,
        "next_cursor": found.next_page_token,
        "release": plain(found.release),
        "scope": [plain(statement) for statement in found.scope],
    }
