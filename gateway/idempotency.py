"""Idempotency-Key on the API's POST calls (draft-ietf-httpapi-idempotency-key-header): done once, answered every time.

A call with a key is written down before it is made. The same key gives the stored answer again; with another request it
is refused (422), and while the first call is under way, too (409). A call that failed on our side (5xx) leaves its key
unused. A call whose gateway died with it holds its key for a minute. Keys belong to their principal and are forgotten
after a day.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import Header
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.auth.reader import Reader
from gateway.problems import problem_of
from gateway.rights import reads_by_post
from shared.database import Database
from shared.errors import DomainError, InvalidInput, Unavailable
from shared.recurring import Recurring

LONGEST_KEY = 200
LEASE_SECONDS = 60
KEPT_HOURS = 24
KEPT_BY_CATALOG = frozenset({"/api/v1/operator/imports"})
"""POST calls whose body is too large to be held here: catalog itself does them once for a key."""
INSTEAD = "idempotent_body"
"""In the scope: the body to store in place of one that holds a secret."""
STORED_HEADERS = frozenset({"content-type", "cache-control", "location"})

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is stored."""

    status: int
    headers: tuple[str, ...]
    """Name and value in turn."""
    body: bytes


class Reused(DomainError):
    """A key came with another request than the first."""

    http_status = HTTPStatus.UNPROCESSABLE_ENTITY


class InFlight(DomainError):
    """The first call of a key is under way."""

    http_status = HTTPStatus.CONFLICT


