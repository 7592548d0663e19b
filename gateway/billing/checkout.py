"""The checkout: where a reader pays. Stripe's hosted page, or on one machine a page that says what it is."""

from dataclasses import dataclass
from typing import Protocol

LOCAL_PATH = "/local/checkout"


class Checkout(Protocol):
    """Opens the page on which an account pays for the plan pro."""

    async def address(self, account: str, email: str, once: str) -> str:
        """Give the address of the page, the same one for the same wish (`once`); Unavailable when there is none now."""
        ...

    async def end(self, subscription: str) -> None:
        """End a subscription at once; ended before is fine. Unavailable when the provider does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class LocalCheckout:
    """One machine: our own page, on which nobody pays."""

    async def address(self, account: str, email: str, once: str) -> str:  # noqa: ARG002 - the page knows its reader
        """Give the page's path."""
        return LOCAL_PATH

    async def end(self, subscription: str) -> None:
        """Do nothing: nobody pays."""
