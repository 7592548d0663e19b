"""The two issuers that people sign in at, and what is done at each by its own means: roles, and clients of partners.

What people do on the issuers' pages has the same words on both, and stands in `people.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playwright.async_api import Page

from tests.e2e.platform import ROOT, Platform, lay_prepared, started_platform
from tests.integration.keycloak.realms import TestRealm, fresh
from tests.servers.keycloak import Address
from tests.servers.ports import free_port


class Site(Protocol):
    """A platform with the issuer that its people sign in at."""

    @property
    def platform(self) -> Platform:
        """The platform."""
        ...

    @property
    def issuer(self) -> str:
        """The issuer's name, which is its address."""
        ...

    def give_role(self, email: str, role: str) -> None:
        """Give a registered person a role, as an operator of the issuer does."""
        ...

    def account_id(self, email: str) -> str:
        """The id of a registered person, which the platform knows the account by."""
        ...

    def partner_with_secret(self, name: str) -> str:
        """Make a partner's client by the command; gives the secret."""
        ...

    def partner_with_keys(self, name: str, jwks: Path) -> None:
        """Make a partner's client by the command, which proves itself by private_key_jwt."""
        ...

    async def second_factor_secret(self, page: Page) -> str:
        """Read the secret from the page on which a second factor is set up."""
        ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """The one-machine platform with the issuer that it carries."""

    platform: Platform

    @property
    def issuer(self) -> str:
        """The issuer stands at the gateway's origin."""
        return f"{self.platform.url}/realms/codingahead"

    def give_role(self, email: str, role: str) -> None:
        """`python -m deploy.local users role`."""
        self._command("users", "role", email, role)

    def account_id(self, email: str) -> str:
        """`python -m deploy.local users list`."""
        return next(line.split()[0] for line in self._command("users", "list").splitlines() if email in line)

    def partner_with_secret(self, name: str) -> str:
        """`python -m deploy.local clients add`; the secret is printed once."""
        return self._command("clients", "add", name).strip().rpartition(" ")[2]

    def partner_with_keys(self, name: str, jwks: Path) -> None:
        """`python -m deploy.local clients add --jwks`."""
        self._command("clients", "add", name, "--jwks", str(jwks))

    async def second_factor_secret(self, page: Page) -> str:
        """It stands below the picture."""
        return await page.locator("#secret").inner_text()

    def _command(self, *arguments: str) -> str:
        environment = {"STATE": str(self.platform.state), "PORT": self.platform.url.rpartition(":")[2]}
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local", *arguments],
            capture_output=True, text=True, check=True, env={**os.environ, **environment}, cwd=ROOT,
        )  # fmt: skip
        return done.stdout


@dataclass(frozen=True, slots=True)
class OnKeycloak:
    """The one-machine platform whose people sign in at a real Keycloak."""

    platform: Platform
    realm: TestRealm

    @property
    def issuer(self) -> str:
        """The realm."""
        return self.realm.issuer

    def give_role(self, email: str, role: str) -> None:
        """By the Admin API, as Keycloak's console does it."""
        admin = self.realm.admin()
        admin.assign_realm_roles(self.account_id(email), [admin.get_realm_role(role)])

    def account_id(self, email: str) -> str:
        """By the Admin API."""
        return self.realm.admin().get_user_id(email) or ""

    def partner_with_secret(self, name: str) -> str:
        """`python -m deploy.keycloak partner --secret-file`."""
        file = self.realm.folder / f"{name}.secret"
        self._partner(name, "--secret-file", str(file))
        return file.read_text().strip()

    def partner_with_keys(self, name: str, jwks: Path) -> None:
        """`python -m deploy.keycloak partner --public-keys`."""
        self._partner(name, "--public-keys", str(jwks))

    async def second_factor_secret(self, page: Page) -> str:
        """It stands behind the link below the picture."""
        await page.get_by_role("link", name="Type the secret instead").click()
        return (await page.locator("#kc-totp-secret-key").inner_text()).replace(" ", "")

    def _partner(self, name: str, *how: str) -> None:
        done = self.realm.provision("partner", name, *how, "--yes")
        assert done.returncode == 0, done.stderr


@contextmanager
def on_keycloak(server: Address, folder: Path) -> Iterator[OnKeycloak]:
    """A platform on a realm of its own, provisioned for it."""
    port = free_port()
    realm = fresh(server, folder, f"http://localhost:{port}")
    environment = {
        "OIDC_ISSUER": realm.issuer,
        "OIDC_CLIENT_SECRET_FILE": str(realm.secret_file),
        "KEYCLOAK_ADMIN_URL": server.url,
        "KEYCLOAK_ADMIN_SECRET_FILE": str(realm.accounts_secret_file),
    }
    lay_prepared(folder / "state")
    try:
        with started_platform(folder / "state", environment=environment, port=port) as platform:
            yield OnKeycloak(platform, realm)
    finally:
        realm.remove()
