"""Roles that act only with a second factor: held back from whoever has not shown one, until a sign-in that did.

An access token says how its person signed in: by a class (acr), by methods (amr), or both. A role that is held back
reaches neither the table of rights nor a service; who has it is led to a sign-in with the second factor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import Denied

OPERATORS = frozenset({"operator"})
TWO_FACTORS = "2"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Which roles need it, and which words of a token show it."""

    roles: frozenset[str] = OPERATORS
    classes: tuple[str, ...] = (TWO_FACTORS,)
    """Values of acr that stand for it; a sign-in asks for them in this order."""
    methods: frozenset[str] = frozenset()
    """Values of amr that stand for it."""

    def held_back(self, claims: Mapping[str, Any], roles: frozenset[str]) -> frozenset[str]:
        """Give those of a person's roles that its token does not carry far enough."""
        return frozenset() if self._shown(claims) else roles & self.roles

    def _shown(self, claims: Mapping[str, Any]) -> bool:
        methods = claims.get("amr")
        named = methods if isinstance(methods, list) else []
        return claims.get("acr") in self.classes or any(
            isinstance(method, str) and method in self.methods for method in named
        )


def needed() -> Denied:
    """Refuse a caller who has the role that something asks for, and signed in without a second factor."""
    return Denied(
        "SECOND_FACTOR_NEEDED",
        "This needs a sign-in with your second factor: open the page again, or send an access token of such a sign-in.",
    )
