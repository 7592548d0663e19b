"""Nothing is granted beyond a limit, whatever happens at the same time; and the test that says so can fail."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from services.metering.adapters.postgres import PostgresStore, PostgresTransaction
from services.metering.decision import PageView, Situation
from services.metering.ledger import Changes
from shared.clock import Clock
from shared.database import Database
from tests.integration.metering.storm import run_storm


class CheckThenActTransaction(PostgresTransaction):
    """The classic mistake: read, think, write, and no lock in between."""

    async def lock(self, principals: Collection[str]) -> None:
        """Make the rows, and forget to lock them: committed at once, they are locked by nobody."""
        async with self._store._database.transaction() as conn:
            await PostgresTransaction(self._store, conn).lock(principals)

    async def situations(self, views: Sequence[PageView]) -> list[Situation]:
        """Read, and think for a moment."""
        found = await super().situations(views)
        await asyncio.sleep(0.002)
        return found


class CheckThenActStore(PostgresStore):
    """A store whose transactions make that mistake."""

    async def commit(self, changes: Changes) -> dict[str, int]:  # noqa: ARG002
        """Write nobody, so that everything is decided in a transaction."""
        return {}

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        """Begin a transaction without locks."""
        async with super().transaction() as tx:
            yield CheckThenActTransaction(self, tx._conn)


class ForgetfulStore(PostgresStore):
    """A store that writes over whatever the reader has become since it was read."""

    async def commit(self, changes: Changes) -> dict[str, int]:
        """Write for every reader at the revision it happens to have."""
        names = list(changes.readers)
        present = zip(names, (await self.revisions(names)).revisions, strict=True)
        for name, revision in present:
            changes.readers[name] = replace(changes.readers[name], revision=revision or 0)
        return await super().commit(changes)


def check_then_act(database: Database, clock: Clock) -> PostgresStore:
    """The mutant."""
    return CheckThenActStore(database, clock=clock, timeout=60)


def forgetful(database: Database, clock: Clock) -> PostgresStore:
    """The other mutant."""
    return ForgetfulStore(database, clock=clock, timeout=60)


async def test_a_storm_breaks_no_promise(database_url: str) -> None:
    assert await run_storm(database_url, 5_000) == []


async def test_a_meter_that_checks_and_then_acts_is_caught(database_url: str) -> None:
    broken = await run_storm(database_url, 3_000, store_of=check_then_act)
    assert any(re.search(r"page \d+ of \d+ in window", sentence) for sentence in broken), "pages beyond the limit"
    assert any("the counters have" in sentence for sentence in broken), "counters that lost a page"


async def test_a_meter_that_writes_over_what_has_changed_is_caught(database_url: str) -> None:
    broken = await run_storm(database_url, 3_000, store_of=forgetful)
    assert any(re.search(r"page \d+ of \d+ in window", sentence) for sentence in broken), "pages beyond the limit"
    assert any("the counters have" in sentence for sentence in broken), "counters that lost a page"


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [11, 12])
async def test_a_hundred_thousand_decisions_break_no_promise(database_url: str, seed: int) -> None:
    assert await run_storm(database_url, 100_000, seed=seed) == []
