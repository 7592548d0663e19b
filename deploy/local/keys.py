"""The keys of this machine, made once and kept in the state folder with mode 0600."""

import base64
import json
import secrets
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.issuer.signing import public_document, read_keys
from shared.identity import EVERYBODY, new_key_file, public_keys

ACCESS_TOKEN_SECONDS = 3600
ISSUER_KEYS_KEPT = 3
SEARCH = ("service:search", "service")
"""Whom the key of search speaks for, and with which role: search asks catalog for its export."""


class Keys:
    """The key files; every file is made when it is missing. Public ones follow the private ones they belong to."""

    AUDIENCE = "coding-ahead"

    def __init__(self, folder: Path) -> None:
        """Take the folder of the keys."""
        self.internal_private = folder / "internal.jwks"
        self.internal_search = folder / "internal-search.jwks"
        self.internal_public = folder / "internal-public.jwks"
        self.issuer_private = folder / "issuer.jwk"
        self.issuer_public = folder / "issuer-public.jwks"
        self.guest_cookie = folder / "guest-cookie.json"
        self.network = folder / "network.key"
        self.issuer_forms = folder / "issuer-forms.key"
        self.web_client = folder / "web-client.secret"
        self.session = folder / "session.json"
        self.demo_accounts = folder / "demo-accounts.json"

    @staticmethod
    def issuer(public_url: str) -> str:
        """The issuer of this machine's access tokens, at the path that Keycloak gives the realm."""
        return f"{public_url}/realms/codingahead"

    def create(self) -> None:
        """Make the keys that are missing."""
        self._create_internal()
        if not self.issuer_private.exists():
            key = ECKey.generate_key("P-256", auto_kid=True)
            write_key_file(self.issuer_private, json.dumps(key.as_dict(private=True)))
            write_key_file(self.issuer_public, json.dumps(KeySet([key]).as_dict(private=False)))
        if not self.guest_cookie.exists():
            write_key_file(self.guest_cookie, json.dumps({"1": _secret()}))
        if not self.session.exists():
            write_key_file(self.session, json.dumps({"1": _secret()}))
        for file in (self.network, self.issuer_forms):
            if not file.exists():
                write_key_file(file, _secret())
        if not self.web_client.exists():
            write_key_file(self.web_client, secrets.token_urlsafe(32))

    def _create_internal(self) -> None:
        """One key a signer, and the public set that says whom each of them speaks for.

        A state folder of earlier days has the gateway's key alone, without that: it is completed. The public half of
        a private file that was taken away is no longer believed.
        """
        owners = {self.internal_private: (EVERYBODY,), self.internal_search: SEARCH}
        known = json.loads(self.internal_public.read_text())["keys"] if self.internal_public.exists() else []
        kept = {key["kid"]: {"principal": EVERYBODY, **key} for key in known}
        for private, (principal, *roles) in owners.items():
            if not private.exists():
                new_key_file(private)
                kept = {kid: key for kid, key in kept.items() if key["principal"] != principal}
            kept = {str(key["kid"]): key for key in public_keys(private, principal, *roles)} | kept
        if list(kept.values()) != known:
            write_key_file(self.internal_public, json.dumps({"keys": list(kept.values())}), mode=0o644)

    def rotate_issuer(self) -> str:
        """Put a new key of the issuer in front; tokens of the older ones go on being valid. Gives the new key's id."""
        new = ECKey.generate_key("P-256", auto_kid=True)
        keys = [new, *read_keys(self.issuer_private)][:ISSUER_KEYS_KEPT]
        # The public file first: no token may name a key that nobody can find.
        write_key_file(self.issuer_public, json.dumps(public_document(keys)))
        write_key_file(self.issuer_private, json.dumps({"keys": [key.as_dict(private=True) for key in keys]}))
        return str(new.kid)

    def access_token(self, account: str, roles: tuple[str, ...], public_url: str, *, acr: str = "2") -> str:
        """An access token for an account of this machine, in the form of Keycloak's; valid one hour.

        Whoever can read these keys is taken at the word for `acr`, the class of a sign-in that did not happen.
        """
        key = read_keys(self.issuer_private)[0]
        now = int(time.time())
        claims = {
            "iss": self.issuer(public_url),
            "aud": self.AUDIENCE,
            "azp": "local-command",
            "sub": account,
            "typ": "Bearer",
            "acr": acr,
            "iat": now,
            "nbf": now,
            "exp": now + ACCESS_TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "realm_access": {"roles": list(roles)},
        }
        return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": key.kid}, claims, key)


def _secret() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_key_file(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Write beside the file and rename: a reader sees the old content or the new, never half of it."""
    partial = file.with_name(file.name + ".partial")
    partial.touch(mode=mode)
    partial.write_text(text)
    partial.rename(file)
