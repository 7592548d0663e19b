"""The OpenID Connect endpoints: the protocol library, joined to this issuer's tables. One instance a request."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError
from authlib.oauth2.rfc6749 import grants as oauth
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, OpenIDToken, UserInfo
from joserfc.jwk import KeySet
from starlette.responses import JSONResponse, Response

from deploy.local.issuer import clients, grants, sign_ons
from deploy.local.issuer.accounts import Tx
from deploy.local.issuer.asked import Asked, ProtocolRequest
from deploy.local.issuer.clients import Client
from deploy.local.issuer.grants import Grant
from deploy.local.issuer.settings import IssuerSettings
from deploy.local.issuer.sign_ons import Person
from deploy.local.issuer.signing import ALGORITHM, SigningKeys
from deploy.local.issuer.tokens import Tokens, profile

CLIENT_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
LONGEST_ASSERTION_SECONDS = 3600


class Answer(Response):
    """A response whose address the protocol library may add to."""

    @property
    def location(self) -> str | None:
        """Where it leads."""
        return self.headers.get("location")

    @location.setter
    def location(self, value: str) -> None:
        self.headers["location"] = value


class Protocol(AuthorizationServer):  # type: ignore[misc]  # the library has no types
    """The authorization server, on one transaction."""

    def __init__(self, tx: Tx, settings: IssuerSettings, keys: SigningKeys, tokens: Tokens) -> None:
        """Take the transaction, and what tokens are made with."""
        super().__init__(scopes_supported=list(clients.SCOPES))
        self.tx = tx
        self.settings = settings
        self.keys = keys
        self.tokens = tokens
        self.register_token_generator("default", tokens)
        self.register_client_auth_method("private_key_jwt", _ClientKeys(self))
        self.register_grant(_Code, [_RequiredChallenge(), _IdOfCode(self)])
        self.register_grant(_Refresh, [_IdOfRefresh(self)])
        self.register_grant(_ClientCredentials)
        self.register_endpoint(_Revocation)
        self.register_extension(lambda _: _Issuer(settings.issuer)(self))

    def query_client(self, client_id: str) -> Client | None:
        """Find a client."""
        return clients.by_id(self.tx, client_id)

    def save_token(self, token: Mapping[str, Any], request: ProtocolRequest) -> None:
        """Keep the hash of a refresh token; access tokens speak for themselves."""
        grant = request.authorization_code or request.refresh_token
        if grant is not None and "refresh_token" in token:
            grants.add_refresh_token(self.tx, grant.id, token["refresh_token"])

    def create_oauth2_request(self, request: Asked | ProtocolRequest) -> ProtocolRequest:
        """Give the library its form of a request."""
        return request if isinstance(request, ProtocolRequest) else ProtocolRequest(request, self.settings.public_url)

    def handle_response(self, status: int, body: object, headers: list[tuple[str, str]]) -> Response:
        """Give the library's answer as a response."""
        given = dict(headers)
        if isinstance(body, dict):
            given.pop("Content-Type", None)
            if status == 401:
                given["WWW-Authenticate"] = 'Basic realm="codingahead"'
            return JSONResponse(body, status, given)
        return Answer(str(body), status, given)

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: nothing listens."""


class _Issuer(IssuerParameter):  # type: ignore[misc]  # the library has no types
    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


class _Code(oauth.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS

    def save_authorization_code(self, code: str, request: ProtocolRequest) -> None:
        assert request.user is not None  # noqa: S101 - the library refuses before
        data = request.payload.data
        grants.add(
            self.server.tx,
            code=code,
            sign_on_id=request.user.sign_on.id,
            client_id=request.client.id,
            scope=request.scope,
            redirect_uri=request.payload.redirect_uri,
            nonce=data.get("nonce"),
            code_challenge=data["code_challenge"],
        )

    def query_authorization_code(self, code: str, client: Client) -> Grant | None:
        return grants.redeem(self.server.tx, code, client.id)

    def delete_authorization_code(self, authorization_code: Grant) -> None:
        """It was used up when it came; its row remains, to know it again."""

    def authenticate_user(self, authorization_code: Grant) -> Person | None:
        return sign_ons.live(self.server.tx, authorization_code.sign_on_id)


class _RequiredChallenge(CodeChallenge):
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 - the library's attribute

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdClaims:
    """What both kinds of ID token have in common."""

    def __init__(self, server: Protocol) -> None:
        super().__init__()
        self._server = server

    def resolve_client_private_key(self, client: Client) -> object:  # noqa: ARG002 - the library's signature
        return self._server.keys.keys()[0]

    def get_client_algorithm(self, client: Client) -> str:  # noqa: ARG002 - the library's signature
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, Any]:  # noqa: ARG002 - the library's signature
        return {"alg": ALGORITHM, "typ": "JWT", "kid": self._server.keys.keys()[0].kid}

    def get_compatible_claims(self, request: ProtocolRequest) -> dict[str, Any]:
        assert request.user is not None  # noqa: S101 - the library refuses before
        return self._server.tokens.id_claims(request.client, request.user)

    def generate_user_info(self, user: Person, scope: str) -> Any:
        return UserInfo(profile(user, scope))


class _IdOfCode(_IdClaims, OpenIDCode):  # type: ignore[misc]  # the library has no types
    def exists_nonce(self, nonce: str, request: ProtocolRequest) -> bool:  # noqa: ARG002 - the library's signature
        return False  # a code is bound to its nonce and is used once; the client compares the nonce


class _IdOfRefresh(_IdClaims, OpenIDToken):  # type: ignore[misc]  # the library has no types
    pass


class _Refresh(oauth.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def _validate_request_client(self) -> Client:
        client: Client = super()._validate_request_client()
        self._client = client
        return client

    def authenticate_refresh_token(self, refresh_token: str) -> Grant | None:
        return grants.use_refresh_token(self.server.tx, refresh_token, self._client.id)

    def authenticate_user(self, refresh_token: Grant) -> Person | None:
        return sign_ons.live(self.server.tx, refresh_token.sign_on_id)

    def revoke_old_credential(self, refresh_token: Grant) -> None:
        """It was used up when it came."""


class _ClientCredentials(oauth.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS


class _ClientKeys(JWTBearerClientAssertion):  # type: ignore[misc]  # the library has no types
    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, server: Protocol) -> None:
        super().__init__()
        self._server = server

    def get_audiences(self) -> list[str]:
        return [self._server.settings.issuer, f"{self._server.settings.protocol}/token"]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        return KeySet.import_key_set(dict(client.jwks or {"keys": []}))  # type: ignore[arg-type]  # plain JSON

    def validate_jti(self, claims: Mapping[str, Any], jti: str) -> bool:
        """Note an assertion's id for as long as the assertion could be used; False when it was used before."""
        self._server.tx.execute("DELETE FROM client_assertion WHERE expires_at < now() - interval '5 minutes'")
        done = self._server.tx.execute(
            "INSERT INTO client_assertion (client_id, jti, expires_at) VALUES (%s, %s, to_timestamp(%s))"
            " ON CONFLICT DO NOTHING",
            (claims["sub"], str(jti), claims["exp"]),
        )
        return done.rowcount == 1


class _Revocation(RevocationEndpoint):  # type: ignore[misc]  # the library has no types
    CLIENT_AUTH_METHODS = CLIENT_METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Grant | None:  # noqa: ARG002 - ditto
        grant = grants.of_refresh_token(self.server.tx, token_string)
        if grant is not None:
            return grant
        claims = self.server.keys.claims(token_string)
        if claims is None or "sid" not in claims:
            return None
        return grants.of_sign_on(self.server.tx, claims["sid"], str(claims.get("azp")))

    def revoke_token(self, token: Grant, request: ProtocolRequest) -> None:  # noqa: ARG002 - the library's signature
        """End the grant, and with the last client of a sign-on the sign-on itself, as Keycloak does."""
        grants.revoke(self.server.tx, token.id)
        if not grants.others_of_sign_on(self.server.tx, token):
            sign_ons.end(self.server.tx, token.sign_on_id)
