"""Signing in and out by the issuer: authorization code with PKCE, state, nonce and `iss`; the tokens stay here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import Counter

from gateway.accounts.deleted import DeletedAccounts
from gateway.accounts.notices import Notices
from gateway.auth.access_token import AccessTokens
from gateway.auth.browser_secrets import hashed
from gateway.auth.cookies import SignInCookies
from gateway.auth.guest_merges import GuestMerges
from gateway.auth.id_token import IdTokens
from gateway.auth.issuer import Issuer, Tokens
from gateway.auth.keeper import SessionKeeper
from gateway.auth.known_places import KEPT_DAYS, Place
from gateway.auth.logins import Login, Logins
from gateway.auth.logout_token import LogoutTokens
from gateway.auth.second_factor import SecondFactor
from gateway.auth.sessions import Held, NewSession, Session
from shared.errors import Denied, DomainError, InvalidInput

SIGN_INS = Counter("gateway_sign_ins_total", "Sign-ins that came back from the issuer, by outcome.", ["outcome"])


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that begins: where the browser goes, and what it takes along."""

    address: str
    state: str
    browser: str
    """The secret that binds the sign-in to this browser."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that succeeded."""

    secret: str
    next: str


class SignIn:
    """The site's sign-in."""

    def __init__(
        self,
        *,
        issuer: Issuer,
        logins: Logins,
        keeper: SessionKeeper,
        access_tokens: AccessTokens,
        id_tokens: IdTokens,
        logout_tokens: LogoutTokens,
        merges: GuestMerges,
        cookies: SignInCookies,
        second_factor: SecondFactor,
        deleted: DeletedAccounts,
        notices: Notices,
    ) -> None:
        """Take the issuer, the records, what checks its tokens, knows who is gone and writes to people."""
        public_url = notices.public_url
        self.keeper = keeper
        self.cookies = cookies
        self._issuer = issuer
        self._logins = logins
        self._access_tokens = access_tokens
        self._id_tokens = id_tokens
        self._logout_tokens = logout_tokens
        self._merges = merges
        self._second_factor = second_factor
        self._deleted = deleted
        self._notices = notices
        self._redirect_uri = f"{public_url}/sign-in/callback"
        self._home = f"{public_url}/"

    @property
    def issuer(self) -> str:
        """The issuer's name, which is its address for browsers."""
        return self._issuer.issuer

    async def begin(
        self, *, next_path: str, guest: str, extra: Mapping[str, str], second_factor: bool = False
    ) -> Begun:
        """Begin a sign-in; `extra` goes to the issuer, e.g. prompt=create. Unavailable while the issuer is away.

        With `second_factor` the issuer is asked for it, also of a person who has signed in without.
        """
        await self._issuer.endpoints()  # before anything is written down
        state, browser, login = await self._logins.begin(next_path=next_path, guest=guest, second_factor=second_factor)
        if second_factor:
            classes = " ".join(self._second_factor.classes)
            extra = {**extra, **({"acr_values": classes} if classes else {"prompt": "login"})}
        address = await self._issuer.sign_in_address(
            redirect_uri=self._redirect_uri, state=state, nonce=login.nonce, verifier=login.verifier, extra=extra
        )
        return Begun(address, state, browser)

    async def finish(self, answer: Mapping[str, str], browser: str, *, place: Place, before: str) -> SignedIn:
        """Take the issuer's answer and make a session; domain errors say what does not hold.

        `browser` is the value of the cookie of this sign-in, `before` that of the session cookie.
        """
        try:
            signed_in = await self._finish(answer, browser, place=place, before=before)
        except DomainError as error:
            SIGN_INS.labels(error.reason).inc()
            raise
        SIGN_INS.labels("signed in").inc()
        return signed_in

    async def _finish(self, answer: Mapping[str, str], browser: str, *, place: Place, before: str) -> SignedIn:
        login = await self._logins.take(answer.get("state", ""), browser)
        if login is None:
            raise InvalidInput(
                "SIGN_IN_UNKNOWN",
                "This sign-in was begun in another browser or more than ten minutes ago, or it is finished already:"
                " sign in again.",
            )
        named = answer.get("iss")
        if (named is None and (await self._issuer.endpoints()).names_itself) or named not in (
            None,
            self._issuer.issuer,
        ):
            raise Denied("ISSUER_FOREIGN", "The answer came from another issuer than this site's: sign in again.")
        if "error" in answer or not answer.get("code"):
            raise Denied("SIGN_IN_REFUSED", "You are not signed in: the sign-in was given up or refused.")
        tokens = await self._issuer.exchange(answer["code"], verifier=login.verifier, redirect_uri=self._redirect_uri)
        new = await self._checked(tokens, login, place)
        notice = self._notices.new_sign_in(new.held.email, place.device, KEPT_DAYS)
        secret = await self.keeper.sessions.make(new, guest=login.guest, instead_of=before, notice=notice)
        self.keeper.forget(hashed(before))
        if login.guest:
            await self._merges.merge_now(login.guest, new.subject)
        return SignedIn(secret, login.next)

    async def _checked(self, tokens: Tokens, login: Login, place: Place) -> NewSession:
        person = await self._id_tokens.at_sign_in(tokens.id, nonce=login.nonce, access_token=tokens.access)
        access = await self._access_tokens.of_client(tokens.access, self._issuer.client)
        if access.principal.id != person.subject:
            raise Denied("TOKENS_DIFFER", "The issuer's tokens name two accounts: sign in again.")
        if await self._deleted.holds(person.subject):  # the issuer has not removed it yet, or goes on having it
            raise Denied("ACCOUNT_DELETED", "This account was deleted: register to begin anew.")
        if login.second_factor and access.held_back:  # leading on to the page would lead here again
            raise Denied(
                "SECOND_FACTOR_MISSING",
                "The sign-in was asked for your second factor and did not show one: tell the operator of this site.",
            )
        return NewSession(
            person.subject,
            person.issuer_session,
            access.principal.roles,
            access.held_back,
            Held(tokens.access, tokens.refresh, tokens.id, person.name, person.email),
            place,
            datetime.fromtimestamp(access.expires, UTC),
        )

    async def end(self, session: Session) -> str:
        """End a session here; gives where the browser ends the issuer's own, or home when the issuer is away."""
        await self.keeper.sessions.end(session.id_hash)
        self.keeper.forget(session.id_hash)
        return await self._way_out(session)

    async def end_everywhere(self, session: Session) -> str:
        """End every session of the account, here and at the issuer."""
        others = [each for each in await self.keeper.sessions.of_account(session.subject) if each != session]
        notice = self._notices.signed_out_everywhere(session.held.email)
        self.keeper.forget(*await self.keeper.sessions.end_all(session.subject, notice))
        for other in others:
            try:
                if other.held.refresh:
                    await self._issuer.revoke(other.held.refresh)
            except DomainError:
                break  # away: what it holds itself ends there in its own time; nothing of it works here any more
        return await self._way_out(session)

    async def hear_logout(self, token: str) -> None:
        """End what a logout token of the issuer names; InvalidInput for one that does not hold or served before."""
        told = await self._logout_tokens.read(token)
        ended = await self.keeper.sessions.end_told(told)
        if ended is None:
            raise InvalidInput("LOGOUT_TOKEN_USED", "The logout token is refused: it has served before.")
        self.keeper.forget(*ended)

    async def _way_out(self, session: Session) -> str:
        try:
            address = await self._issuer.sign_out_address(id_token=session.held.id_token, back_to=self._home)
        except DomainError:
            address = ""
        return address or "/"
