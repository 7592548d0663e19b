"""The programs that may ask for tokens: the web site, and partners with client credentials."""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from psycopg.types.json import Jsonb

from deploy.local.issuer.accounts import Tx
from deploy.local.issuer.secret_values import hashed, new_secret
from shared.errors import AlreadyExists, InvalidInput

SCOPES = ("openid", "profile", "email", "roles")
SIGN_IN_GRANTS = ("authorization_code", "refresh_token")
PARTNER_GRANTS = ("client_credentials",)

_COLUMNS = (
    "id, secret_hash, jwks, grant_types, redirect_uris, post_logout_redirect_uris, backchannel_logout_uri, roles,"
    " service_account"
)


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):  # type: ignore[misc]  # the library has no types
    """One client, with the answers that the protocol library wants of it."""

    id: str
    secret_hash: bytes | None
    jwks: Mapping[str, Any] | None
    grant_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str
    roles: tuple[str, ...]
    service_account: UUID

    @property
    def client_id(self) -> str:
        """The id, by the library's name."""
        return self.id

    @property
    def client_metadata(self) -> Mapping[str, Sequence[str]]:
        """What the end of a session looks up."""
        return {"post_logout_redirect_uris": self.post_logout_redirect_uris}

    def get_client_id(self) -> str:
        """Give the id."""
        return self.id

    def get_default_redirect_uri(self) -> str | None:
        """Give none: a request names its redirect address (OAuth 2.1)."""
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        """Give those of the asked scopes that there are."""
        return " ".join(part for part in (scope or "").split() if part in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Compare exactly (RFC 9700, 2.1)."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare with the hash that is kept."""
        return self.secret_hash is not None and hmac.compare_digest(self.secret_hash, hashed(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - the library's signature
        """Say whether the client may authenticate so: with its key when it has one, otherwise with its secret."""
        if self.jwks is not None:
            return method == "private_key_jwt"
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        """Say whether the client may send people to sign in."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Say whether the client may use a grant."""
        return grant_type in self.grant_types


def by_id(tx: Tx, client_id: str) -> Client | None:
    """Find a client."""
    if "\0" in client_id:
        return None
    row = tx.execute(f"SELECT {_COLUMNS} FROM client WHERE id = %s", (client_id,)).fetchone()  # noqa: S608
    if row is None:
        return None
    tuples = ("grant_types", "redirect_uris", "post_logout_redirect_uris", "roles")
    return Client(**{**row, **{name: tuple(row[name]) for name in tuples}})


def put_web_client(tx: Tx, client_id: str, secret: str, public_url: str) -> None:
    """Register the web site, or bring what is registered to its present address."""
    tx.execute(
        """
        INSERT INTO client (id, secret_hash, grant_types, redirect_uris, post_logout_redirect_uris,
                            backchannel_logout_uri)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash, redirect_uris = excluded.redirect_uris,
            post_logout_redirect_uris = excluded.post_logout_redirect_uris,
            backchannel_logout_uri = excluded.backchannel_logout_uri
        """,
        (
            client_id,
            hashed(secret),
            list(SIGN_IN_GRANTS),
            [f"{public_url}/sign-in/callback"],
            [f"{public_url}/"],
            f"{public_url}/sign-out/back-channel",
        ),
    )


def add_partner(tx: Tx, client_id: str, jwks: Mapping[str, Any] | None) -> str | None:
    """Add a partner's client; gives its secret, once, or None for a client that proves itself with its keys.

    InvalidInput for an unfit name or key set, AlreadyExists for a name that is taken.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,62}", client_id):
        raise InvalidInput(
            "CLIENT_NAME_INVALID",
            f"{client_id!r}: a name has 2 to 63 small letters, digits or hyphens, e.g. ehr-vendor.",
        )
    if jwks is not None:
        _check_public_keys(jwks)
    secret = None if jwks is not None else new_secret()
    done = tx.execute(
        "INSERT INTO client (id, secret_hash, jwks, grant_types, roles) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (
            client_id,
            hashed(secret) if secret else None,
            Jsonb(jwks) if jwks is not None else None,
            list(PARTNER_GRANTS),
            ["partner"],
        ),
    )
    if done.rowcount == 0:
        raise AlreadyExists("CLIENT_EXISTS", f"There is a client {client_id} already: choose another name.")
    return secret


def _check_public_keys(jwks: Mapping[str, Any]) -> None:
    try:
        keys = KeySet.import_key_set(dict(jwks)).keys  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        keys = []
    if not keys or any(isinstance(key, OctKey) or key.is_private for key in keys):
        raise InvalidInput(
            "CLIENT_KEYS_INVALID", "A JSON Web Key Set with public keys only is needed, at least one, e.g. of P-256."
        )
