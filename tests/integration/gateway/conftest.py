"""The running rooms, for tests that need all three."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.integration.gateway.rooms import Rooms


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog, metering and the gateway, running."""
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        rooms = Rooms(Path(folder), new_database, events_url)
        await rooms.prepare()
        await rooms.start_metering()
        await rooms.start_catalog()
        await rooms.start_gateway()
        yield rooms
        await rooms.stop_all()
