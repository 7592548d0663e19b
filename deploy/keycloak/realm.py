"""What realm.yaml may say, checked; and nothing about how Keycloak words it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from deploy.keycloak.problems import Problem

FILE = Path(__file__).with_name("realm.yaml")
_NAME = r"^[a-z][a-z0-9-]{1,62}$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Registration(_Part):
    """Who may register, and how."""

    allowed: bool
    verify_email: bool
    forgotten_password: bool
    remember_me: bool


class BruteForce(_Part):
    """What wrong passwords lead to; times in seconds."""

    failures: int = Field(ge=3, le=100)
    first_wait: int = Field(ge=1)
    longest_wait: int = Field(ge=1)
    forget_after: int = Field(ge=60)


class Sessions(_Part):
    """How long things hold, in seconds."""

    access_token: int = Field(ge=30, le=3600)
    idle: int = Field(ge=60)
    longest: int = Field(ge=60)
    sign_in: int = Field(ge=60)
    mail_link: int = Field(ge=60)

    @model_validator(mode="after")
    def _in_order(self) -> Sessions:
        if not self.access_token < self.idle <= self.longest:
            raise ValueError("access_token must be shorter than idle, and idle no longer than longest")
        return self


class SecondFactor(_Part):
    """One-time passwords by time (RFC 6238), and who must have them."""

    role: str
    digits: int = Field(ge=6, le=8)
    period: int = Field(ge=15, le=120)


class Events(_Part):
    """Keycloak's record of sign-ins and of administrators' acts, and who hears of them as they happen."""

    keep: int = Field(ge=0)
    """How long, in seconds."""
    listeners: list[str]
    notices: bool
    """Whether Keycloak writes to people when what they sign in with has changed."""


class Realm(_Part):
    """The realm."""

    display_name: str
    login_theme: str
    email_theme: str
    registration: Registration
    brute_force: BruteForce
    passwords: str
    sessions: Sessions
    second_factor: SecondFactor
    events: Events
    audience: str = Field(pattern=_NAME)
    roles: dict[str, str]
    web_client: str = Field(pattern=_NAME)
    accounts_client: str = Field(pattern=_NAME)

    @field_validator("roles")
    @classmethod
    def _names(cls, roles: dict[str, str]) -> dict[str, str]:
        for role in roles:
            if not re.match(_NAME, role):
                raise ValueError(f"{role!r} is not a role's name: small letters, digits and hyphens")
        return roles

    @model_validator(mode="after")
    def _known_role(self) -> Realm:
        if self.second_factor.role not in self.roles:
            raise ValueError(f"second_factor.role is {self.second_factor.role!r}, which is not among roles")
        return self


def read_realm(file: Path = FILE) -> Realm:
    """Read the realm; Problem names the file, the field and what is wrong."""
    try:
        return Realm.model_validate(yaml.safe_load(file.read_text()))
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise Problem(f"{file} is not YAML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Problem(f"{file}: {place}: {first['msg']}.") from error
