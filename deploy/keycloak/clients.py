"""Clients and the scope that gives their tokens our audience, compared with what is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from keycloak import KeycloakAdmin

from deploy.keycloak.changes import Change, Difference, differences, merged
from deploy.keycloak.realm import Realm
from deploy.keycloak.secret_file import Secret
from deploy.keycloak.wanted import DEFAULT_SCOPES, Fields, audience_scope


def scope_changes(admin: KeycloakAdmin, realm: Realm) -> Iterator[Change]:
    """The audience scope and its mapper."""
    scope, mapper = audience_scope(realm)
    what = f"client scope {scope['name']}"
    found = admin.get_client_scope_by_name(scope["name"])
    if found is None:
        whole = {**scope, "protocolMappers": [mapper]}
        yield Change("create", what, partial(admin.create_client_scope, whole))
        return
    if told := differences(scope, found):
        yield Change("change", what, partial(admin.update_client_scope, found["id"], merged(scope, found)), told)
    mappers = {one["name"]: one for one in found.get("protocolMappers", [])}
    existing = mappers.get(mapper["name"])
    if existing is None:
        yield Change("create", f"mapper of {what}", partial(admin.add_mapper_to_client_scope, found["id"], mapper))
    elif told := differences(mapper, existing):
        act = partial(admin.update_mapper_in_client_scope, found["id"], existing["id"], merged(mapper, existing))
        yield Change("change", f"mapper of {what}", act, told)


def client_changes(
    admin: KeycloakAdmin,
    realm: Realm,
    wanted: Fields,
    secret: Secret | None,
    *,
    role: str = "",
    right: str = "",
) -> Iterator[Change]:
    """A client with its scopes and its secret, and what its service account has: a role, a right in the realm."""
    client_id: str = wanted["clientId"]
    what = f"client {client_id}"
    id_ = admin.get_client_id(client_id)
    if id_ is None:
        yield Change("create", what, partial(admin.create_client, _with_secret(wanted, secret)))
        id_ = admin.get_client_id(client_id)
        if id_ is None:  # it is only planned
            return
    else:
        found: Fields = admin.get_client(id_)
        told = differences(wanted, found)
        if secret is not None and admin.get_client_secrets(id_).get("value") != secret.value:
            told = (*told, Difference("secret", "another", f"the one in {secret.file}"))
        if told:
            after = _with_secret(merged(wanted, found), secret)
            yield Change("change", what, partial(admin.update_client, id_, after), told)
        yield from _own_mappers(admin, id_, found, what)
    yield from _scopes(admin, realm, id_, what)
    if role:
        yield from _role(admin, id_, what, role)
    if right:
        yield from _right(admin, id_, what, right)


def _own_mappers(admin: KeycloakAdmin, id_: str, found: Fields, what: str) -> Iterator[Change]:
    """What the tokens of a client say comes of scopes alone: a mapper of its own could say anything."""
    for mapper in found.get("protocolMappers", []):
        act = partial(admin.remove_client_mapper, id_, mapper["id"])
        yield Change("change", f"{what}'s mappers", act, (Difference("mapper", mapper["name"], None),))


def _scopes(admin: KeycloakAdmin, realm: Realm, id_: str, what: str) -> Iterator[Change]:
    have = {scope["name"] for scope in admin.get_client_default_client_scopes(id_)}
    every = {scope["name"]: scope["id"] for scope in admin.get_client_scopes()}
    for name in (*DEFAULT_SCOPES, audience_scope(realm)[0]["name"]):
        if name not in have:
            payload = {"realm": admin.connection.realm_name, "client": id_, "clientScopeId": every.get(name)}
            act = partial(admin.add_client_default_client_scope, id_, every.get(name, ""), payload)
            yield Change("change", f"{what}'s scopes", act, (Difference("default scopes", "without", name),))


def _role(admin: KeycloakAdmin, id_: str, what: str, role: str) -> Iterator[Change]:
    account = admin.get_client_service_account_user(id_)["id"]
    if role not in {one["name"] for one in admin.get_realm_roles_of_user(account)}:
        act = partial(admin.assign_realm_roles, account, [admin.get_realm_role(role)])
        yield Change("change", f"{what}'s service account", act, (Difference("roles", "without", role),))


def _right(admin: KeycloakAdmin, id_: str, what: str, right: str) -> Iterator[Change]:
    """A role of Keycloak's own client realm-management, for the account and within the scope of its client."""
    account, management = (
        admin.get_client_service_account_user(id_)["id"],
        admin.get_client_id("realm-management") or "",
    )
    wanted = [admin.get_client_role(management, right)]
    if right not in {one["name"] for one in admin.get_client_roles_of_user(account, management)}:
        act = partial(admin.assign_client_role, account, management, wanted)
        yield Change("change", f"{what}'s service account", act, (Difference("rights", "without", right),))
    if right not in {one["name"] for one in admin.get_client_roles_of_client_scope(id_, management)}:
        act = partial(admin.assign_client_roles_to_client_scope, id_, management, wanted)
        yield Change("change", f"{what}'s scope", act, (Difference("rights", "without", right),))


def _with_secret(fields: Fields, secret: Secret | None) -> Fields:
    return fields if secret is None else {**fields, "secret": secret.value}