class Answers(Recurring):
    """Calls and their answers in the gateway's database; a part of the gateway, which forgets old ones."""

    def __init__(self, database: Database) -> None:
        """Take the gateway's database."""
        super().__init__("idempotency", self._forget)
        self._database = database

    async def begin(self, principal: str, key: bytes, fingerprint: bytes) -> Answer | None:
        """Claim a key for a call; the stored answer when the call was made before. Raises Reused and InFlight."""
        async with self._database.transaction() as connection:
            claimed = await connection.execute(
                "INSERT INTO idempotent_answer (principal, key, fingerprint) VALUES (%s, %s, %s)"
                " ON CONFLICT (principal, key) DO UPDATE"
                " SET begun_at = clock_timestamp(), fingerprint = excluded.fingerprint, status = NULL"
                " WHERE idempotent_answer.begun_at < clock_timestamp() - make_interval(hours => %s)"
                " OR (idempotent_answer.status IS NULL AND idempotent_answer.fingerprint = excluded.fingerprint"
                " AND idempotent_answer.begun_at < clock_timestamp() - make_interval(secs => %s))",
                (principal, key, fingerprint, KEPT_HOURS, LEASE_SECONDS),
            )
            if claimed.rowcount:
                return None
            cursor = await connection.execute(
                "SELECT fingerprint, status, headers, body FROM idempotent_answer WHERE principal = %s AND key = %s",
                (principal, key),
            )
            row = await cursor.fetchone()
        if row is not None and bytes(row["fingerprint"]) != fingerprint:
            raise Reused("IDEMPOTENCY_KEY_REUSED", "Idempotency-Key: it was used for another request; make a new one.")
        if row is None or row["status"] is None:
            raise InFlight("IDEMPOTENCY_KEY_IN_FLIGHT", "Idempotency-Key: its first call is under way; ask again soon.")
        return Answer(row["status"], tuple(row["headers"]), bytes(row["body"]))

    async def finish(self, principal: str, key: bytes, answer: Answer) -> None:
        """Store the answer of a call."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE idempotent_answer SET status = %s, headers = %s, body = %s WHERE principal = %s AND key = %s",
                (answer.status, list(answer.headers), answer.body, principal, key),
            )

    async def release(self, principal: str, key: bytes) -> None:
        """Leave the key of a failed call unused."""
        async with self._database.connection() as connection:
            await connection.execute(
                "DELETE FROM idempotent_answer WHERE principal = %s AND key = %s AND status IS NULL", (principal, key)
            )

    async def of_principal(self, principal: str) -> list[dict[str, object]]:
        """Give when a principal's calls were made, and the status of their answers."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT begun_at, status FROM idempotent_answer WHERE principal = %s ORDER BY begun_at", (principal,)
            )
            return [dict(row) for row in await cursor.fetchall()]

    async def _forget(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute(
                "DELETE FROM idempotent_answer WHERE begun_at < clock_timestamp() - make_interval(hours => %s)",
                (KEPT_HOURS,),
            )


class IdempotentCalls:
    """Stands before the routes and answers repeated calls."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        """Take the application and where answers are stored."""
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = None
        if scope["type"] == "http" and scope["method"] == "POST" and _remembered(scope["path"]):
            given = Headers(scope=scope).get("idempotency-key")
        if given is None:
            await self._app(scope, receive, send)
            return
        try:
            key = _digest_of(given)
            body = await _whole(receive)
            reader: Reader = scope["reader"]
            before = await self._answers.begin(reader.principal.name, key, _fingerprint(scope, reader, body))
        except DomainError as error:
            await problem_of(error)(scope, receive, send)
            return
        if before is not None:
            await _send(before, send)
            return
        await self._make(scope, body, send, key)

    async def _make(self, scope: Scope, body: bytes, send: Send, key: bytes) -> None:
        """Make the call, store its answer, then send it: who never got the answer can ask for it again."""
        principal = scope["reader"].principal.name
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        try:
            await self._app(scope, _given(body), keep)
            answer = _answer_of(scope, kept)
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                await self._answers.finish(principal, key, answer)
            else:
                await self._answers.release(principal, key)
        except BaseException:
            with contextlib.suppress(Unavailable):  # the key is free again after a minute
                await self._answers.release(principal, key)
            raise
        for message in kept:
            await send(message)


def _remembered(path: str) -> bool:
    """Whether answers of a path are stored; what reads may be repeated as it is, and nothing of a claim is kept."""
    return path.startswith("/api/") and path not in KEPT_BY_CATALOG and not reads_by_post(path)


def _digest_of(given: str) -> bytes:
    """The key as it is stored; it may be written as a structured string, in quotes, or bare."""
    text = given.strip()
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not 1 <= len(bare) <= LONGEST_KEY or not bare.isascii() or not bare.isprintable():
        raise InvalidInput(
            "IDEMPOTENCY_KEY_INVALID", f"Idempotency-Key: 1 to {LONGEST_KEY} visible characters; a UUID is right."
        )
    return hashlib.sha256(bare.encode()).digest()


def _fingerprint(scope: Scope, reader: Reader, body: bytes) -> bytes:
    """What makes two calls the same: also what the credential may do, as an answer goes out without asking again."""
    rights = sorted(reader.principal.roles), None if reader.scopes is None else sorted(reader.scopes)
    head = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n{rights}\n"
    return hashlib.sha256(head.encode() + body).digest()


def _answer_of(scope: Scope, messages: list[Message]) -> Answer:
    start = messages[0]
    headers = [
        part
        for name, value in start["headers"]
        if name.decode("latin-1").lower() in STORED_HEADERS
        for part in (name.decode("latin-1"), value.decode("latin-1"))
    ]
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return Answer(start["status"], tuple(headers), scope.get(INSTEAD, body))


async def _send(answer: Answer, send: Send) -> None:
    pairs = zip(answer.headers[::2], answer.headers[1::2], strict=True)
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _whole(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _given(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


_DESCRIPTION = "Makes a repeat of this call give its first answer; a UUID is right."


async def honoured(
    idempotency_key: Annotated[str | None, Header(description=_DESCRIPTION, max_length=LONGEST_KEY + 2)] = None,
) -> None:
    """Say in a route's document that it takes the header."""


async def needed(
    request: Request,
    idempotency_key: Annotated[str | None, Header(description=f"Needed. {_DESCRIPTION}")] = None,
) -> None:
    """Refuse a call without the header where a repeat would do harm."""
    if idempotency_key is None:
        raise InvalidInput(
            "IDEMPOTENCY_KEY_MISSING",
            f"Idempotency-Key: POST {request.url.path} needs this header; send a new UUID with each new wish.",
        )
