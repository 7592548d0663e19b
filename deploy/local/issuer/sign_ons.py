"""A person's standing sign-on in one browser; its id is the `sid` of all tokens that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from deploy.local.issuer import accounts
from deploy.local.issuer.accounts import Account, Tx
from deploy.local.issuer.secret_values import hashed, new_secret

IDLE = "12 hours"
LONGEST = "30 days"
ONE_FACTOR = "1"
TWO_FACTORS = "2"
"""Authentication context classes: a password, or a password and a one-time code."""

_LIVE = f"ended_at IS NULL AND last_used_at > now() - interval '{IDLE}' AND signed_in_at > now() - interval '{LONGEST}'"
_COLUMNS = "id, account_id, acr, amr, signed_in_at"


@dataclass(frozen=True, slots=True)
class SignOn:
    """One sign-on."""

    id: UUID
    account_id: UUID
    acr: str
    amr: tuple[str, ...]
    signed_in_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """An account as it has signed on; what the protocol library calls a user."""

    account: Account
    sign_on: SignOn

    def get_user_id(self) -> str:
        """Give the subject of tokens."""
        return str(self.account.id)


def begin(tx: Tx, account: Account, *, two_factors: bool) -> tuple[Person, str]:
    """Begin a sign-on; gives the value of its cookie, which is kept nowhere."""
    cookie = new_secret()
    row = tx.execute(
        f"INSERT INTO sign_on (account_id, cookie_hash, acr, amr) VALUES (%s, %s, %s, %s) RETURNING {_COLUMNS}",  # noqa: S608
        (
            account.id,
            hashed(cookie),
            TWO_FACTORS if two_factors else ONE_FACTOR,
            ["pwd", "otp"] if two_factors else ["pwd"],
        ),
    ).fetchone()
    assert row is not None  # noqa: S101 - the insert returns its row
    return Person(account, _sign_on(row)), cookie


def of_cookie(tx: Tx, cookie: str) -> Person | None:
    """Find who has signed on in the browser of a cookie, and note that the sign-on is in use."""
    row = tx.execute(
        f"UPDATE sign_on SET last_used_at = clock_timestamp() WHERE cookie_hash = %s AND {_LIVE} RETURNING {_COLUMNS}",  # noqa: S608
        (hashed(cookie),),
    ).fetchone()
    return _person(tx, row)


def live(tx: Tx, sign_on_id: UUID) -> Person | None:
    """Find the person of a sign-on that has not ended, and note that it is in use."""
    row = tx.execute(
        f"UPDATE sign_on SET last_used_at = clock_timestamp() WHERE id = %s AND {_LIVE} RETURNING {_COLUMNS}",  # noqa: S608
        (sign_on_id,),
    ).fetchone()
    return _person(tx, row)


def end(tx: Tx, sign_on_id: UUID) -> SignOn | None:
    """End a sign-on; None when it has ended before."""
    row = tx.execute(
        "UPDATE sign_on SET ended_at = clock_timestamp()"  # noqa: S608
        f" WHERE id = %s AND ended_at IS NULL RETURNING {_COLUMNS}",
        (sign_on_id,),
    ).fetchone()
    return _sign_on(row) if row else None


def end_all(tx: Tx, account_id: UUID, *, but: UUID | None = None) -> Sequence[SignOn]:
    """End every sign-on of an account, or every other one."""
    rows = tx.execute(
        "UPDATE sign_on SET ended_at = clock_timestamp()"  # noqa: S608
        f" WHERE account_id = %s AND ended_at IS NULL AND id IS DISTINCT FROM %s RETURNING {_COLUMNS}",
        (account_id, but),
    )
    return [_sign_on(row) for row in rows]


def _person(tx: Tx, row: DictRow | None) -> Person | None:
    if row is None:
        return None
    account = accounts.by_id(tx, row["account_id"])
    return Person(account, _sign_on(row)) if account else None


def _sign_on(row: DictRow) -> SignOn:
    return SignOn(**{**row, "amr": tuple(row["amr"])})
