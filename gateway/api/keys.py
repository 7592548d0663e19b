"""The API of API keys: an account lists, makes and revokes its own. A key cannot do this."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from gateway.api.paging import Cursor, NextCursor
from gateway.api.schema import ApiModel
from gateway.cursors import from_cursor, moment_of, to_cursor
from gateway.idempotency import INSTEAD, needed
from gateway.keys.desk import end_key, make_key, own_keys
from gateway.keys.key import LIVE_KEYS, LONGEST_LIFE_DAYS, LONGEST_NAME, MOST_NETWORKS, MOST_ORIGINS, ApiKey, requested
from gateway.keys.store import SHOWN_KEYS

MOST_LISTED = 100

router = APIRouter(prefix="/api/v1/keys", tags=["API keys"])

KeyId = Annotated[str, Path(pattern=r"^key_[0-9a-f]{16}$", description="The key's id, as the list gives it.")]


class KeyWanted(ApiModel):
    """A key to be made."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="A name by which you know the key again.")
    scopes: list[str] = Field(min_length=1, max_length=20, description="What it may do.", examples=[["codes:read"]])
    days: int = Field(default=90, ge=1, le=LONGEST_LIFE_DAYS, description="How many days it lives.")
    networks: list[str] = Field(
        default=[], max_length=MOST_NETWORKS, description="Networks it may be used from; empty for anywhere."
    )
    origins: list[str] = Field(
        default=[], max_length=MOST_ORIGINS, description="Sites whose pages may use it in a browser (CORS)."
    )


class Key(ApiModel):
    """A key without its secret."""

    id: str
    name: str
    beginning: str = Field(description="The first characters of the secret, to know it by.")
    scopes: list[str]
    networks: list[str]
    origins: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute; null when it was never used.")
    revoked_at: datetime | None


class KeyList(ApiModel):
    """The keys of the account, the newest first."""

    keys: list[Key]
    next_cursor: NextCursor


class KeyMade(ApiModel):
    """A new key, and its secret for the only time."""

    key: Key
    secret: str | None = Field(
        description="What calls send as `Authorization: Bearer ...`. It is shown once: null when the call is repeated."
    )


def shown(key: ApiKey) -> dict[str, Any]:
    """Give a key in the values of its model."""
    return {
        "id": key.id,
        "name": key.name,
        "beginning": key.beginning,
        "scopes": sorted(key.scopes),
        "networks": [str(network) for network in key.networks],
        "origins": list(key.origins),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


@router.head("", response_model=KeyList, include_in_schema=False)
@router.get("", response_model=KeyList, summary="The API keys of the account")
async def list_keys(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED, description="Most keys in the answer.")] = SHOWN_KEYS,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List the keys, live and ended, without their secrets."""
    response.headers["Cache-Control"] = "no-store"
    keys = await own_keys(request, limit + 1, _place(cursor) if cursor else None)
    last = keys[limit - 1] if len(keys) > limit else None
    return {
        "keys": [shown(key) for key in keys[:limit]],
        "next_cursor": to_cursor(last.created_at.isoformat(), last.id) if last else "",
    }


def _place(cursor: str) -> tuple[datetime, str]:
    created_at, key_id = from_cursor(cursor, str, str)
    return moment_of(str(created_at)), str(key_id)


@router.post(
    "",
    response_model=KeyMade,
    status_code=HTTPStatus.CREATED,
    summary=f"Make an API key; up to {LIVE_KEYS} live ones",
    dependencies=[Depends(needed)],
)
async def create_key(request: Request, response: Response, wanted: KeyWanted) -> dict[str, Any]:
    """Make a key. Its secret is in this answer and nowhere else."""
    response.headers["Cache-Control"] = "no-store"
    new = requested(**wanted.model_dump())
    key, secret = await make_key(request, new)
    made = KeyMade.model_validate({"key": shown(key), "secret": None})
    request.scope[INSTEAD] = made.model_dump_json().encode()  # a secret is stored nowhere
    return {"key": shown(key), "secret": secret}


@router.delete("/{key_id}", status_code=HTTPStatus.NO_CONTENT, summary="Revoke an API key")
async def revoke_key(request: Request, key_id: KeyId) -> Response:
    """End a key; within five seconds every gateway refuses it. Revoking it again changes nothing."""
    await end_key(request, key_id)
    return Response(status_code=HTTPStatus.NO_CONTENT)
