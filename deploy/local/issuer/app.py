"""The issuer's routes. A request is read in the event loop, answered in a thread inside one transaction, and what it
sends to others goes out after the commit.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import anyio
import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from deploy.local.issuer import account_page, information, recovery, registration, sign_in, sign_out
from deploy.local.issuer.asked import Asked, read
from deploy.local.issuer.logout_notices import LogoutNotices
from deploy.local.issuer.settings import REALM, IssuerSettings
from deploy.local.issuer.signing import SigningKeys
from deploy.local.issuer.tokens import Tokens
from deploy.local.issuer.visit import Visit
from shared.errors import Denied, Unavailable
from shared.mail import WaitingMails

Handler = Callable[[Visit], Response]
THREADS = 6

BASE = f"/realms/{REALM}"
PROTOCOL = f"{BASE}/protocol/openid-connect"
ACTIONS = f"{BASE}/login-actions"


class Issuer:
    """The issuer as a part that starts and drains, and as an application."""

    name = "issuer"

    def __init__(self, settings: IssuerSettings, mails: WaitingMails) -> None:
        """Take the settings, and the queue of mails; nothing runs before the start."""
        self._settings = settings
        self._keys = SigningKeys(settings.signing_keys)
        self._tokens = Tokens(settings, self._keys)
        self._form_key = base64.b64decode(settings.form_key.read_text())
        self._mails = mails
        self._notices = LogoutNotices()
        self._pool: ConnectionPool[psycopg.Connection[DictRow]] = ConnectionPool(
            settings.database_url, kwargs={"row_factory": dict_row}, min_size=1, max_size=THREADS, open=False,
            check=ConnectionPool.check_connection,
        )  # fmt: skip
        self._threads: anyio.CapacityLimiter | None = None
        self.app = Router(self._routes())

    async def start(self) -> None:
        """Open the pool."""
        self._threads = anyio.CapacityLimiter(THREADS)
        await anyio.to_thread.run_sync(lambda: self._pool.open(wait=True))

    async def drain(self, grace: float) -> None:
        """Tell clients what they are to be told, and close the pool."""
        await self._notices.drain(grace)
        await anyio.to_thread.run_sync(self._pool.close)

    def _routes(self) -> list[Route]:
        def at(path: str, get: Handler | None = None, post: Handler | None = None) -> Route:
            handlers = {method: handler for method, handler in (("GET", get), ("POST", post)) if handler}

            async def answer(request: Request) -> Response:
                method = "GET" if request.method == "HEAD" else request.method
                return await self._answer(handlers[method], await read(request))

            return Route(path, answer, methods=list(handlers))

        return [
            at(f"{BASE}/.well-known/openid-configuration", information.discovery),
            at(f"{PROTOCOL}/certs", information.certificates),
            at(f"{PROTOCOL}/auth", sign_in.authorize, sign_in.authorize),
            at(f"{PROTOCOL}/registrations", registration.form),
            at(f"{PROTOCOL}/token", None, information.token),
            at(f"{PROTOCOL}/revoke", None, information.revoke),
            at(f"{PROTOCOL}/userinfo", information.userinfo, information.userinfo),
            at(f"{PROTOCOL}/logout", sign_out.end_session, sign_out.end_session),
            at(f"{BASE}/account", account_page.page, account_page.change_password),
            at(f"{ACTIONS}/authenticate", sign_in.authorize, sign_in.sign_in),
            at(f"{ACTIONS}/second-factor", sign_in.second_factor_page, sign_in.take_second_factor),
            at(f"{ACTIONS}/registration", registration.form, registration.register),
            at(f"{ACTIONS}/unverified", recovery.unverified_page, recovery.send_verification_again),
            at(f"{ACTIONS}/verify-email", recovery.verify_email, recovery.take_verification),
            at(f"{ACTIONS}/reset-credentials", recovery.forgotten_page, recovery.send_reset),
            at(f"{ACTIONS}/new-password", recovery.new_password_page, recovery.take_new_password),
        ]

    async def _answer(self, handler: Handler, asked: Asked) -> Response:
        done = await anyio.to_thread.run_sync(self._work, handler, asked, limiter=self._threads)
        self._notices.send(done.visit.notices)
        if done.visit.mails:
            self._mails.wake()
        return done.response

    def _work(self, handler: Handler, asked: Asked) -> "_Done":
        try:
            with self._pool.connection() as tx:
                visit = Visit(asked, tx, self._settings, self._keys, self._tokens, self._form_key)
                try:
                    response = handler(visit)
                except Denied as refused:
                    response = visit.error_page(refused.http_status, refused.message)
                return _Done(visit, visit.finish(response))
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise Unavailable("DATABASE_AWAY", "The database does not answer at the moment.") from error


@dataclass(frozen=True)
class _Done:
    visit: Visit
    response: Response
