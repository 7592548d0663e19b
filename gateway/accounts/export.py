"""Everything that the platform keeps of an account, as one document; whole, or not at all while a part is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from codingahead.metering.v1 import metering_pb2 as pb
from google.protobuf.message import Message

from gateway.api.keys import shown
from gateway.api.schema import plain
from gateway.auth.reader import Reader
from gateway.platform import Gateway
from shared.rpc.client import invoke

FORMAT = 1
PATIENCE_SECONDS = 20.0
ENTRIES_AT_ONCE = 1000
GRANTS_AT_ONCE = 500
REPORTS_AT_ONCE = 500
MOST_KEYS = 10_000


async def export(gateway: Gateway, reader: Reader) -> dict[str, Any]:
    """Gather the document; Unavailable while metering, catalog or the database does not answer."""
    account = reader.principal.id
    token = gateway.readers.token(reader)
    usage, grants = await _usage(gateway, token)
    first, entries = await _history(gateway, token)
    read = [grant.granted_at.ToDatetime(tzinfo=UTC).date() for grant in grants]
    return {
        "format": FORMAT,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "account": {
            "id": account,
            "issuer": gateway.settings.oidc_issuer,
            "name": reader.session.name if reader.session else None,
            "email": reader.email or None,
            "roles": sorted(reader.principal.roles | reader.held_back),
        },
        "plan": plain(usage.quota),
        "pages_by_day": {day.isoformat(): pages for day, pages in sorted(Counter(read).items())},
        "pages_read_in_this_window": _plain(grants),
        "ledger": _plain(entries),
        "counters": _plain(first.counters),
        "licences_accepted": _plain(first.acceptances),
        "error_reports": _plain(await _reports(gateway, token)),
        "api_keys": [shown(key) for key in await gateway.keys.of_account(account, MOST_KEYS)],
        "sessions": await _sessions(gateway, account),
        "signed_in_with": await gateway.sign_in.keeper.sessions.places_of(account) if gateway.sign_in else [],
        "subscriptions": await gateway.billing.subscriptions.of_account(account),
        "acts_of_operators": await _acts(gateway, reader.principal.name),
        "library": await gateway.library.export_of(account),
        "mails_waiting": await gateway.mails.of_recipient(reader.email),
        "repeatable_calls": await gateway.answers.of_principal(reader.principal.name),
    }


def written(document: Any) -> Any:
    """Give what JSON has no form of: moments and days as ISO 8601."""
    if isinstance(document, datetime | date):
        return document.isoformat()
    raise TypeError(f"{type(document).__name__} has no form in an export")


async def _usage(gateway: Gateway, token: str) -> tuple[pb.GetUsageResponse, list[pb.Grant]]:
    async def ask(page: str) -> tuple[pb.GetUsageResponse, Sequence[pb.Grant], str]:
        request = pb.GetUsageRequest(page_size=GRANTS_AT_ONCE, page_token=page)
        answer = await invoke(gateway.metering.GetUsage, request, timeout=PATIENCE_SECONDS, token=token)
        return answer, answer.grants, answer.next_page_token

    return await _all(ask)


async def _history(gateway: Gateway, token: str) -> tuple[pb.GetHistoryResponse, list[pb.LedgerEntry]]:
    async def ask(page: str) -> tuple[pb.GetHistoryResponse, Sequence[pb.LedgerEntry], str]:
        request = pb.GetHistoryRequest(page_size=ENTRIES_AT_ONCE, page_token=page)
        answer = await invoke(gateway.metering.GetHistory, request, timeout=PATIENCE_SECONDS, token=token)
        return answer, answer.entries, answer.next_page_token

    return await _all(ask)


async def _reports(gateway: Gateway, token: str) -> list[catalog_pb2.ErrorReport]:
    async def ask(page: str) -> tuple[None, Sequence[catalog_pb2.ErrorReport], str]:
        request = catalog_pb2.ListOwnErrorReportsRequest(page_size=REPORTS_AT_ONCE, page_token=page)
        answer = await gateway.catalog.own_error_reports(request, token)
        return None, answer.reports, answer.next_page_token

    return (await _all(ask))[1]


async def _all(ask: Callable[[str], Awaitable[tuple[Any, Sequence[Any], str]]]) -> tuple[Any, list[Any]]:
    """Ask page by page; gives the first answer, and the entries of all."""
    first, entries, token = await ask("")
    gathered = list(entries)
    while token:
        _, entries, token = await ask(token)
        gathered += entries
    return first, gathered


async def _sessions(gateway: Gateway, account: str) -> list[dict[str, object]]:
    if gateway.sign_in is None:
        return []
    return [
        {"device": each.device, "began": each.created_at, "last_used": each.used_at}
        for each in await gateway.sign_in.keeper.sessions.of_account(account)
    ]


async def _acts(gateway: Gateway, principal: str) -> list[dict[str, object]]:
    """What operators did to the account; who they are stays in the audit."""
    acts, before = [], None
    while True:
        part = await gateway.audit.acts(whom=principal, before_id=before)
        acts += part
        if not part:
            break
        before = part[-1].id
    return [
        {"at": each.at, "act": each.act.act, "reason": each.act.reason, "before": each.before, "after": each.after}
        for each in acts
    ]


def _plain(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [plain(message) for message in messages]
