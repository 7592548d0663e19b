"""A realm of a test's own on the run's Keycloak, made by the command, with people in it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from keycloak import KeycloakAdmin

from tests.servers.keycloak import Address

ROOT = Path(__file__).parents[3]
PASSWORD = "four plain words here"


@dataclass(frozen=True, slots=True)
class TestRealm:
    """One realm and how it is provisioned."""

    __test__ = False

    server: Address
    name: str
    folder: Path
    public_url: str

    @property
    def issuer(self) -> str:
        """The issuer's name."""
        return f"{self.server.url}/realms/{self.name}"

    @property
    def secret_file(self) -> Path:
        """The file with the secret of the site's client."""
        return self.folder / "web-client.secret"

    @property
    def accounts_secret_file(self) -> Path:
        """The file with the secret of the client that removes accounts."""
        return self.folder / "accounts-client.secret"

    def provision(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """`python -m deploy.keycloak` for this realm, as an operator runs it."""
        password = self.folder / "administrator"
        password.write_text(self.server.password)
        environment = {
            "KEYCLOAK_URL": self.server.url,
            "KEYCLOAK_ADMIN_USER": self.server.user,
            "KEYCLOAK_ADMIN_PASSWORD_FILE": str(password),
            "KEYCLOAK_REALM": self.name,
            "PUBLIC_URL": self.public_url,
            "OIDC_CLIENT_SECRET_FILE": str(self.secret_file),
            "ACCOUNTS_CLIENT_SECRET_FILE": str(self.accounts_secret_file),
            **changed,
        }
        return subprocess.run(
            [sys.executable, "-m", "deploy.keycloak", *arguments], check=False,
            env={**os.environ, **environment}, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def admin(self) -> KeycloakAdmin:
        """The Admin API, as the administrator of master."""
        return KeycloakAdmin(
            server_url=self.server.url, username=self.server.user, password=self.server.password,
            realm_name=self.name, user_realm_name="master",
        )  # fmt: skip

    def person(self, email: str, *roles: str) -> str:
        """A person with a confirmed address and PASSWORD; gives the account's id."""
        admin = self.admin()
        id_ = admin.create_user(
            {
                "username": email,
                "email": email,
                "emailVerified": True,
                "enabled": True,
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            }
        )
        if roles:
            admin.assign_realm_roles(id_, [admin.get_realm_role(role) for role in roles])
        return id_

    def remove(self) -> None:
        """Take the realm away."""
        self.admin().delete_realm(self.name)


def fresh(server: Address, folder: Path, public_url: str = "http://localhost:8080", **changed: str) -> TestRealm:
    """A realm that is provisioned; mails are not asked for unless settings are changed."""
    realm = TestRealm(server, f"test-{secrets.token_hex(4)}", folder, public_url)
    done = realm.provision("apply", "--yes", **{"VERIFY_EMAIL": "false", **changed})
    assert done.returncode == 0, done.stdout + done.stderr
    return realm
