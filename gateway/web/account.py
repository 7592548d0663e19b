"""The account page: plan and quota, what was read, by day and by page, and the sessions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from codingahead.metering.v1 import metering_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.accounts.export import export, written
from gateway.auth.reader import Reader
from gateway.keys.desk import own_keys
from gateway.library.named import named
from gateway.library.rules import CodeKey
from gateway.meter.decision import Quota, quota_of
from gateway.meter.policy import day_after
from gateway.platform import Gateway, gateway_of, reader_of
from gateway.web.answers import page
from gateway.web.sign_in import lead_to_issuer
from gateway.web.usage_chart import usage_chart
from gateway.web.words import day
from shared.errors import DeadlineExceeded, Unauthenticated, Unavailable
from shared.rpc.client import invoke

router = APIRouter()
PATIENCE_SECONDS = 5.0
GRANTS_AT_ONCE = 500
LISTED_CODES = 200
MOST_GRANTS = 2000


@dataclass(frozen=True, slots=True)
class Usage:
    """Where an account stands, and what it read in this window, the newest first."""

    quota: Quota
    grants: tuple[pb.Grant, ...]
    cut: bool
    """Whether there are more grants than are shown."""


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session on the list."""

    device: str
    began: str
    used: str
    this_one: bool


@router.api_route("/account", methods=["GET", "HEAD"])
async def account(request: Request) -> Response:
    """The reader's own page; a guest signs in first."""
    gateway, reader = gateway_of(request), reader_of(request)
    if reader.session is None:
        if reader.signed_in:
            raise Unauthenticated("SESSION_NEEDED", "The account page is for browsers: sign in on this site.")
        return RedirectResponse("/sign-in?next=%2Faccount", status_code=303, headers={"Cache-Control": "no-store"})
    usage = await _usage(gateway, reader)
    now = datetime.now(UTC)
    listed = usage.grants[:LISTED_CODES] if usage else ()
    keys = [CodeKey(grant.content.system, grant.content.code) for grant in listed]
    granted = [grant.granted_at.ToDatetime(tzinfo=UTC).date() for grant in usage.grants] if usage else []
    values = {
        "title": "Your account | Coding Ahead",
        "noindex": True,
        "session": reader.session,
        "usage": usage,
        "window_end": day_after(usage.quota.window_end) if usage else None,
        "listed": listed,
        "names": await named(gateway.catalog, keys),
        "chart": usage_chart(granted, now.date()),
        "sessions": await _sessions(gateway, reader),
        "api_keys": [key for key in await own_keys(request) if key.live(now)],
        "day": day,
    }
    answer = page(request, "pages/account.html", values)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.api_route("/account/export", methods=["GET", "HEAD"])
async def download(request: Request) -> Response:
    """Everything that is kept of the account, as a JSON file."""
    document = await export(gateway_of(request), reader_of(request))
    body = json.dumps(document, default=written, indent=2, ensure_ascii=False)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="coding-ahead-account.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.api_route("/account/password", methods=["GET", "HEAD"])
async def password(request: Request) -> Response:
    """Change the password where it is kept: at the issuer (Keycloak's application-initiated action)."""
    return await lead_to_issuer(request, {"kc_action": "UPDATE_PASSWORD"}, next_path="/account")


async def _usage(gateway: Gateway, reader: Reader) -> Usage | None:
    """Give what metering knows of the reader; None while it does not answer."""
    token = gateway.readers.token(reader)
    grants: list[pb.Grant] = []
    asked = pb.GetUsageRequest(page_size=GRANTS_AT_ONCE)
    try:
        while True:
            answer = await invoke(gateway.metering.GetUsage, asked, timeout=PATIENCE_SECONDS, token=token)
            grants.extend(answer.grants)
            if not answer.next_page_token or len(grants) >= MOST_GRANTS:
                return Usage(quota_of(answer.quota), tuple(grants), bool(answer.next_page_token))
            asked = pb.GetUsageRequest(page_size=GRANTS_AT_ONCE, page_token=answer.next_page_token)
    except (Unavailable, DeadlineExceeded):
        return None


async def _sessions(gateway: Gateway, reader: Reader) -> list[SessionLine]:
    if gateway.sign_in is None or reader.session is None:
        return []
    return [
        SessionLine(
            each.device, _minute(each.created_at), _minute(each.used_at), each.id_hash == reader.session.id_hash
        )
        for each in await gateway.sign_in.keeper.sessions.of_account(reader.principal.id)
    ]


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
