"""The API of the builder of ICD-10-PCS codes: what can be chosen beside what is chosen."""

from typing import Annotated, Any

from codingahead.catalog.v1 import procedure_tables_pb2
from fastapi import APIRouter, Query, Request

from gateway.api.schema import ApiModel, model_of, plain
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1", tags=["Code pages"])
ProcedureChoices: type[ApiModel] = model_of(procedure_tables_pb2.GetProcedureChoicesResponse.DESCRIPTOR)


# HEAD is a route of its own, outside the document: one operation id belongs to one method.
@router.head("/icd10pcs/build", response_model=ProcedureChoices, include_in_schema=False)
@router.get("/icd10pcs/build", response_model=ProcedureChoices, summary="Build an ICD-10-PCS code")
async def build_procedure_code(
    request: Request,
    code: Annotated[
        str,
        Query(
            max_length=20,
            description="Up to seven values in the order of the characters; an underscore stands for an open one. "
            "Empty to begin.",
            examples=["0DB6_ZX"],
        ),
    ] = "",
) -> dict[str, Any]:
    """The values of the seven characters that form a valid code with those chosen. Not counted as a page."""
    asked = "".join(code.split()).upper().replace("-", "_").replace(".", "_")
    found = await gateway_of(request).catalog.procedure_code(asked)
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
    return plain(found)
