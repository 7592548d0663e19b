"""The keys of this machine, made once and kept in the state folder with mode 0600."""

import base64
import json
import secrets
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.issuer.signing import public_document, read_keys
from shared.identity import new_key_files

ACCESS_TOKEN_SECONDS = 3600
ISSUER_KEYS_KEPT = 3


class Keys:
    """The key files; every file is made when it is missing and never changed afterwards."""

    AUDIENCE = "coding-ahead"

    def __init__(self, folder: Path) -> None:
        """Take the folder of the keys."""
        self.internal_private = folder / "internal.jwks"
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
        if not self.internal_private.exists():
            new_key_files(self.internal_private, self.internal_public)
        if not self.issuer_private.exists():
            key = ECKey.generate_key("P-256", auto_kid=True)
            _write(self.issuer_private, json.dumps(key.as_dict(private=True)))
            _write(self.issuer_public, json.dumps(KeySet([key]).as_dict(private=False)))
        if not self.guest_cookie.exists():
            _write(self.guest_cookie, json.dumps({"1": _secret()}))
        if not self.session.exists():
            _write(self.session, json.dumps({"1": _secret()}))
        for file in (self.network, self.issuer_forms):
            if not file.exists():
                _write(file, _secret())
        if not self.web_client.exists():
            _write(self.web_client, secrets.token_urlsafe(32))

    def rotate_issuer(self) -> str:
        """Put a new key of the issuer in front; tokens of the older ones go on being valid. Gives the new key's id."""
        new = ECKey.generate_key("P-256", auto_kid=True)
        keys = [new, *read_keys(self.issuer_private)][:ISSUER_KEYS_KEPT]
        # The public file first: no token may name a key that nobody can find.
        _write(self.issuer_public, json.dumps(public_document(keys)))
        _write(self.issuer_private, json.dumps({"keys": [key.as_dict(private=True) for key in keys]}))
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


def _write(file: Path, text: str) -> None:
    """Write beside the file and rename: a reader sees the old content or the new, never half of it."""
    partial = file.with_name(file.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_text(text)
    partial.rename(file)
