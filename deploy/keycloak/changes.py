"""What differs between what is wanted and what is found, and the words to show it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.keycloak.wanted import Fields

WHOLE = frozenset({"smtpServer"})
"""Fields that are compared as a whole: what is in them and not wanted is a difference too."""
HIDDEN = frozenset({"password", "secret"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what it is and what it will be."""

    name: str
    found: object
    wanted: object

    def __str__(self) -> str:
        """Write the field and both values."""
        return f"{self.name}: {_written(self.found)} -> {_written(self.wanted)}"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of the realm that has to be made or changed, and how."""

    verb: Literal["create", "change"]
    what: str
    act: Callable[[], object]
    differences: tuple[Difference, ...] = field(default=())


def differences(wanted: Fields, found: Fields, path: str = "") -> tuple[Difference, ...]:
    """The wanted fields that are found otherwise; fields that nobody asked for do not count."""
    told: list[Difference] = []
    for name, value in wanted.items():
        have = found.get(name)
        if isinstance(value, dict) and name not in WHOLE:
            told += differences(value, have if isinstance(have, dict) else {}, f"{path}{name}.")
        elif _plain(value) != _plain(have):
            told.append(Difference(path + name, _plain(have), _plain(value)))
    return tuple(told)


def merged(wanted: Fields, found: Fields) -> Fields:
    """The representation to send: the found one with the wanted fields in it."""
    both = dict(found)
    for name, value in wanted.items():
        have = found.get(name)
        both[name] = merged(value, have) if isinstance(value, dict) and isinstance(have, dict) else value
    return both


def _plain(value: Any) -> Any:
    """A value without what does not count: the order of a list, nothing for empty, a password that is never told."""
    if isinstance(value, dict):
        return {name: str(part) for name, part in sorted(value.items()) if name not in HIDDEN} or None
    if isinstance(value, list | tuple):
        return sorted(value) or None
    return None if value == "" else value


def _written(value: object) -> str:
    if value is None:
        return "nothing"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
