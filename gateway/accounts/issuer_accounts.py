"""Accounts at the issuer: whom one belongs to, and what becomes of a deleted one.

It is removed by Keycloak's Admin API, by the event, or by its person.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

import structlog

from gateway.settings import Settings
from shared.errors import CannotStart, Unavailable
from shared.settings import read_setting_file

_log = structlog.get_logger(__name__)


class IssuerAccounts(Protocol):
    """Removes accounts at the issuer."""

    @property
    def remains(self) -> bool:
        """Whether the account goes on being there until its person deletes it."""
        ...

    async def remove(self, account: str) -> None:
        """Remove an account; one that is gone is fine. Unavailable when the issuer does not do it now."""
        ...

    async def address_of(self, account: str) -> str:
        """Give the verified address of an account; empty where it is not known. Unavailable while the issuer is."""
        ...


class Hearing:
    """An issuer that hears the event itself, as the built-in one does."""

    remains = False

    async def remove(self, account: str) -> None:
        """Leave it to the event."""

    async def address_of(self, account: str) -> str:  # noqa: ARG002 - nobody can be asked
        """Know none."""
        return ""


class Remaining:
    """An issuer that nobody tells."""

    remains = True

    async def remove(self, account: str) -> None:
        """Do nothing: pages and docs say what remains."""

    async def address_of(self, account: str) -> str:  # noqa: ARG002 - nobody can be asked
        """Know none."""
        return ""


class KeycloakAccounts:
    """Keycloak, by a client of its realm whose service account may manage users."""

    remains = False

    def __init__(self, server: str, realm: str, client: str, secret: str) -> None:
        """Take the server's address as the gateway reaches it, the realm, and the client with its secret."""
        from keycloak import KeycloakAdmin, KeycloakOpenIDConnection  # noqa: PLC0415 - only where there is a Keycloak

        connection = KeycloakOpenIDConnection(
            server_url=server, realm_name=realm, client_id=client, client_secret_key=secret, timeout=10
        )
        self._admin = KeycloakAdmin(connection=connection)

    async def remove(self, account: str) -> None:
        """Remove the user, with the user's sessions there."""
        from keycloak.exceptions import KeycloakError  # noqa: PLC0415 - as above

        try:
            await self._admin.a_delete_user(account)
        except KeycloakError as error:
            if error.response_code == 404:
                return
            _log.warning("the issuer did not remove an account", status=error.response_code)
            raise Unavailable("ISSUER_AWAY", "The issuer did not remove the account now.") from None

    async def address_of(self, account: str) -> str:
        """Ask for the user's address."""
        from keycloak.exceptions import KeycloakError  # noqa: PLC0415 - as above

        try:
            user = await self._admin.a_get_user(account)
        except KeycloakError as error:
            if error.response_code == 404:
                return ""
            raise Unavailable("ISSUER_AWAY", "The issuer did not name the account's address now.") from None
        return str(user.get("email") or "") if user.get("emailVerified") else ""


def open_issuer_accounts(settings: Settings) -> IssuerAccounts:
    """Give what the settings say; CannotStart for settings that contradict each other."""
    if settings.issuer_hears_deletions:
        return Hearing()
    if not settings.keycloak_admin_url:
        return Remaining()
    if settings.keycloak_admin_secret_file is None:
        raise CannotStart("KEYCLOAK_ADMIN_URL is set, and KEYCLOAK_ADMIN_SECRET_FILE is not: name the client's secret.")
    realm = urlsplit(settings.oidc_issuer).path.rpartition("/realms/")[2]
    if not realm:
        raise CannotStart("KEYCLOAK_ADMIN_URL is set, and OIDC_ISSUER is no realm of Keycloak (.../realms/NAME).")
    secret = read_setting_file("KEYCLOAK_ADMIN_SECRET_FILE", settings.keycloak_admin_secret_file).strip()
    return KeycloakAccounts(settings.keycloak_admin_url, realm, settings.keycloak_admin_client_id, secret)
