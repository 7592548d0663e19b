"""From settings to what recognises accounts: access tokens always, sign-in and sessions where they are set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from codingahead.metering.v1 import metering_pb2_grpc

from gateway.accounts.deleted import DeletedAccounts
from gateway.accounts.notices import Notices
from gateway.auth.access_token import AccessTokens
from gateway.auth.cookies import SignInCookies
from gateway.auth.guest_merges import GuestMerges
from gateway.auth.id_token import IdTokens
from gateway.auth.issuer import Issuer
from gateway.auth.issuer_keys import IssuerKeys, Source, from_file, from_url
from gateway.auth.keeper import SessionKeeper
from gateway.auth.logins import Logins
from gateway.auth.logout_token import LogoutTokens
from gateway.auth.sealing import Seal
from gateway.auth.second_factor import SecondFactor
from gateway.auth.sessions import Sessions
from gateway.auth.sign_in import SignIn
from gateway.auth.signed_token import SignedTokens
from gateway.settings import Settings
from shared.database import Database
from shared.errors import CannotStart
from shared.identity import InternalTokenSigner
from shared.mail import WaitingMails
from shared.service import Part
from shared.settings import read_setting_file


@dataclass(frozen=True, slots=True)
class Accounts:
    """What recognises accounts."""

    access_tokens: AccessTokens
    sign_in: SignIn | None
    parts: tuple[Part, ...]
    """What starts and drains with the gateway."""


def build_accounts(
    settings: Settings,
    database: Database,
    stub: metering_pb2_grpc.MeteringServiceAsyncStub,
    signer: InternalTokenSigner,
    *,
    deleted: DeletedAccounts,
    mails: WaitingMails,
) -> Accounts:
    """Construct the checks of tokens, and sign-in when there is a secret of the site's client."""
    issuer = _issuer(settings)
    keys = IssuerKeys(_source(settings, issuer))
    algorithms = _words(settings.oidc_algorithms)
    second_factor = SecondFactor(
        frozenset(_words(settings.second_factor_roles)),
        _words(settings.second_factor_acr),
        frozenset(_words(settings.second_factor_amr)),
    )
    name, leeway = settings.oidc_issuer, settings.oidc_leeway_seconds
    access_tokens = AccessTokens(
        keys,
        issuer=name,
        audience=settings.oidc_audience,
        algorithms=algorithms,
        leeway=leeway,
        second_factor=second_factor,
    )
    if issuer is None:
        return Accounts(access_tokens, None, ())
    if settings.session_keys_file is None:
        raise CannotStart("SESSION_KEYS_FILE is not set: sign-in (OIDC_CLIENT_SECRET_FILE) needs it.")
    seal = Seal.from_file(settings.session_keys_file)
    signed = SignedTokens(keys, issuer=name, algorithms=algorithms, leeway=leeway)
    id_tokens = IdTokens(signed, settings.oidc_client_id)
    notices = Notices(settings.public_url)
    sessions = Sessions(
        database,
        mails,
        notices,
        seal,
        idle=timedelta(seconds=settings.session_idle_seconds),
        absolute=timedelta(seconds=settings.session_absolute_seconds),
    )
    grace = timedelta(seconds=settings.session_grace_seconds)
    keeper = SessionKeeper(database, sessions, issuer, access_tokens, id_tokens, grace=grace)
    merges = GuestMerges(database, stub, signer)
    sign_in = SignIn(
        issuer=issuer,
        logins=Logins(database, seal),
        keeper=keeper,
        access_tokens=access_tokens,
        id_tokens=id_tokens,
        logout_tokens=LogoutTokens(signed, settings.oidc_client_id),
        merges=merges,
        cookies=SignInCookies(secure=settings.secure),
        second_factor=second_factor,
        deleted=deleted,
        notices=notices,
    )
    return Accounts(access_tokens, sign_in, (issuer, keeper, merges))


def _words(setting: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in setting.split(",") if part.strip())


def _issuer(settings: Settings) -> Issuer | None:
    if settings.oidc_client_secret_file is None:
        return None
    secret = read_setting_file("OIDC_CLIENT_SECRET_FILE", settings.oidc_client_secret_file).strip()
    if not secret:
        raise CannotStart(f"{settings.oidc_client_secret_file}: it is empty, and the secret of the client is needed.")
    return Issuer(
        settings.oidc_issuer, backend=settings.oidc_backend_url, client=settings.oidc_client_id, secret=secret
    )


def _source(settings: Settings, issuer: Issuer | None) -> Source:
    """Where the issuer's keys come from: the file, the URL, or what the issuer says itself."""
    if settings.oidc_jwks_file is not None:
        return from_file(settings.oidc_jwks_file)
    if settings.oidc_jwks_url or issuer is None:
        return from_url(settings.oidc_jwks_url)
    return issuer.keys
