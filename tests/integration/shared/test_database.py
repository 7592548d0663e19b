"""The pool outlives its server's restarts, and a transaction is whole or nothing, whatever ends it."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from shared.database import Database
from shared.errors import CannotStart, Unavailable


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, min_size=2, max_size=4, timeout=5)
    await database.open()
    async with database.connection() as conn:
        await conn.execute("CREATE TABLE entry (id int PRIMARY KEY)")
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.connection() as conn:
        row = await (await conn.execute("SELECT count(*) AS n FROM entry")).fetchone()
        assert row is not None
        return int(row["n"])


async def end_every_session(url: str) -> int:
    """What a restart of the server does to the pool; gives how many sessions there were."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as admin:
        cursor = await admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return len(await cursor.fetchall())


async def test_what_a_transaction_did_stays(database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute("INSERT INTO entry VALUES (1)")
    assert await count(database) == 1


async def test_an_exception_takes_it_all_back(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as conn:
            await conn.execute("INSERT INTO entry VALUES (1)")
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await count(database) == 0


async def test_a_cancelled_transaction_is_taken_back_and_its_connection_is_used_again(database: Database) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as conn:
            await conn.execute("INSERT INTO entry VALUES (1)")
            begun.set()
            await conn.execute("SELECT pg_sleep(60)")

    tasks = [asyncio.create_task(work())]
    await begun.wait()
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await count(database) == 0


async def test_no_request_fails_after_a_restart_that_happened_between_requests(
    database: Database, database_url: str
) -> None:
    async with database.connection(), database.connection(), database.connection():
        pass  # three sessions lie in the pool now
    assert await end_every_session(database_url) >= 3
    for _ in range(4):
        assert await count(database) == 0


async def test_a_restart_in_the_midst_of_a_transaction_is_unavailable_and_the_next_one_works(
    database: Database, database_url: str
) -> None:
    async def be_interrupted() -> None:
        async with database.transaction() as conn:
            await conn.execute("INSERT INTO entry VALUES (1)")
            await end_every_session(database_url)
            await conn.execute("INSERT INTO entry VALUES (2)")

    with pytest.raises(Unavailable) as away:
        await be_interrupted()
    assert away.value.reason == "DATABASE_AWAY"
    assert await count(database) == 0


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("cannot exit pipeline mode while busy"),
        psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
    ],
    ids=("of the client library", "of the server"),
)
async def test_an_error_that_says_farewell_is_unavailable_before_the_socket_is_closed(
    database: Database, error: psycopg.Error
) -> None:
    with pytest.raises(Unavailable):
        async with database.connection():
            raise error


async def test_an_error_of_the_statement_is_not_mistaken_for_an_absent_server(database: Database) -> None:
    async with database.transaction() as holder:
        await holder.execute("LOCK TABLE entry")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            await lock_without_waiting(database)


async def lock_without_waiting(database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute("LOCK TABLE entry NOWAIT")


async def test_a_pool_that_is_used_up_says_so_in_time(database_url: str) -> None:
    database = Database(database_url, max_size=1, timeout=0.2)
    await database.open()
    try:
        async with database.connection():
            with pytest.raises(Unavailable):
                async with database.connection():
                    pass
    finally:
        await database.close()


async def test_times_are_in_utc_whatever_the_server_prefers(database: Database) -> None:
    async with database.connection() as conn:
        row = await (await conn.execute("SHOW timezone")).fetchone()
    assert row == {"TimeZone": "UTC"}


async def test_a_connection_that_holds_an_unread_notice_is_lent_all_the_same(database_url: str) -> None:
    database = Database(database_url, max_size=1)
    await database.open()
    try:
        async with database.connection() as conn:
            await conn.execute("LISTEN news")
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute("NOTIFY news")
        async with database.connection() as conn:
            assert (await conn.execute("SELECT 1")).rowcount == 1
    finally:
        await database.close()


async def test_a_server_that_is_not_there_is_named_at_the_start_without_the_password() -> None:
    with pytest.raises(CannotStart, match="did not answer within") as problem:
        await Database("postgresql://user:open-sesame@127.0.0.1:1/name", timeout=0.3).open()
    assert "127.0.0.1" in str(problem.value)
    assert "open-sesame" not in str(problem.value)
