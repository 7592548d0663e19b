"""In which form a caller wants answers and sends bodies: JSON of FHIR R4, which is the only one here."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request

_JSON = frozenset({"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"})
"""A plus that is not encoded in an address arrives as a blank."""
_ANY = frozenset({"*/*", "application/*", "text/*", "text/html"})
"""Browsers ask for pages first, and take what they get."""
_SENDABLE = frozenset({"application/json", "application/fhir+json", "text/json"})
FHIR_VERSION = "4.0"


async def negotiated(request: Request) -> None:
    """Refuse what cannot be answered (406) or read (415) as JSON of FHIR R4."""
    asked = request.query_params.get("_format", "")
    if asked and not _fits(asked, _JSON):
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, f"_format: “{asked[:60]}” is not served, only json is.")
    accept = request.headers.get("accept", "")
    if accept and not asked and not any(_fits(one, _JSON | _ANY) for one in accept.split(",")):
        raise HTTPException(
            HTTPStatus.NOT_ACCEPTABLE, f"Accept: none of “{accept[:80]}” is served, only application/fhir+json is."
        )
    sent = request.headers.get("content-type", "")
    if request.method == "POST" and sent and not _fits(sent, _SENDABLE):
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Type: “{sent[:60]}” is not read here; send Parameters as application/fhir+json.",
        )


def _fits(named: str, forms: frozenset[str]) -> bool:
    """Whether a media type with its parameters is one of these, at quality above 0 and of no other version of FHIR."""
    form, *rest = (part.strip().lower() for part in named.split(";"))
    given = dict(part.split("=", 1) for part in rest if "=" in part)
    refused = given.get("q", "1").strip().rstrip("0").rstrip(".") in {"", "0"}
    return form in forms and not refused and given.get("fhirversion", FHIR_VERSION).startswith(FHIR_VERSION)
