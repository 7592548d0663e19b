"""People at their browsers: they sign in at the built-in issuer, at the gateway's origin."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from deploy.local.issuer import wiring
from deploy.local.issuer.settings import WEB_CLIENT, IssuerSettings
from deploy.local.migrations import PACKAGES
from shared.database import migrate
from shared.service import Service
from tests.integration.gateway.rooms import Rooms

PASSWORD = "a long enough phrase"
ISSUER_MIGRATIONS = Path(__file__).parents[3] / PACKAGES["identity"].replace(".", "/") / "migrations"


class SignInRooms(Rooms):
    """The rooms with the built-in issuer behind the gateway."""

    gateway_options: Mapping[str, Any] = MappingProxyType({})
    """Settings of the gateway beside the usual ones."""

    async def start_with_issuer(self, identity_url: str) -> None:
        """Start the gateway and the issuer at its origin."""
        self.issuer = IssuerSettings(
            public_url=self.url,
            database_url=identity_url,
            events_url=self.gateway_settings().events_url,
            signing_keys=self.keys.issuer_private,
            form_key=self.keys.issuer_forms,
            web_client_secret=self.keys.web_client,
            demo_accounts=self.keys.demo_accounts,
            audience=self.keys.AUDIENCE,
            mail_url=f"folder://{self.folder / 'mail'}?from=no-reply@localhost",
        )
        await asyncio.to_thread(migrate, identity_url, ISSUER_MIGRATIONS)
        await asyncio.to_thread(wiring.prepare, self.issuer)
        issuer, gateway = self.both()
        await self._start("issuer", issuer)
        await self._start("gateway", gateway)

    def both(self) -> tuple[Service, Service]:
        """The issuer and the gateway before it."""
        settings = self.gateway_settings(
            oidc_client_id=WEB_CLIENT,
            oidc_client_secret_file=self.keys.web_client,
            session_keys_file=self.keys.session,
            issuer_hears_deletions=True,
            mail_url=self.issuer.mail_url,
            **self.gateway_options,
        )
        issuer, gateway = wiring.build_gateway(settings, self.issuer)
        return issuer, gateway


@asynccontextmanager
async def sign_in_rooms(
    folder: Path, new_database: Callable[[str], str], events_url: str, **gateway_options: Any
) -> AsyncIterator[SignInRooms]:
    """All rooms, running, with sign-in."""
    rooms = SignInRooms(folder, new_database, events_url)
    rooms.gateway_options = gateway_options
    try:
        await rooms.prepare()
        await rooms.start_metering()
        await rooms.start_catalog()
        await rooms.start_with_issuer(new_database("identity"))
        yield rooms
    finally:
        await rooms.stop_all()


def browser(rooms: Rooms) -> httpx.AsyncClient:
    """A browser with cookies of its own, which follows redirects."""
    return httpx.AsyncClient(base_url=rooms.url, follow_redirects=True, headers={"User-Agent": "Firefox on Linux"})


def form_fields(page: str, action: str = "") -> tuple[str, dict[str, str]]:
    """The address and the hidden fields of the form whose address contains `action`, outside the header."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        address = re.search(r'action="([^"]*)"', form)
        if address is None or (action or "login-actions") not in address[1]:
            continue
        hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
        return unescape(address[1]), {name: unescape(value) for name, value in hidden}
    raise AssertionError(f"the page has no form to {action}: {page[:3000]}")


async def register(person: httpx.AsyncClient, email: str, next_path: str = "/") -> httpx.Response:
    """Register at the issuer; gives the page that the person lands on."""
    form = await person.get("/register", params={"next": next_path})
    address, hidden = form_fields(form.text)
    filled = hidden | {"name": "Ada Coder", "email": email, "password": PASSWORD, "password_again": PASSWORD}
    return await person.post(address, data=filled, headers=own(person))


async def sign_in(person: httpx.AsyncClient, email: str, next_path: str = "/") -> httpx.Response:
    """Sign in at the issuer; gives the page that the person lands on."""
    form = await person.get("/sign-in", params={"next": next_path})
    address, hidden = form_fields(form.text)
    return await person.post(address, data=hidden | {"email": email, "password": PASSWORD}, headers=own(person))


def own(person: httpx.AsyncClient) -> dict[str, str]:
    """The Origin that a browser names when a form of this site is sent."""
    return {"Origin": str(person.base_url).rstrip("/")}
