"""A flow compared with the one that is bound, and made anew beside it: sign-in never stands without a flow."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import partial
from itertools import zip_longest
from typing import Any

from keycloak import KeycloakAdmin

from deploy.keycloak.changes import Change, Difference
from deploy.keycloak.flows import Flow, Step, found_lines, lines
from deploy.keycloak.wanted import Fields


def flow_changes(admin: KeycloakAdmin, realm: str, flow: Flow) -> Iterator[Change]:
    """Give the flow as a change when it is missing, differs or is not bound."""
    aliases = {one["alias"]: one["id"] for one in admin.get_authentication_flows()}
    bound = admin.get_realm(realm).get(flow.binding)
    binding = () if bound == flow.alias else (Difference(flow.binding, bound, flow.alias),)
    if flow.alias not in aliases:
        yield Change("create", f"flow {flow.alias}", partial(_make, admin, realm, flow), binding)
    elif told := tuple(_told(_lines_of(admin, flow.alias), lines(flow.steps))):
        act = partial(_replace, admin, realm, flow)
        yield Change("change", f"flow {flow.alias}", act, (*told, *binding))
    elif binding:
        yield Change("change", f"realm {realm}", partial(_bind, admin, realm, flow), binding)


def _told(found: list[str], wanted: list[str]) -> Iterator[Difference]:
    """Only the steps that are missing, too many or otherwise: not every one behind them."""
    for tag, begin, end, start, stop in SequenceMatcher(None, found, wanted, autojunk=False).get_opcodes():
        if tag != "equal":
            for have, want in zip_longest(found[begin:end], wanted[start:stop]):
                yield Difference("step", have, want)


def _lines_of(admin: KeycloakAdmin, alias: str) -> list[str]:
    steps = admin.get_authentication_flow_executions(alias)
    ids = {step["authenticationConfig"] for step in steps if step.get("authenticationConfig")}
    return found_lines(steps, {id_: admin.get_authenticator_config(id_).get("config", {}) for id_ in ids})


def _make(admin: KeycloakAdmin, realm: str, flow: Flow) -> None:
    top = {"alias": flow.alias, "providerId": "basic-flow", "topLevel": True, "builtIn": False}
    admin.create_authentication_flow(top)
    _add(admin, flow.alias, flow.alias, flow.steps)
    _bind(admin, realm, flow)


def _replace(admin: KeycloakAdmin, realm: str, flow: Flow) -> None:
    """Rename the old flow with its inner ones, make the new one, bind it, and remove the old one."""
    old = next(one["id"] for one in admin.get_authentication_flows() if one["alias"] == flow.alias)
    suffix = f" until {secrets.token_hex(4)}"  # an earlier attempt that was cut off may have left its own
    for alias, id_ in {flow.alias: old, **_inner(admin, flow.alias)}.items():
        kept = admin.get_authentication_flow_for_id(id_)
        admin.update_authentication_flow(id_, {**kept, "alias": alias + suffix})
    _make(admin, realm, flow)
    admin.delete_authentication_flow(old)


def _inner(admin: KeycloakAdmin, alias: str) -> dict[str, str]:
    steps = admin.get_authentication_flow_executions(alias)
    return {step["displayName"]: step["flowId"] for step in steps if step.get("authenticationFlow")}


def _bind(admin: KeycloakAdmin, realm: str, flow: Flow) -> None:
    admin.update_realm(realm, {"realm": realm, flow.binding: flow.alias})


def _add(admin: KeycloakAdmin, top: str, parent: str, steps: tuple[Step, ...]) -> None:
    for step in steps:
        if step.inner:
            inner = {"alias": step.name, "type": "basic-flow", "provider": "registration-page-form", "description": ""}
            admin.create_authentication_flow_subflow(inner, parent)
        else:
            admin.create_authentication_flow_execution({"provider": step.name}, parent)
        made = _last(admin, parent, step)
        admin.update_authentication_flow_executions({**made, "requirement": step.requirement}, top)
        if step.config:
            # The realm takes each name once, and the flow that is replaced still has its own.
            payload = {"alias": f"{step.name} {secrets.token_hex(4)}", "config": dict(step.config)}
            admin.create_execution_config(made["id"], payload)
        _add(admin, top, step.name, step.inner)


def _last(admin: KeycloakAdmin, parent: str, step: Step) -> Fields:
    """The step that was just added to the parent."""
    found: list[dict[str, Any]] = admin.get_authentication_flow_executions(parent)
    key = "displayName" if step.inner else "providerId"
    return next(one for one in reversed(found) if one["level"] == 0 and one.get(key) == step.name)
