"""What a call carries, for the code that answers it: its principal, its deadline, its request id."""

import asyncio
from contextvars import ContextVar

from shared.errors import Denied, Unauthenticated
from shared.identity import Principal

principal: ContextVar[Principal | None] = ContextVar("principal", default=None)
deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
"""When the caller stops waiting, in seconds of the event loop's clock."""


def current_principal() -> Principal:
    """Give the principal of the call that is being answered; Unauthenticated when it has none."""
    current = principal.get()
    if current is None:
        raise Unauthenticated("INTERNAL_TOKEN_MISSING", "The call carries no internal token that names its principal.")
    return current


def require_role(*roles: str) -> Principal:
    """Give the principal when it has one of the roles; Denied otherwise."""
    current = current_principal()
    if current.roles.isdisjoint(roles):
        raise Denied("ROLE_MISSING", f"This needs the role {' or '.join(roles)}.")
    return current


def remaining_time() -> float | None:
    """Give the seconds that the caller still waits; None outside of a call."""
    ends = deadline.get()
    return None if ends is None else max(0.0, ends - asyncio.get_running_loop().time())
