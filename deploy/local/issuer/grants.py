"""What clients were given: one grant a code, with the chain of refresh tokens that began with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import DictRow

from deploy.local.issuer.accounts import Tx
from deploy.local.issuer.secret_values import hashed

CODE_SECONDS = 60
REFRESH_IDLE = "24 hours"

_COLUMNS = "id, sign_on_id, client_id, scope, redirect_uri, nonce, code_challenge"


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant, with the answers that the protocol library wants of a code and of a refresh token."""

    id: UUID
    sign_on_id: UUID
    client_id: str
    scope: str
    redirect_uri: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Give the address that the code went to."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Give the scopes."""
        return self.scope

    def get_nonce(self) -> str | None:
        """Give the client's nonce."""
        return self.nonce

    def get_auth_time(self) -> None:
        """Give nothing: the sign-on says it."""

    def get_acr(self) -> None:
        """Give nothing: the sign-on says it."""

    def get_amr(self) -> None:
        """Give nothing: the sign-on says it."""

    def check_client(self, client: object) -> bool:
        """Say whether a client is the one that was given this."""
        return getattr(client, "id", None) == self.client_id


def add(
    tx: Tx, *, code: str, sign_on_id: UUID, client_id: str, scope: str, redirect_uri: str, nonce: str | None,
    code_challenge: str,
) -> None:  # fmt: skip
    """Write down what a code stands for."""
    tx.execute(
        "INSERT INTO client_grant (code_hash, sign_on_id, client_id, scope, redirect_uri, nonce, code_challenge)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (hashed(code), sign_on_id, client_id, scope, redirect_uri, nonce, code_challenge),
    )


def redeem(tx: Tx, code: str, client_id: str) -> Grant | None:
    """Take a code in; it counts once, right or wrong. A second use ends what the first was given (RFC 6749, 4.1.2)."""
    found = tx.execute(
        f"SELECT {_COLUMNS}, code_used_at, granted_at, revoked_at FROM client_grant"  # noqa: S608
        " WHERE code_hash = %s AND client_id = %s FOR UPDATE",
        (hashed(code), client_id),
    ).fetchone()
    if found is None:
        return None
    if found["code_used_at"] is not None:
        revoke(tx, found["id"])
        return None
    tx.execute("UPDATE client_grant SET code_used_at = clock_timestamp() WHERE id = %s", (found["id"],))
    fresh = datetime.now(found["granted_at"].tzinfo) - found["granted_at"]
    return _grant(found) if fresh.total_seconds() <= CODE_SECONDS and found["revoked_at"] is None else None


def add_refresh_token(tx: Tx, grant_id: UUID, token: str) -> None:
    """Write down the newest refresh token of a grant."""
    tx.execute("INSERT INTO refresh_token (hash, grant_id) VALUES (%s, %s)", (hashed(token), grant_id))


def use_refresh_token(tx: Tx, token: str, client_id: str) -> Grant | None:
    """Take a refresh token in; one that comes a second time ends its grant (RFC 9700, 4.14.2)."""
    found = tx.execute(
        f"SELECT {_COLUMNS}, revoked_at, used_at, issued_at < now() - interval '{REFRESH_IDLE}' AS stale"  # noqa: S608
        " FROM refresh_token JOIN client_grant ON client_grant.id = grant_id"
        " WHERE hash = %s AND client_id = %s FOR UPDATE",
        (hashed(token), client_id),
    ).fetchone()
    if found is None or found["revoked_at"] is not None or found["stale"]:
        return None
    if found["used_at"] is not None:
        revoke(tx, found["id"])
        return None
    tx.execute("UPDATE refresh_token SET used_at = clock_timestamp() WHERE hash = %s", (hashed(token),))
    return _grant(found)


def of_refresh_token(tx: Tx, token: str) -> Grant | None:
    """Find the grant of a refresh token."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM refresh_token JOIN client_grant ON client_grant.id = grant_id WHERE hash = %s",  # noqa: S608
        (hashed(token),),
    ).fetchone()
    return _grant(found) if found else None


def of_sign_on(tx: Tx, sign_on_id: UUID, client_id: str) -> Grant | None:
    """Find the newest grant of a client in a sign-on."""
    found = tx.execute(
        f"SELECT {_COLUMNS} FROM client_grant WHERE sign_on_id = %s AND client_id = %s"  # noqa: S608
        " ORDER BY granted_at DESC LIMIT 1",
        (sign_on_id, client_id),
    ).fetchone()
    return _grant(found) if found else None


def revoke(tx: Tx, grant_id: UUID) -> None:
    """End a grant: its refresh tokens are worth nothing any more."""
    tx.execute("UPDATE client_grant SET revoked_at = coalesce(revoked_at, now()) WHERE id = %s", (grant_id,))


def others_of_sign_on(tx: Tx, grant: Grant) -> bool:
    """Say whether another client goes on in the sign-on of a grant."""
    found = tx.execute(
        "SELECT 1 FROM client_grant WHERE sign_on_id = %s AND client_id <> %s AND revoked_at IS NULL LIMIT 1",
        (grant.sign_on_id, grant.client_id),
    ).fetchone()
    return found is not None


def told_of_logout(tx: Tx, sign_on_id: UUID) -> list[tuple[str, str]]:
    """Give the clients of a sign-on that want to hear of its end: id and address."""
    rows = tx.execute(
        "SELECT DISTINCT client.id, backchannel_logout_uri FROM client_grant JOIN client ON client.id = client_id"
        " WHERE sign_on_id = %s AND backchannel_logout_uri <> ''",
        (sign_on_id,),
    )
    return [(row["id"], row["backchannel_logout_uri"]) for row in rows]


def _grant(row: DictRow) -> Grant:
    return Grant(**{name: row[name] for name in _COLUMNS.split(", ")})
