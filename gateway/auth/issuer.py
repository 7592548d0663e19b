"""The issuer as this site's client speaks to it: where its endpoints are, and the calls to them.

What the browser is led to keeps the issuer's public address; what the gateway calls itself may go by another one.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from shared.errors import Unauthenticated, Unavailable

PATIENCE_SECONDS = 5.0
KEPT_SECONDS = 600.0
SCOPE = "openid profile email"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the issuer's discovery document says (OpenID Connect Discovery 1.0)."""

    authorization: str
    token: str
    jwks: str
    end_session: str
    """Empty when it offers no RP-initiated logout."""
    revocation: str
    """Empty when it revokes no tokens."""
    names_itself: bool
    """Whether its authorization answers always carry `iss` (RFC 9207)."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave."""

    access: str
    refresh: str
    """Empty when there is none: the session then ends with its access token."""
    id: str
    """Empty when a refresh gave no new one."""


class Refused(Unauthenticated):
    """The issuer does not give tokens for this code or refresh token, now or ever."""


class Issuer:
    """The site's confidential client; a part of the gateway."""

    name = "issuer"

    def __init__(self, issuer: str, *, backend: str, client: str, secret: str) -> None:
        """Take the issuer's name, its address for the gateway (empty: its name), and the site's client and secret."""
        self.issuer = issuer
        self.client = client
        self._backend = (backend or issuer).rstrip("/")
        self._http = httpx.AsyncClient(timeout=PATIENCE_SECONDS, follow_redirects=False)
        self._auth = httpx.BasicAuth(_form(client), _form(secret))
        self._known: tuple[Endpoints, float] | None = None

    async def start(self) -> None:
        """Do nothing: the issuer may come later than the gateway."""

    async def drain(self, grace: float) -> None:  # noqa: ARG002 - requests have drained before
        """Close the connections."""
        await self._http.aclose()

    async def endpoints(self) -> Endpoints:
        """Give the endpoints, asked for at most every ten minutes; Unavailable when they were never had."""
        if self._known is None or time.monotonic() - self._known[1] > KEPT_SECONDS:
            try:
                self._known = (await self._discover(), time.monotonic())
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                _log.warning("the issuer's discovery document could not be read", error=type(error).__name__)
                if self._known is None:
                    raise _away() from error
        return self._known[0]

    async def keys(self) -> str:
        """Give the issuer's public keys (JWKS), for IssuerKeys; httpx.HTTPError or OSError when they cannot be had."""
        try:
            address = (await self.endpoints()).jwks
        except Unavailable as error:
            raise OSError("the issuer does not answer") from error
        return (await self._http.get(self._inside(address))).raise_for_status().text

    async def sign_in_address(
        self, *, redirect_uri: str, state: str, nonce: str, verifier: str, extra: Mapping[str, str]
    ) -> str:
        """Give the address at which a browser signs in: code flow, PKCE with S256 (RFC 7636)."""
        challenge: str = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]  # the stub lacks its types
        address: str = prepare_grant_uri(
            (await self.endpoints()).authorization,
            self.client,
            "code",
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=challenge,
            code_challenge_method="S256",
            **extra,
        )
        return address

    async def sign_out_address(self, *, id_token: str, back_to: str) -> str:
        """Give the address at which a browser ends the issuer's own session; empty when the issuer has none."""
        address = (await self.endpoints()).end_session
        if not address:
            return ""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": back_to, "client_id": self.client}
        return str(httpx.URL(address).copy_merge_params(query))

    async def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """Give the tokens for an authorization code; Refused, or Unavailable when the issuer is away."""
        return await self._grant(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """Give new tokens for a refresh token; Refused when the session has ended there, Unavailable while away."""
        return await self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def revoke(self, refresh_token: str) -> None:
        """Have a refresh token and its session end at the issuer (RFC 7009); Unavailable when it did not answer."""
        address = (await self.endpoints()).revocation
        if address:
            await self._post(address, {"token": refresh_token, "token_type_hint": "refresh_token"})

    async def _grant(self, form: Mapping[str, str]) -> Tokens:
        answer = await self._post((await self.endpoints()).token, form)
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise _away()
        if answer.status_code == httpx.codes.BAD_REQUEST and body.get("error") == "invalid_grant":
            raise Refused("SIGN_IN_ENDED", "The issuer has ended this sign-in: sign in again.")
        access = body.get("access_token")
        if not answer.is_success or not isinstance(access, str):
            # invalid_client and the like: the operator's to put right; no reader's session ends for it
            _log.error("the issuer gives no tokens", status=answer.status_code, error=str(body.get("error"))[:80])
            raise _away()
        return Tokens(access, _text(body, "refresh_token"), _text(body, "id_token"))

    async def _post(self, address: str, form: Mapping[str, str]) -> httpx.Response:
        try:
            return await self._http.post(self._inside(address), data=dict(form), auth=self._auth)
        except httpx.HTTPError as error:
            _log.warning("the issuer does not answer", error=type(error).__name__)
            raise _away() from error

    async def _discover(self) -> Endpoints:
        answer = await self._http.get(f"{self._backend}/.well-known/openid-configuration")
        document: dict[str, Any] = answer.raise_for_status().json()
        if document["issuer"] != self.issuer:
            raise ValueError("the document is another issuer's")
        return Endpoints(
            authorization=str(document["authorization_endpoint"]),
            token=str(document["token_endpoint"]),
            jwks=str(document["jwks_uri"]),
            end_session=_text(document, "end_session_endpoint"),
            revocation=_text(document, "revocation_endpoint"),
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _inside(self, address: str) -> str:
        """The address by which the gateway reaches an endpoint."""
        if address.startswith(f"{self.issuer}/"):
            return self._backend + address.removeprefix(self.issuer)
        return address


def _form(value: str) -> str:
    """Client id and secret are form-encoded before they become Basic credentials (RFC 6749, section 2.3.1)."""
    return str(httpx.QueryParams({"": value})).removeprefix("=")


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _away() -> Unavailable:
    return Unavailable("ISSUER_AWAY", "Sign-in does not answer at the moment; try again in a moment.")
