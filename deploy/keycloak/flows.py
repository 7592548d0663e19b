"""The sign-in flow and the forgotten-password flow, as data: what Keycloak asks for, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.keycloak.realm import Realm

Requirement = Literal["REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow: an authenticator, or a flow of further steps."""

    name: str
    """The authenticator's id, or the inner flow's alias."""
    requirement: Requirement
    config: Mapping[str, str] = field(default_factory=dict)
    inner: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow and the place of the realm that it is bound to."""

    alias: str
    binding: Literal["browserFlow", "resetCredentialsFlow"]
    steps: tuple[Step, ...]


def flows(realm: Realm) -> tuple[Flow, Flow]:
    """Our flows. Keycloak's own stay as they are, unbound."""
    role = realm.second_factor.role
    sign_in = "coding-ahead sign-in"
    shown = f"{sign_in} second factor that is set up"
    not_shown = Step(
        "conditional-sub-flow-executed", "REQUIRED", {"flow_to_check": shown, "check_result": "not-executed"}
    )
    allow = Step("allow-access-authenticator", "REQUIRED")
    # The level that is reached goes into tokens as acr: 1 by a password, 2 with a one-time code as well. Keycloak takes
    # each level once. Its condition holds as long as no level is reached, and later for who asks for it (acr_values).
    steps = (
        Step("auth-cookie", "ALTERNATIVE"),
        Step(f"{sign_in} forms", "ALTERNATIVE", inner=(
            Step("auth-username-password-form", "REQUIRED"),
            Step(shown, "CONDITIONAL", inner=(
                Step("conditional-user-configured", "REQUIRED"),
                Step("auth-otp-form", "REQUIRED"),
            )),
            Step(f"{sign_in} one factor", "CONDITIONAL", inner=(
                Step("conditional-user-role", "REQUIRED", {"condUserRole": role, "negate": "true"}),
                not_shown,
                _level(realm, 1),
                allow,
            )),
            Step(f"{sign_in} two factors", "CONDITIONAL", inner=(
                _level(realm, 2),
                # A required form without a condition on what is set up: who has no second factor sets one up first.
                Step(f"{sign_in} second factor", "CONDITIONAL", inner=(not_shown, Step("auth-otp-form", "REQUIRED"))),
                allow,
            )),
        )),
    )  # fmt: skip
    # A mail alone must not open an account that has a second factor: the new password is followed by a sign-in.
    reset = (
        Step("reset-credentials-choose-user", "REQUIRED"),
        Step("reset-credential-email", "REQUIRED", {"force-login": "true"}),
        Step("reset-password", "REQUIRED"),
    )
    return Flow(sign_in, "browserFlow", steps), Flow("coding-ahead forgotten password", "resetCredentialsFlow", reset)


def _level(realm: Realm, level: int) -> Step:
    lasts = str(realm.sessions.longest)  # as long as the sign-on itself
    settings = {"loa-condition-level": str(level), "loa-max-age": lasts}
    return Step("conditional-level-of-authentication", "REQUIRED", settings)


def lines(steps: tuple[Step, ...], level: int = 0) -> list[str]:
    """A flow as lines, one a step, which two flows have in common exactly when they are the same."""
    written: list[str] = []
    for step in steps:
        settings = "".join(f" {name}={value}" for name, value in sorted(step.config.items()))
        written.append(f"{level} {step.name} {step.requirement}{settings}")
        written += lines(step.inner, level + 1)
    return written


def found_lines(executions: list[dict[str, Any]], configs: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The same lines for a flow as the Admin API lists it; ``configs`` by id of the configuration."""
    written: list[str] = []
    for step in executions:
        name = step["displayName"] if step.get("authenticationFlow") else step["providerId"]
        config = configs.get(step.get("authenticationConfig", ""), {})
        settings = "".join(f" {key}={value}" for key, value in sorted(config.items()))
        written.append(f"{step['level']} {name} {step['requirement']}{settings}")
    return written
