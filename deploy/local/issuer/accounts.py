"""The people who can sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import DictRow

Tx = psycopg.Connection[DictRow]
"""A connection inside a transaction."""

ROLES = ("editor", "employer", "operator")
"""Realm roles that an account may have."""

_COLUMNS = "id, email, name, password_hash, email_verified, roles, otp_secret, otp_last_step"


@dataclass(frozen=True, slots=True)
class Account:
    """One person."""

    id: UUID
    email: str
    name: str
    password_hash: str
    email_verified: bool
    roles: tuple[str, ...]
    otp_secret: str | None
    otp_last_step: int
    """The time step of the last one-time code that was accepted: no code counts twice."""

    @property
    def needs_second_factor(self) -> bool:
        """Operators sign in with a second factor, and whoever has set one up."""
        return "operator" in self.roles or self.otp_secret is not None


def by_id(tx: Tx, account_id: UUID) -> Account | None:
    """Find an account by its id."""
    return _one(tx, "id = %s", account_id)


def by_email(tx: Tx, email: str) -> Account | None:
    """Find an account by its address, in any case of letters."""
    return _one(tx, "lower(email) = lower(%s)", email)


def everyone(tx: Tx) -> list[Account]:
    """Give all accounts, by address."""
    return [_account(row) for row in tx.execute(f"SELECT {_COLUMNS} FROM account ORDER BY lower(email)")]  # noqa: S608


def add(
    tx: Tx, *, email: str, name: str, password_hash: str, verified: bool, roles: Sequence[str] = ()
) -> Account | None:
    """Add an account; None when the address has one already."""
    row = tx.execute(
        "INSERT INTO account (email, name, password_hash, email_verified, roles) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608
        f" ON CONFLICT DO NOTHING RETURNING {_COLUMNS}",
        (email, name, password_hash, verified, list(roles)),
    ).fetchone()
    return _account(row) if row else None


def set_password(tx: Tx, account_id: UUID, password_hash: str) -> None:
    """Change the password."""
    tx.execute("UPDATE account SET password_hash = %s WHERE id = %s", (password_hash, account_id))


def verify_email(tx: Tx, account_id: UUID) -> None:
    """Note that the account's person reads mail at its address."""
    tx.execute("UPDATE account SET email_verified = true WHERE id = %s", (account_id,))


def set_roles(tx: Tx, account_id: UUID, roles: Sequence[str]) -> None:
    """Give exactly these realm roles."""
    tx.execute("UPDATE account SET roles = %s WHERE id = %s", (sorted(set(roles)), account_id))


def set_otp(tx: Tx, account_id: UUID, secret: str | None) -> None:
    """Set or take away the secret of the second factor."""
    tx.execute("UPDATE account SET otp_secret = %s, otp_last_step = 0 WHERE id = %s", (secret, account_id))


def accept_otp_step(tx: Tx, account_id: UUID, step: int) -> bool:
    """Note the time step of an accepted code; False when that step or a later one was accepted before."""
    done = tx.execute(
        "UPDATE account SET otp_last_step = %s WHERE id = %s AND otp_last_step < %s", (step, account_id, step)
    )
    return done.rowcount == 1


def remove(tx: Tx, account_id: UUID) -> None:
    """Remove an account with everything that hangs on it."""
    tx.execute("DELETE FROM account WHERE id = %s", (account_id,))


def _one(tx: Tx, condition: str, value: object) -> Account | None:
    row = tx.execute(f"SELECT {_COLUMNS} FROM account WHERE {condition}", (value,)).fetchone()  # noqa: S608
    return _account(row) if row else None


def _account(row: DictRow) -> Account:
    return Account(**{**row, "roles": tuple(row["roles"])})
