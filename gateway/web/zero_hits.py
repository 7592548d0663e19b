"""The page of searches without a result, for editors and operators: what codes or words are missing."""

from datetime import UTC

from codingahead.search.v1 import search_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.platform import gateway_of, reader_of
from gateway.web.answers import page

router = APIRouter()
ON_THE_PAGE = 200


@router.api_route("/operator/zero-hits", methods=["GET", "HEAD"])
async def zero_hits(request: Request) -> Response:
    """The most frequent ones."""
    gateway = gateway_of(request)
    token = gateway.readers.token(reader_of(request))
    found = await gateway.search.zero_hits(pb.ListZeroHitsRequest(page_size=ON_THE_PAGE), token)
    index = await gateway.search.status()
    values = {
        "title": "Searches without a result | Coding Ahead",
        "noindex": True,
        "found": found.zero_hits,
        "kept_days": found.kept_days,
        "index": index,
        "entries": sum(each.entries for each in index.systems),
        "built": index.built_at.ToDatetime(tzinfo=UTC),
    }
    return page(request, "pages/zero_hits.html", values)
