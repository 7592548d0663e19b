"""A running issuer for each test, and a browser for it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.integration.issuer.stand import Browser, Stand


@pytest.fixture
async def stand(tmp_path: Path, database_url: str, events_url: str) -> AsyncIterator[Stand]:
    """An issuer that asks for no verification of addresses."""
    running = Stand(tmp_path, database_url, events_url)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def strict_stand(tmp_path: Path, new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Stand]:
    """An issuer that has addresses verified."""
    running = Stand(tmp_path, new_database("identity"), events_url, verify_email=True)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def browser(stand: Stand) -> AsyncIterator[Browser]:
    """A browser of a new person."""
    opened = Browser(stand)
    yield opened
    await opened.http.aclose()
