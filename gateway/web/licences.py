"""The page on which a signed-in reader accepts the terms of a licensed code set."""

import secrets

from codingahead.metering.v1 import metering_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.licences import LicenceTerms, terms_of
from gateway.platform import gateway_of, reader_of
from gateway.web.answers import local_path, page
from shared.errors import DeadlineExceeded, Unauthenticated, Unavailable
from shared.rpc.client import invoke

router = APIRouter()
PATIENCE_SECONDS = 5.0


async def accept_terms(request: Request, terms: LicenceTerms, edition: str) -> pb.AcceptLicenceResponse:
    """Record that the signed-in reader accepts the terms; Unauthenticated for a guest."""
    gateway, reader = gateway_of(request), reader_of(request)
    if not reader.signed_in:
        raise Unauthenticated("SIGN_IN_NEEDED", "Sign in first: terms are accepted by an account, not by a guest.")
    terms.check_edition(edition)
    message = pb.AcceptLicenceRequest(
        request_id=secrets.token_hex(16), licence=terms.licence, terms_edition=terms.edition
    )
    return await invoke(
        gateway.metering.AcceptLicence, message, timeout=PATIENCE_SECONDS, token=gateway.readers.token(reader)
    )


@router.api_route("/licences/{licence}", methods=["GET", "HEAD"])
async def licence_terms(licence: str, request: Request) -> Response:
    """The terms, and the button for a reader who is signed in and has not accepted them yet."""
    terms = terms_of(licence)
    back = local_path(request.query_params.get("next", ""))
    values = {
        "title": f"{terms.title}: licence terms | Coding Ahead",
        "noindex": True,
        "terms": terms,
        "back": back,
        "here_path": f"/licences/{terms.licence}",
        "signed_in": reader_of(request).signed_in,
        "accepted": await _accepted(request, terms),
    }
    return page(request, "pages/licence.html", values, canonical=f"/licences/{terms.licence}")


@router.post("/licences/{licence}")
async def accept(licence: str, request: Request) -> Response:
    """Accept the terms and go back to the page that the reader came from."""
    terms = terms_of(licence)
    async with request.form() as sent:
        edition, back = str(sent.get("terms_edition", "")), local_path(str(sent.get("next", "")))
    await accept_terms(request, terms, edition)
    return RedirectResponse(back or f"/licences/{terms.licence}", status_code=303)


async def _accepted(request: Request, terms: LicenceTerms) -> bool:
    """Whether the reader accepted the terms before; no while metering cannot say."""
    reader = reader_of(request)
    if not reader.signed_in:
        return False
    try:
        return terms.licence in (await gateway_of(request).room.standing(reader)).accepted_licences
    except (Unavailable, DeadlineExceeded):
        return False
