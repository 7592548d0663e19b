"""The built-in issuer as it runs, over real HTTP and PostgreSQL, with a client of it and a browser without scripts."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
from authlib.integrations.httpx_client import AsyncOAuth2Client
from psycopg.rows import dict_row
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

import deploy.local.issuer.wiring
from deploy.local.issuer import accounts, passwords
from deploy.local.issuer.settings import WEB_CLIENT, IssuerSettings
from deploy.local.keys import Keys
from gateway.http_server import HttpServer
from shared.database import migrate
from shared.events.log import open_log
from shared.events.topics import load_topics
from tests.servers.ports import free_port

PASSWORD = "correct horse battery"
EMAIL = "Ann@Example.org"
VERIFIER = "a-verifier-of-a-good-length-0123456789-0123456789"
MIGRATIONS = Path(deploy.local.issuer.wiring.__file__).parent / "migrations"


@dataclass
class Stand:
    """A running issuer."""

    folder: Path
    database_url: str
    events_url: str
    verify_email: bool = False
    port: int = field(default_factory=free_port)
    logout_tokens: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Migrate, register the web client and one account, and serve."""
        self.keys = Keys(self.folder)
        self.keys.create()
        self.settings = IssuerSettings(
            public_url=self.url,
            database_url=self.database_url,
            events_url=self.events_url,
            signing_keys=self.keys.issuer_private,
            form_key=self.keys.issuer_forms,
            web_client_secret=self.keys.web_client,
            demo_accounts=self.keys.demo_accounts,
            audience=Keys.AUDIENCE,
            mail_url=f"folder://{self.folder / 'mail'}?from=no-reply@localhost",
            verify_email=self.verify_email,
        )
        await asyncio.to_thread(migrate, self.database_url, MIGRATIONS)
        log = open_log(self.events_url)
        await log.start()
        await log.create_topics(load_topics())
        await log.drain(1)
        self.demo = await asyncio.to_thread(deploy.local.issuer.wiring.prepare, self.settings)
        self.add_account(EMAIL)
        self._service, app = deploy.local.issuer.wiring.build(self.settings)
        await self._service.start()
        routes = [Route("/sign-out/back-channel", self._hear, methods=["POST"]), Mount("/", app)]
        self._http = HttpServer(Router(routes), "127.0.0.1", self.port)
        await self._http.start()

    async def stop(self) -> None:
        """Stop serving."""
        await self._http.drain(2)
        await self._service.drain(5)

    @property
    def url(self) -> str:
        """The origin."""
        return f"http://localhost:{self.port}"

    @property
    def secret(self) -> str:
        """The web client's secret."""
        return self.keys.web_client.read_text()

    @property
    def redirect_uri(self) -> str:
        """Where the web client takes its codes."""
        return f"{self.url}/sign-in/callback"

    def add_account(self, email: str, *roles: str, verified: bool = True) -> accounts.Account:
        """Add an account with the common password."""
        with self.database() as tx:
            added = accounts.add(
                tx,
                email=email,
                name="Ann",
                password_hash=passwords.hash_password(PASSWORD),
                verified=verified,
                roles=roles,
            )
        assert added is not None
        return added

    def database(self) -> psycopg.Connection[psycopg.rows.DictRow]:
        """A connection to the issuer's database."""
        return psycopg.connect(self.database_url, row_factory=dict_row)

    def client(self, **changed: Any) -> AsyncOAuth2Client:
        """The web client, by a public client library."""
        given: dict[str, Any] = {
            "client_id": WEB_CLIENT,
            "client_secret": self.secret,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email roles",
            "code_challenge_method": "S256",
            **changed,
        }
        return AsyncOAuth2Client(**given)

    async def metadata(self) -> dict[str, Any]:
        """What discovery says."""
        async with httpx.AsyncClient() as http:
            found: dict[str, Any] = (await http.get(f"{self.settings.issuer}/.well-known/openid-configuration")).json()
        return found

    async def address(self, **changed: Any) -> str:
        """An authorization request of the web client."""
        metadata = await self.metadata()
        given: dict[str, Any] = {"code_verifier": VERIFIER, "nonce": "the-nonce", "state": "the-state", **changed}
        async with self.client() as client:
            address, _ = client.create_authorization_url(metadata["authorization_endpoint"], **given)
        return str(address)

    async def token(self, **form: str) -> httpx.Response:
        """A token request of the web client, as it is given."""
        async with httpx.AsyncClient() as http:
            return await http.post(f"{self.settings.protocol}/token", data=form, auth=(WEB_CLIENT, self.secret))

    async def redeem(self, code: str, **changed: str) -> httpx.Response:
        """Turn a code into tokens."""
        form = {"redirect_uri": self.redirect_uri, "code_verifier": VERIFIER, **changed}
        return await self.token(grant_type="authorization_code", code=code, **form)

    async def refresh(self, token: str) -> httpx.Response:
        """Turn a refresh token into new tokens."""
        return await self.token(grant_type="refresh_token", refresh_token=token)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, at most fifteen seconds."""
        async with asyncio.timeout(15):
            while not holds():  # noqa: ASYNC110 - what is waited for is in a database or a folder
                await asyncio.sleep(0.02)  # between two looks; the timeout ends the wait

    def mails(self) -> list[str]:
        """Every mail that was sent, the oldest first."""
        files = sorted((self.folder / "mail").glob("**/*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text() for file in files]

    async def _hear(self, request: Request) -> Response:
        form = await request.form()
        self.logout_tokens.append(str(form["logout_token"]))
        return Response()


class Browser:
    """Keeps cookies, follows no redirect unasked, and fills in forms."""

    def __init__(self, stand: Stand) -> None:
        """Begin without cookies."""
        self.stand = stand
        self.http = httpx.AsyncClient(base_url=stand.url)

    async def open(self, address: str) -> httpx.Response:
        """Open a page."""
        self.page = await self.http.get(address)
        return self.page

    async def send(self, **fields: str) -> httpx.Response:
        """Fill in the form of the page and send it."""
        action = re.search(r'<form class="form" action="([^"]+)" method="post">', self.page.text)
        assert action, self.page.text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', self.page.text))
        self.page = await self.http.post(html.unescape(action[1]), data=hidden | fields)
        return self.page

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **changed: Any) -> httpx.Response:
        """Sign in for the web client; gives the answer to the form."""
        await self.open(await self.stand.address(**changed))
        return await self.send(email=email, password=password)

    async def code(self, email: str = EMAIL) -> str:
        """Sign in and give the code."""
        return parameters(await self.sign_in(email))["code"]

    async def tokens(self, email: str = EMAIL) -> dict[str, Any]:
        """Sign in and give the tokens."""
        answer = await self.stand.redeem(await self.code(email))
        given: dict[str, Any] = answer.json()
        assert answer.status_code == 200, given
        return given


def parameters(answer: httpx.Response) -> dict[str, str]:
    """The parameters of the address that an answer leads to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
