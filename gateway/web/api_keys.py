"""The page of API keys: an account makes, replaces and revokes its own. A secret is on the answer to its form alone."""

from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.keys.desk import end_key, make_key, own_keys
from gateway.keys.key import LIVE_KEYS, LONGEST_LIFE_DAYS, ApiKey, NewKey, requested
from gateway.rights import SCOPES
from gateway.web.answers import page
from shared.errors import FailedPrecondition, InvalidInput

router = APIRouter()
DAYS = 90
NO_STORE = {"Cache-Control": "no-store"}
FIELDS = frozenset({"name", "scopes", "days", "networks", "origins"})


class Defect(NamedTuple):
    """Why no key was made."""

    sentence: str
    field: str
    """The field that it is about; empty when it is about none."""


@router.api_route("/account/keys", methods=["GET", "HEAD"])
async def keys(request: Request, like: str = "") -> Response:
    """The keys, and the form for a new one; `like` fills it in for the successor of a key."""
    own = await own_keys(request)
    model = next((key for key in own if key.id == like), None)
    return _drawn(request, own, _filled_like(model) if model else _empty())


@router.post("/account/keys")
async def create(request: Request) -> Response:
    """Make a key and show its secret, or show the form again with what is wrong."""
    async with request.form() as sent:
        given = _given(sent)
    try:
        key, secret = await make_key(request, _wanted(given))
    except (InvalidInput, FailedPrecondition) as error:
        return _drawn(request, await own_keys(request), given, defect=_defect(error.message))
    return _drawn(request, await own_keys(request), _empty(), made=key, secret=secret)


@router.post("/account/keys/{key_id}/revocation")
async def revoke(key_id: str, request: Request) -> Response:
    """End a key."""
    await end_key(request, key_id)
    return RedirectResponse("/account/keys", status_code=303, headers=NO_STORE)


def _drawn(
    request: Request,
    own: list[ApiKey],
    form: dict[str, object],
    *,
    defect: Defect | None = None,
    made: ApiKey | None = None,
    secret: str = "",
) -> Response:
    values = {
        "title": "API keys | Coding Ahead",
        "noindex": True,
        "keys": own,
        "form": form,
        "defect": defect,
        "made": made,
        "secret": secret,
        "scopes": SCOPES,
        "most_live": LIVE_KEYS,
        "longest_days": LONGEST_LIFE_DAYS,
        "now": datetime.now(UTC),
    }
    answer = page(request, "pages/api_keys.html", values, status=400 if defect else 200)
    answer.headers.update(NO_STORE)
    return answer


def _defect(message: str) -> Defect:
    field, _, sentence = message.partition(": ")
    if field not in FIELDS:
        return Defect(message, "")
    return Defect(sentence[:1].upper() + sentence[1:], field)


def _empty() -> dict[str, object]:
    return {"name": "", "scopes": ["codes:read", "meter:read"], "days": str(DAYS), "networks": "", "origins": ""}


def _filled_like(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "days": str(max(1, (key.expires_at - key.created_at).days)),
        "networks": "\n".join(map(str, key.networks)),
        "origins": "\n".join(key.origins),
    }


def _given(sent: FormData) -> dict[str, object]:
    given: dict[str, object] = {
        name: str(sent.get(name, "")).strip() for name in ("name", "days", "networks", "origins")
    }
    return given | {"scopes": [str(scope) for scope in sent.getlist("scope")]}


def _wanted(given: dict[str, object]) -> NewKey:
    days = str(given["days"])
    scopes = given["scopes"]
    return requested(
        name=str(given["name"]),
        scopes=scopes if isinstance(scopes, list) else [],
        days=int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0,
        networks=str(given["networks"]).split(),
        origins=str(given["origins"]).split(),
    )
