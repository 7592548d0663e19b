"""Sessions in the gateway's database: under the hash of their id, with everything about the person sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.accounts.notices import Notices
from gateway.auth import known_places
from gateway.auth.access_token import AccessToken
from gateway.auth.browser_secrets import hashed, new_secret
from gateway.auth.known_places import Place
from gateway.auth.logout_token import LogoutToken
from gateway.auth.sealing import Seal
from shared.database import Connection, Database
from shared.mail import Mail, WaitingMails

USE_WRITTEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Held:
    """What a session holds and the database does not see."""

    access: str
    refresh: str
    id_token: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of one account."""

    id_hash: bytes
    subject: str
    issuer_session: str
    roles: frozenset[str]
    held_back: frozenset[str]
    held: Held
    device: str
    access_expires_at: datetime
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A sign-in that has succeeded."""

    subject: str
    issuer_session: str
    roles: frozenset[str]
    held_back: frozenset[str]
    """Roles that wait for a sign-in with a second factor."""
    held: Held
    place: Place
    access_expires_at: datetime


class Sessions:
    """Makes, finds and ends sessions."""

    def __init__(
        self,
        database: Database,
        mails: WaitingMails,
        notices: Notices,
        seal: Seal,
        *,
        idle: timedelta,
        absolute: timedelta,
    ) -> None:
        """Take the database, mails and their words, what encrypts, and how long a session lives unused and anyway."""
        self._database = database
        self._mails = mails
        self._notices = notices
        self._seal = seal
        self._idle = idle
        self.absolute = absolute

    async def make(self, new: NewSession, *, guest: str, instead_of: str, notice: Mail | None) -> str:
        """Write a session down under a new id, with the guest to merge; ends the browser's session before it.

        `notice` goes out when the account was not used from there before.
        """
        secret = new_secret()
        id_hash = hashed(secret)
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM session WHERE id_hash = %s", (hashed(instead_of),))
            await connection.execute(
                "INSERT INTO session"
                " (id_hash, subject, issuer_session, roles, held_back, sealed, device, access_expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    id_hash,
                    new.subject,
                    new.issuer_session,
                    sorted(new.roles),
                    sorted(new.held_back),
                    self._sealed(new.held, id_hash),
                    new.place.device,
                    new.access_expires_at,
                ),
            )
            if guest:
                await connection.execute(
                    "INSERT INTO guest_merge (guest, account) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    (guest, new.subject),
                )
            if new.held.email:
                await self.readdress(connection, new.subject, new.held.email)
            if await known_places.is_new(connection, new.subject, new.place) and notice is not None:
                await self._mails.add(connection, notice)
        self._mails.wake()
        return secret

    async def find(self, id_hash: bytes) -> Session | None:
        """Give a session that lives, and note that it is used; None for any other."""
        async with self._database.connection() as connection:
            session = await self._read(connection, id_hash)
            if session is not None and datetime.now(UTC) - session.used_at > USE_WRITTEN_EVERY:
                await connection.execute(
                    "UPDATE session SET used_at = clock_timestamp() WHERE id_hash = %s", (id_hash,)
                )
        return session

    async def of_account(self, subject: str) -> list[Session]:
        """Give every session of an account, the last used first."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                f"SELECT * FROM session WHERE subject = %s AND {self._alive} ORDER BY used_at DESC LIMIT 100",  # noqa: S608
                (subject, self._idle, self.absolute),
            )
            rows = await cursor.fetchall()
        return [session for row in rows if (session := self._session(row)) is not None]

    async def end(self, id_hash: bytes) -> None:
        """End one session."""
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM session WHERE id_hash = %s", (id_hash,))

    async def email_of(self, subject: str) -> str:
        """Give the address that the issuer named when the account was last used in a browser; empty for none."""
        return next((session.held.email for session in await self.of_account(subject) if session.held.email), "")

    async def places_of(self, subject: str) -> list[dict[str, object]]:
        """Give what is kept of an account's sign-ins."""
        async with self._database.connection() as connection:
            return await known_places.of_account(connection, subject)

    async def end_all(self, subject: str, notice: Mail | None) -> Sequence[bytes]:
        """End every session of an account, with a notice; gives which."""
        async with self._database.transaction() as connection:
            cursor = await connection.execute("DELETE FROM session WHERE subject = %s RETURNING id_hash", (subject,))
            ended = [bytes(row["id_hash"]) for row in await cursor.fetchall()]
            if notice is not None:
                await self._mails.add(connection, notice)
        self._mails.wake()
        return ended

    async def end_told(self, token: LogoutToken) -> Sequence[bytes] | None:
        """End what a logout token names, once; gives which, or None for a token that has served before."""
        async with self._database.transaction() as connection:
            first = await connection.execute(
                "INSERT INTO logout_token (id, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (token.id, datetime.fromtimestamp(token.expires, UTC)),
            )
            if first.rowcount == 0:
                return None
            cursor = await connection.execute(
                "DELETE FROM session WHERE (%(sid)s = '' OR issuer_session = %(sid)s)"
                " AND (%(sub)s = '' OR subject = %(sub)s) RETURNING id_hash",
                {"sid": token.issuer_session, "sub": token.subject},
            )
            return [bytes(row["id_hash"]) for row in await cursor.fetchall()]

    async def readdress(self, connection: Connection, subject: str, address: str) -> None:
        """Have every session of an account name its new address, and write to those named before, once each.

        A session that another process renews meanwhile is left to it.
        """
        cursor = await connection.execute("SELECT * FROM session WHERE subject = %s FOR UPDATE SKIP LOCKED", (subject,))
        former: set[str] = set()
        for row in await cursor.fetchall():
            session = self._session(row)
            if session is None or session.held.email in ("", address):
                continue
            former.add(session.held.email)
            await self.renew(connection, replace(session, held=replace(session.held, email=address)))
        for each in sorted(former):
            if (mail := self._notices.address_changed(each)) is not None:
                await self._mails.add(connection, mail)

    async def forget_ended(self) -> None:
        """Remove what has run out: sessions, sign-ins under way, logout tokens, known places."""
        async with self._database.connection() as connection:
            await connection.execute(
                f"DELETE FROM session WHERE NOT ({self._alive})",  # noqa: S608 - no value of anybody's in it
                (self._idle, self.absolute),
            )
            await connection.execute("DELETE FROM login WHERE expires_at < clock_timestamp()")
            await connection.execute("DELETE FROM logout_token WHERE expires_at < clock_timestamp()")
            await known_places.forget_old(connection)

    _alive = "used_at > clock_timestamp() - %s AND created_at > clock_timestamp() - %s"

    async def locked(self, connection: Connection, id_hash: bytes) -> Session | None:
        """Give a session and hold its row until the transaction ends: of many processes one refreshes."""
        return await self._read(connection, id_hash, "FOR UPDATE")

    async def renew(self, connection: Connection, session: Session) -> None:
        """Write down what a refresh has brought."""
        await connection.execute(
            "UPDATE session SET roles = %s, held_back = %s, sealed = %s, access_expires_at = %s WHERE id_hash = %s",
            (
                sorted(session.roles),
                sorted(session.held_back),
                self._sealed(session.held, session.id_hash),
                session.access_expires_at,
                session.id_hash,
            ),
        )

    async def _read(self, connection: Connection, id_hash: bytes, lock: str = "") -> Session | None:
        cursor = await connection.execute(
            f"SELECT * FROM session WHERE id_hash = %s AND {self._alive} {lock}",  # noqa: S608 - as above
            (id_hash, self._idle, self.absolute),
        )
        row = await cursor.fetchone()
        return self._session(row) if row is not None else None

    def _sealed(self, held: Held, id_hash: bytes) -> bytes:
        return self._seal.close(json.dumps(asdict(held)), id_hash)

    def _session(self, row: dict[str, Any]) -> Session | None:
        text = self._seal.open(bytes(row["sealed"]), bytes(row["id_hash"]))
        if text is None:  # sealed by a key that was taken out: the reader signs in again
            return None
        return Session(
            bytes(row["id_hash"]),
            row["subject"],
            row["issuer_session"],
            frozenset(row["roles"]),
            frozenset(row["held_back"]),
            Held(**json.loads(text)),
            row["device"],
            row["access_expires_at"],
            row["created_at"],
            row["used_at"],
        )


def renewed(session: Session, held: Held, read: AccessToken) -> Session:
    """A session with what a refresh has brought, and what its access token says."""
    return replace(
        session,
        held=held,
        roles=read.principal.roles,
        held_back=read.held_back,
        access_expires_at=datetime.fromtimestamp(read.expires, UTC),
    )
