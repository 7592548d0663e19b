"""The API of claim edits: claims in, findings out. Nothing of a claim is kept or logged."""

import json
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus

from codingahead.catalog.v1 import edits_pb2 as pb
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from gateway.api.claim_answers import ClaimsChecked, answer_of
from gateway.api.claim_models import Claim
from gateway.api.claims_body import GUESTS_CLAIMS, MOST_CLAIMS, BodyInvalid, claims_of
from gateway.edits import BATCH_CLAIMS
from gateway.platform import gateway_of, reader_of
from gateway.problems import problem

PATH = "/api/v1/edits/check"
router = APIRouter(tags=["Claim edits"])
_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ClaimsToCheck"}}},
}


@router.post(
    PATH,
    response_model=ClaimsChecked,
    summary="Check claims against NCCI, the fee schedule and ICD-10-CM",
    openapi_extra={"requestBody": _BODY},
)
async def check_edits(request: Request) -> Response:
    """Check claims, each by itself, against the edition of each table that answers for its days.

    Guests send up to 100 claims a call, accounts and partners up to 10,000; a call has up to 30 lines for each claim it
    may have, and a claim up to 999. Long answers come in pieces. A rule that could not look stands in `not_checked`,
    `not_loaded` or `not_applicable`, with the reason in `asked`. Not counted as a page.
    """
    gateway = gateway_of(request)
    most = MOST_CLAIMS if reader_of(request).signed_in else GUESTS_CLAIMS
    try:
        claims = await claims_of(await request.body(), most)
    except BodyInvalid as invalid:
        detail = "; ".join(defect["what"] for defect in invalid.defects)
        members = {"defects": invalid.defects}
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "REQUEST_INVALID", detail, members=members)
    gateway.room.count(reader_of(request), "edit-check")
    answers = gateway.edits.check(message for _, message in claims)
    pieces = _drawn([claim for claim, _ in claims], answers)
    headers = {"Cache-Control": "no-store"}
    if len(claims) > BATCH_CLAIMS:
        return StreamingResponse(pieces, media_type="application/json", headers=headers)
    body = b"".join([piece async for piece in pieces])
    return Response(body, media_type="application/json", headers=headers)


async def _drawn(claims: Sequence[Claim], answers: AsyncIterator[Sequence[pb.CheckedClaim]]) -> AsyncIterator[bytes]:
    """The answer as JSON, a piece a batch. It breaks off when a batch fails: then it is no whole JSON."""
    place = 0
    async for batch in answers:
        drawn = [answer_of(claims[place + number], checked) for number, checked in enumerate(batch)]
        yield (b", " if place else b'{"claims": [') + json.dumps(drawn, ensure_ascii=False).encode()[1:-1]
        place += len(batch)
    yield b"]}"
