"""A repeated request gets the first answer and changes nothing, however many repeats come at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from shared.database import Connection, Database
from shared.errors import Conflict, InvalidInput
from shared.idempotency import ForgetsAnswers, create_tables, forget, once


class Statements:
    """Collects what a migration would run."""

    def __init__(self) -> None:
        self.text = ""

    def execute(self, sqltext: str) -> None:
        self.text += sqltext


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    statements = Statements()
    create_tables(statements)
    database = Database(database_url, max_size=8)
    await database.open()
    async with database.connection() as conn:
        await conn.execute(statements.text)
        await conn.execute("CREATE TABLE effect (id serial)")
    yield database
    await database.close()


def work(conn: Connection, answer: bytes) -> Callable[[], Awaitable[bytes]]:
    async def change() -> bytes:
        await conn.execute("INSERT INTO effect DEFAULT VALUES")
        return answer

    return change


async def ask(database: Database, request_id: str, request: bytes = b"request", answer: bytes = b"answer") -> bytes:
    async with database.transaction() as conn:
        return await once(conn, "/Credit", request_id, request, work(conn, answer))


async def effects(database: Database) -> int:
    async with database.connection() as conn:
        return (await conn.execute("SELECT * FROM effect")).rowcount


async def test_a_repeat_gets_the_first_answer(database: Database) -> None:
    assert await ask(database, "a", answer=b"first") == b"first"
    assert await ask(database, "a", answer=b"second") == b"first"
    assert await effects(database) == 1


async def test_twenty_at_once_have_one_effect(database: Database) -> None:
    answers = await asyncio.gather(*(ask(database, "a", answer=bytes([number])) for number in range(20)))
    assert len(set(answers)) == 1
    assert await effects(database) == 1


async def test_the_same_id_with_another_request_is_a_conflict(database: Database) -> None:
    await ask(database, "a", b"one page")
    with pytest.raises(Conflict) as conflict:
        await ask(database, "a", b"two pages")
    assert conflict.value.reason == "REQUEST_ID_REUSED"
    assert await effects(database) == 1


async def test_other_ids_are_other_requests(database: Database) -> None:
    await ask(database, "a")
    await ask(database, "b")
    assert await effects(database) == 2


async def test_work_that_fails_leaves_the_id_unused(database: Database) -> None:
    async def failing() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        async with database.transaction() as conn:
            await once(conn, "/Credit", "a", b"request", failing)
    assert await ask(database, "a", answer=b"second try") == b"second try"


@pytest.mark.parametrize("request_id", ["", "x" * 201])
async def test_an_id_of_no_use_is_refused(database: Database, request_id: str) -> None:
    with pytest.raises(InvalidInput):
        await ask(database, request_id)


async def test_old_answers_are_forgotten_and_young_ones_are_kept(database: Database) -> None:
    await ask(database, "old")
    async with database.connection() as conn:
        await conn.execute("UPDATE answered_request SET answered_at = now() - interval '8 days'")
    await ask(database, "young")
    async with database.connection() as conn:
        assert await forget(conn, older_than=timedelta(days=7)) == 1
    await ask(database, "young")
    assert await effects(database) == 2


async def test_a_service_forgets_by_itself(database: Database) -> None:
    await ask(database, "old")
    part = ForgetsAnswers(database, older_than=timedelta(0))
    await part.start()
    async with asyncio.timeout(10):
        async with database.connection() as conn:
            while (await conn.execute("SELECT * FROM answered_request")).rowcount:  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(0.01)
    await part.drain(0)
