"""The roles that staff and partners have, and that nobody has them by having another one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from keycloak import KeycloakAdmin

from deploy.keycloak.changes import Change, Difference, differences
from deploy.keycloak.realm import Realm


def role_changes(admin: KeycloakAdmin, realm: Realm) -> Iterator[Change]:
    """Give the roles that are missing or described otherwise, and those that another role carries with it."""
    found = {role["name"]: role for role in admin.get_realm_roles(brief_representation=False)}
    for name, description in realm.roles.items():
        wanted = {"name": name, "description": description}
        if name not in found:
            yield Change("create", f"role {name}", partial(admin.create_realm_role, wanted))
        elif told := differences(wanted, found[name]):
            yield Change("change", f"role {name}", partial(admin.update_realm_role, name, wanted), told)
    for name, role in found.items():  # everybody who registers has Keycloak's default role
        if role.get("composite"):
            yield from _carried(admin, realm, name)


def _carried(admin: KeycloakAdmin, realm: Realm, name: str) -> Iterator[Change]:
    carried = [role for role in admin.get_composite_realm_roles_of_role(name) if role["name"] in realm.roles]
    if carried:
        told = Difference("carries", ", ".join(sorted(role["name"] for role in carried)), None)
        yield Change(
            "change", f"role {name}", partial(admin.remove_composite_realm_roles_to_role, name, carried), (told,)
        )
