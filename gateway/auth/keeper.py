"""Keeps sessions going: a short memory for the hot route, and one refresh at a time for each session.

A session that ended anywhere is refused everywhere once the memory is over: within three seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog
from cachetools import LRUCache
from prometheus_client import Counter

from gateway.auth.access_token import AccessTokens
from gateway.auth.browser_secrets import LONGEST_SECRET, form_token, hashed
from gateway.auth.id_token import IdTokens
from gateway.auth.issuer import Issuer, Refused
from gateway.auth.sessions import Held, Session, Sessions, renewed
from shared.database import Database
from shared.errors import Unauthenticated, Unavailable
from shared.identity import Kind, Principal
from shared.recurring import Recurring

REMEMBERED_SECONDS = 3.0
REFRESH_AHEAD = timedelta(seconds=10)
REFRESHES_AT_ONCE = 4
"""Each holds a connection of the pool while the issuer answers."""
PAUSE_AFTER_AWAY_SECONDS = 5.0
SWEEP_SECONDS = 300.0

REFRESHES = Counter("gateway_session_refreshes_total", "Refreshes of sessions, by outcome.", ["outcome"])

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionStanding:
    """Whose session a request came with."""

    principal: Principal
    name: str
    email: str
    id_hash: bytes
    form_token: bytes
    held_back: frozenset[str] = frozenset()
    """Roles that wait for a sign-in with a second factor."""


class SessionKeeper(Recurring):
    """Recognises session cookies, and now and then removes what has run out; a part of the gateway."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        issuer: Issuer,
        access_tokens: AccessTokens,
        id_tokens: IdTokens,
        *,
        grace: timedelta,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take where sessions are, what renews them, and how long they outlive their roles while the issuer is away."""
        super().__init__("sessions", sessions.forget_ended, every=SWEEP_SECONDS)
        self._database = database
        self.sessions = sessions
        self._issuer = issuer
        self._access_tokens = access_tokens
        self._id_tokens = id_tokens
        self._grace = grace
        self._now = now
        self._remembered: LRUCache[bytes, tuple[SessionStanding | None, float]] = LRUCache(50_000)
        self._asked: dict[bytes, asyncio.Task[SessionStanding | None]] = {}
        self._refreshing = asyncio.Semaphore(REFRESHES_AT_ONCE)
        self._issuer_away_until = float("-inf")

    async def standing(self, secret: str) -> SessionStanding | None:
        """Give whose session a cookie's value names; None when it lives no more. Unavailable without the database."""
        if not 1 <= len(secret) <= LONGEST_SECRET or not secret.isascii():
            return None
        id_hash = hashed(secret)
        remembered = self._remembered.get(id_hash)
        if remembered is not None and self._now() < remembered[1]:
            return remembered[0]
        # Requests that come together ask once; the one that asked first may be cancelled without the others.
        asked = self._asked.get(id_hash)
        if asked is None:
            asked = self._asked[id_hash] = asyncio.create_task(self._ask(id_hash, secret))
            asked.add_done_callback(lambda _: self._asked.pop(id_hash, None))
        return await asyncio.shield(asked)

    def forget(self, *id_hashes: bytes) -> None:
        """Forget sessions that have ended here."""
        for id_hash in id_hashes:
            self._remembered.pop(id_hash, None)

    async def _ask(self, id_hash: bytes, secret: str) -> SessionStanding | None:
        until = self._now() + REMEMBERED_SECONDS  # from the question on: an end during it is seen in time
        session = await self.sessions.find(id_hash)
        if session is not None and datetime.now(UTC) >= session.access_expires_at - REFRESH_AHEAD:
            session = await self._renew_or_bear(session)
        standing = None
        if session is not None:
            principal = Principal(Kind.ACCOUNT, session.subject, session.roles)
            standing = SessionStanding(
                principal, session.held.name, session.held.email, id_hash, form_token(secret), session.held_back
            )
        self._remembered[id_hash] = (standing, until)
        return standing

    async def _renew_or_bear(self, session: Session) -> Session | None:
        """Renew a session; while the issuer is away it goes on until its roles are too old."""
        if not session.held.refresh:
            if datetime.now(UTC) < session.access_expires_at:
                return session
            await self.sessions.end(session.id_hash)
            return None
        try:
            return await self._renew(session.id_hash)
        except Unavailable as error:
            REFRESHES.labels("issuer away").inc()
            if self._now() >= self._issuer_away_until:
                self._issuer_away_until = self._now() + PAUSE_AFTER_AWAY_SECONDS
            if datetime.now(UTC) < session.access_expires_at + self._grace:
                return session
            raise Unavailable(
                "ISSUER_AWAY", "Your sign-in cannot be confirmed at the moment; try again soon."
            ) from error
        except Unauthenticated as error:
            REFRESHES.labels("refused").inc()
            _log.info("a session ends with its sign-in", reason=error.reason)
            await self.sessions.end(session.id_hash)
            return None

    async def _renew(self, id_hash: bytes) -> Session | None:
        if self._now() < self._issuer_away_until:
            raise Unavailable("ISSUER_AWAY", "Sign-in did not answer a moment ago.")
        async with self._refreshing, self._database.transaction() as connection:
            session = await self.sessions.locked(connection, id_hash)
            if session is None or datetime.now(UTC) < session.access_expires_at - REFRESH_AHEAD:
                return session  # it ended, or another process was faster
            tokens = await self._issuer.refresh(session.held.refresh)
            read = await self._access_tokens.of_client(tokens.access, self._issuer.client)
            if read.principal.id != session.subject:
                raise Refused("SIGN_IN_ENDED", "The issuer renewed another account's sign-in: sign in again.")
            held = replace(
                session.held,
                access=tokens.access,
                refresh=tokens.refresh or session.held.refresh,
                id_token=tokens.id or session.held.id_token,
            )
            held = await self._with_person(held, tokens.id, session.subject)
            if held.email not in ("", session.held.email):
                await self.sessions.readdress(connection, session.subject, held.email)
            session = renewed(session, held, read)
            await self.sessions.renew(connection, session)
        REFRESHES.labels("renewed").inc()
        return session

    async def _with_person(self, held: Held, id_token: str, subject: str) -> Held:
        if not id_token:
            return held
        person = await self._id_tokens.at_refresh(id_token, subject=subject)
        return replace(held, name=person.name, email=person.email)
