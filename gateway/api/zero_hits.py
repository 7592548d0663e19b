"""The API of searches without a result, for editors and operators."""

from typing import Annotated, Any

from codingahead.search.v1 import search_pb2 as pb
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, create_model

from gateway.api.schema import ApiModel, model_of, plain
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1/operator", tags=["Operators"])

_Row: Any = model_of(pb.ZeroHit.DESCRIPTOR)
_ANSWER: dict[str, Any] = {
    "zero_hits": (list[_Row], Field(description="The most frequent first, without who asked.")),
    "kept_days": (int, Field(description="Days after the last of which a query is forgotten.")),
}
ZeroHits: type[ApiModel] = create_model("ZeroHits", __base__=ApiModel, **_ANSWER)


@router.head("/zero-hits", response_model=ZeroHits, include_in_schema=False)
@router.get("/zero-hits", response_model=ZeroHits, summary="Searches without a result")
async def zero_hits(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=500, description="Most queries in the answer.")] = 100,
) -> dict[str, Any]:
    """List what was searched for in vain, the most frequent first. Neither who asked nor the hour is kept."""
    response.headers["Cache-Control"] = "no-store"
    gateway = gateway_of(request)
    token = gateway.readers.token(reader_of(request))
    return plain(await gateway.search.zero_hits(pb.ListZeroHitsRequest(page_size=limit), token))
