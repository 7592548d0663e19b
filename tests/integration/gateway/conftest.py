"""The running rooms, for tests that need all three."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.integration.gateway.rooms import Rooms, running_rooms


@pytest.fixture
async def rooms(new_database: Callable[[str], str], events_url: str) -> AsyncIterator[Rooms]:
    """Catalog, metering and the gateway, running."""
    async with running_rooms(new_database, events_url) as rooms:
        yield rooms
