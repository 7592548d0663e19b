"""An issuer for tests: a real key, and access tokens that are right but for what a test changes."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

ISSUER = "https://sign-in.example.org/realms/codingahead"
AUDIENCE = "coding-ahead"


class Issuer:
    """Signs tokens and publishes its public keys."""

    def __init__(self) -> None:
        """Make a key."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.asked = 0
        self.away = False

    @property
    def key_id(self) -> str:
        """The id of the key that signs now."""
        return str(self.key.kid)

    def jwks(self) -> str:
        """The public keys, as the issuer publishes them."""
        return json.dumps(KeySet([self.key]).as_dict(private=False))

    def source(self) -> Callable[[], Awaitable[str]]:
        """Where a gateway asks for the keys; counts how often it does."""

        async def ask() -> str:
            self.asked += 1
            if self.away:
                raise OSError("the issuer does not answer")
            return self.jwks()

        return ask

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is published no longer."""
        self.key = ECKey.generate_key("P-256", auto_kid=True)

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a good access token, in the form of Keycloak's; None takes a claim away."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "reader-1",
            "typ": "Bearer",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "realm_access": {"roles": ["editor"]},
        } | changed
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, *, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A signed access token."""
        top = {"alg": "ES256", "typ": "JWT", "kid": self.key.kid} | (header or {})
        return jwt.encode({n: v for n, v in top.items() if v is not None}, self.claims(**changed), self.key)
