"""Where an account's owner reads mail, when nobody is there who signs in: as sessions say, or else the issuer."""

from __future__ import annotations

from gateway.accounts.issuer_accounts import IssuerAccounts
from gateway.auth.sign_in import SignIn


class Addresses:
    """Knows addresses of accounts."""

    def __init__(self, sign_in: SignIn | None, issuer: IssuerAccounts) -> None:
        """Take the site's sign-in, where it has one, and the issuer."""
        self._sign_in = sign_in
        self._issuer = issuer

    async def of(self, account: str) -> str:
        """Give the address of an account (its id); empty where nobody knows one."""
        address = await self._sign_in.keeper.sessions.email_of(account) if self._sign_in is not None else ""
        return address or await self._issuer.address_of(account)
