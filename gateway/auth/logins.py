"""Sign-ins under way: each is kept for ten minutes, serves once, and only in the browser that began it."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from gateway.auth.browser_secrets import hashed, new_secret
from gateway.auth.cookies import LOGIN_SECONDS
from gateway.auth.sealing import Seal
from shared.database import Database


@dataclass(frozen=True, slots=True)
class Login:
    """What has to come back from the issuer, and where the reader goes on."""

    nonce: str
    verifier: str
    next: str
    """A path of this site."""
    guest: str
    """The guest whose reading goes into the account; empty for none."""
    second_factor: bool = False
    """Whether it was begun to show a second factor."""


class Logins:
    """The records of sign-ins under way."""

    def __init__(self, database: Database, seal: Seal) -> None:
        """Take the gateway's database and what encrypts."""
        self._database = database
        self._seal = seal

    async def begin(self, *, next_path: str, guest: str, second_factor: bool) -> tuple[str, str, Login]:
        """Write one down; gives its state, the secret of its browser, and what it holds."""
        state, browser = new_secret(), new_secret()
        login = Login(new_secret(), new_secret(), next_path, guest, second_factor)
        sealed = self._seal.close(json.dumps(asdict(login)), hashed(state))
        async with self._database.connection() as connection:
            await connection.execute(
                "INSERT INTO login (state_hash, browser_hash, sealed, expires_at)"
                " VALUES (%s, %s, %s, clock_timestamp() + %s)",
                (hashed(state), hashed(browser), sealed, timedelta(seconds=LOGIN_SECONDS)),
            )
        return state, browser, login

    async def take(self, state: str, browser: str) -> Login | None:
        """Take one away and give it; None for one that is unknown, used, too old, or another browser's."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "DELETE FROM login WHERE state_hash = %s AND browser_hash = %s AND expires_at > clock_timestamp()"
                " RETURNING sealed",
                (hashed(state), hashed(browser)),
            )
            row = await cursor.fetchone()
        text = self._seal.open(bytes(row["sealed"]), hashed(state)) if row is not None else None
        return Login(**json.loads(text)) if text is not None else None
