"""One Keycloak and one realm, held to what is wanted: looks, acts, and makes sure that nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from deploy.keycloak.changes import Change
from deploy.keycloak.plan import plan
from deploy.keycloak.problems import Problem, told
from deploy.keycloak.realm import Realm, read_realm
from deploy.keycloak.secret_file import read_secret, read_word
from deploy.keycloak.settings import ProvisioningSettings
from deploy.keycloak.wanted import Fields, Places


class Kept(Protocol):
    """What has to be kept on this machine before Keycloak hears of it."""

    def keep(self) -> None:
        """Keep it."""


class Provisioning:
    """The way to one realm."""

    def __init__(self, settings: ProvisioningSettings) -> None:
        """Read what the settings name; Problem for what is missing or wrong."""
        if settings.keycloak_admin_password_file is None:
            raise Problem("KEYCLOAK_ADMIN_PASSWORD_FILE: name the file with the password of Keycloak's administrator.")
        self.url = settings.keycloak_url.rstrip("/")
        self.name = settings.keycloak_realm
        self.realm = _realm(settings)
        self.places = _places(settings)
        self._secret = read_secret(settings.oidc_client_secret_file) if settings.oidc_client_secret_file else None
        file = settings.accounts_client_secret_file
        self._accounts = read_secret(file) if file else None
        password = read_word(settings.keycloak_admin_password_file)
        with told(self.url):
            # The connection asks for its first token when it is first used.
            self.admin = KeycloakAdmin(
                connection=KeycloakOpenIDConnection(
                    server_url=self.url,
                    username=settings.keycloak_admin_user,
                    password=password,
                    realm_name=self.name,
                    user_realm_name="master",
                    timeout=30,
                )
            )

    def changes(self) -> Iterator[Change]:
        """Look at what differs; nothing is changed."""
        with told(self.url):
            yield from plan(self.admin, self.name, self.realm, self.places, self._secret, accounts=self._accounts)

    def apply(self) -> Iterator[Change]:
        """Change what differs and give each change when it is done; Problem when something still differs."""
        if self._secret is None:
            raise Problem("OIDC_CLIENT_SECRET_FILE: name the file that holds, or will hold, the secret of the site.")
        if self._accounts is not None:
            self._accounts.keep()
        yield from self.act(self.changes(), self._secret)
        left = [change.what for change in self.changes()]
        if left:
            raise Problem(f"Keycloak did not take over everything; {', '.join(left)} still differs.")

    def act(self, changes: Iterable[Change], kept: Kept) -> Iterator[Change]:
        """Do changes one by one, each before the next is looked for, and give each when it is done."""
        kept.keep()
        with told(self.url):
            for change in changes:
                change.act()
                yield change


def _realm(settings: ProvisioningSettings) -> Realm:
    realm = read_realm()
    if settings.verify_email is None:
        return realm
    registration = realm.registration.model_copy(update={"verify_email": settings.verify_email})
    return realm.model_copy(update={"registration": registration})


def _places(settings: ProvisioningSettings) -> Places:
    public = settings.public_url.rstrip("/")
    parts = urlsplit(public)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise Problem(f"PUBLIC_URL is {public!r}: http or https, a host, and no path are needed.")
    return Places(public, settings.keycloak_gateway_url.rstrip("/") or public, _smtp(settings.keycloak_mail_url))


def _smtp(url: str) -> Fields:
    """Keycloak's words for smtp://user:password@host:port?starttls=1&from=address."""
    if not url:
        return {}
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    if parts.scheme != "smtp" or not parts.hostname or "from" not in options:
        raise Problem("KEYCLOAK_MAIL_URL: smtp://host:port?from=address is needed, with user:password@ where asked.")
    smtp = {
        "host": parts.hostname,
        "port": str(parts.port or 25),
        "from": options["from"][0],
        "starttls": str(options.get("starttls") == ["1"]).lower(),
        "auth": str(parts.username is not None).lower(),
    }
    if parts.username is not None:
        smtp |= {"user": unquote(parts.username), "password": unquote(parts.password or "")}
    return smtp
