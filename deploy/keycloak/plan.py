"""Compares a Keycloak with the realm that is wanted, part by part, in the order in which parts need each other."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakGetError

from deploy.keycloak.changes import Change, Difference, differences, merged
from deploy.keycloak.clients import client_changes, scope_changes
from deploy.keycloak.flow_changes import flow_changes
from deploy.keycloak.flows import flows
from deploy.keycloak.realm import Realm
from deploy.keycloak.roles import role_changes
from deploy.keycloak.secret_file import Secret
from deploy.keycloak.wanted import (
    REQUIRED_ACTIONS,
    Fields,
    Places,
    accounts_client,
    realm_fields,
    user_profile,
    web_client,
)


def plan(
    admin: KeycloakAdmin,
    name: str,
    realm: Realm,
    places: Places,
    secret: Secret | None,
    *,
    accounts: Secret | None,
) -> Iterator[Change]:
    """Give what has to change, each part looked at when it is asked for: acts may run in between.

    A realm that is not there yet gives one change, which stands for all of its parts.
    """
    wanted = realm_fields(realm, places)
    found = find_realm(admin, name)
    if found is None:
        yield Change("create", f"realm {name} with all of its parts", lambda: _create_realm(admin, name, wanted))
        if find_realm(admin, name) is None:
            return
    elif told := differences(wanted, found):
        yield Change("change", f"realm {name}", lambda: admin.update_realm(name, merged(wanted, found)), told)
    yield from _profile(admin)
    yield from role_changes(admin, realm)
    yield from _actions(admin)
    yield from scope_changes(admin, realm)
    yield from client_changes(admin, realm, web_client(realm, places), secret)
    if accounts is not None:
        yield from client_changes(admin, realm, accounts_client(realm), accounts, right="manage-users")
    for flow in flows(realm):
        yield from flow_changes(admin, name, flow)


def find_realm(admin: KeycloakAdmin, name: str) -> Fields | None:
    """Give the realm as it is; None when there is none."""
    try:
        found: Fields = admin.get_realm(name)
    except KeycloakGetError as error:
        if error.response_code == 404:
            return None
        raise
    return found


def _create_realm(admin: KeycloakAdmin, name: str, wanted: Fields) -> None:
    admin.create_realm({"realm": name, **wanted})
    admin.connection.get_token()  # the token in hand was given before the realm was there, and has no rights in it


def _profile(admin: KeycloakAdmin) -> Iterator[Change]:
    found: Fields = admin.get_realm_users_profile()
    wanted = user_profile(found)
    if wanted != found:
        told = Difference("asked of people", _asked(found), _asked(wanted))
        yield Change("change", "user profile", lambda: admin.update_realm_users_profile(wanted), (told,))


def _asked(profile: Fields) -> str:
    """What the form asks for, and what of it people must give."""
    return ", ".join(
        f"{part.get('displayName') or part['name']}{' (required)' if 'required' in part else ''}"
        for part in profile["attributes"]
    )


def _actions(admin: KeycloakAdmin) -> Iterator[Change]:
    found = {action["alias"]: action for action in admin.get_required_actions()}
    for alias, wanted in REQUIRED_ACTIONS.items():
        if told := differences(wanted, found[alias]):
            after = merged(wanted, found[alias])
            yield Change(
                "change", f"required action {alias}", partial(admin.update_required_action, alias, after), told
            )
