"""What the browser tests ask for: a running platform, a browser, and readers with and without an account."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.e2e.issuers import BuiltIn, Site, on_keycloak
from tests.e2e.platform import Platform, prepared, running_platform
from tests.polling import found_by_search
from tests.servers.chromium import find_chromium
from tests.servers.source import NotAvailableError

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Open = Callable[..., Awaitable[Page]]
_PREPARING = pytest.StashKey[Thread]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let one worker prepare the platform beside the tests that come before those of the browser."""
    asked = any(Path(__file__).parent in item.path.parents for item in session.items)
    if asked and "PLATFORM_URL" not in os.environ and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        with suppress(NotAvailableError):
            find_chromium()
            session.config.stash[_PREPARING] = thread = Thread(target=prepared, name="preparing a platform")
            thread.start()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that is broken off leaves no platform behind."""
    thread = session.config.stash.get(_PREPARING, None)
    if thread is not None:
        thread.join()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, chromium_path: Path) -> Iterator[Platform]:
    """One platform for all browser tests; not started where there is no browser."""
    assert chromium_path
    with running_platform(tmp_path_factory.mktemp("platform") / "state") as running:
        yield running


@pytest.fixture(scope="session", params=["built-in", pytest.param("keycloak", marks=pytest.mark.long)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A platform whose people sign in at the built-in issuer, and one on a real Keycloak."""
    assert request.getfixturevalue("chromium_path")
    if request.param == "built-in":
        yield BuiltIn(request.getfixturevalue("platform"))
        return
    with on_keycloak(request.getfixturevalue("keycloak"), tmp_path_factory.mktemp("on-keycloak")) as running:
        yield running


@pytest.fixture
async def browser(chromium_path: Path) -> AsyncIterator[Browser]:
    """A browser with a new profile."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium_path, args=list(ARGUMENTS))
        yield launched
        await launched.close()


@pytest.fixture
def new_page(browser: Browser, platform: Platform) -> Open:
    """Opens a tab of a new reader: a guest, or an account by its access token."""

    async def open_page(token: str = "", **options: Any) -> Page:  # playwright's own options
        if token:
            options["extra_http_headers"] = {"Authorization": f"Bearer {token}"}
        context = await browser.new_context(base_url=platform.url, **options)
        return await context.new_page()

    return open_page


@pytest.fixture
def new_reader(browser: Browser, site: Site) -> Open:
    """Opens a tab of a new person in a browser of its own, on the platform of an issuer."""

    async def open_page(**options: Any) -> Page:  # playwright's own options
        context = await browser.new_context(base_url=site.platform.url, **options)
        return await context.new_page()

    return open_page


@pytest.fixture(scope="session")
def search_stands(platform: Platform) -> None:
    """Search has built its first index, which is made beside the first pages."""
    found_by_search(platform.url, "E11.9")


@pytest.fixture(scope="session")
def free_token(platform: Platform) -> str:
    """An account on the free plan."""
    return platform.token("reader-of-pages")


@pytest.fixture(scope="session")
def editor_token(platform: Platform) -> str:
    """An account that may work through the queue of error reports."""
    return platform.token("editor-of-pages", "operator")
