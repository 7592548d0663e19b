"""A partner's client: what it proves itself with, and what it may do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.keycloak.changes import Change
from deploy.keycloak.clients import client_changes
from deploy.keycloak.plan import find_realm
from deploy.keycloak.problems import Problem, told
from deploy.keycloak.provisioning import Provisioning
from deploy.keycloak.secret_file import Secret
from deploy.keycloak.wanted import Fields, partner_client

ROLE = "partner"
_NAME = re.compile(r"[a-z][a-z0-9-]{2,62}")


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Public keys that a partner's signed tokens are checked with (RFC 7523), or the address that gives them."""

    attributes: Fields

    @classmethod
    def read(cls, place: str) -> PublicKeys:
        """Take an https address, or the keys in a file; Problem for a file that holds none, or private ones."""
        if place.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            return cls({"use.jwks.url": "true", "jwks.url": place, "use.jwks.string": "false"})
        try:
            keys = json.loads(Path(place).read_text())["keys"]
            private = any("d" in key or "k" in key for key in keys)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Problem(f"{place} is no JWKS: a JSON object with `keys` is needed, or an https address.") from error
        if not keys or private:
            raise Problem(f"{place} must hold at least one public key and no private one: a partner keeps its own.")
        written = json.dumps({"keys": keys}, sort_keys=True, separators=(",", ":"))
        return cls({"use.jwks.url": "false", "jwks.string": written, "use.jwks.string": "true"})

    def keep(self) -> None:
        """Nothing is kept here: the partner holds the private key."""


def partner_changes(
    provisioning: Provisioning, name: str, display_name: str, how: Secret | PublicKeys
) -> Iterator[Change]:
    """Give what has to change for the partner to call the API; Problem for a name that cannot be a partner's."""
    if not _NAME.fullmatch(name) or name == provisioning.realm.web_client:
        raise Problem(f"{name!r} cannot be a partner's client: 3 to 63 small letters, digits and hyphens are needed.")
    with told(provisioning.url):
        if find_realm(provisioning.admin, provisioning.name) is None:
            raise Problem(f"There is no realm {provisioning.name}: `python -m deploy.keycloak apply` makes it.")
        wanted = partner_client(name, display_name, provisioning.places)
        if isinstance(how, Secret):
            wanted |= {"clientAuthenticatorType": "client-secret"}
        else:
            wanted |= {"clientAuthenticatorType": "client-jwt", "attributes": how.attributes}
        secret = how if isinstance(how, Secret) else None
        yield from client_changes(provisioning.admin, provisioning.realm, wanted, secret, role=ROLE)
