"""Migrations land whole or not at all, once, from however many starters, beside a running event loop."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from shared.database import migrate
from shared.errors import CannotStart

NewDatabase = Callable[[str], str]

ENV = """
from alembic import context
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = """
from alembic import op
revision = {revision!r}
down_revision = {before!r}
def upgrade():
    op.execute({sql!r})
"""


def folder(parent: Path, name: str, *statements: str) -> Path:
    """A folder of migrations, one a statement, with revisions 1, 2, 3 ..."""
    versions = parent / name / "versions"
    versions.mkdir(parents=True)
    (parent / name / "env.py").write_text(ENV)
    for number, sql in enumerate(statements, 1):
        before = str(number - 1) if number > 1 else None
        text = REVISION.format(revision=str(number), before=before, sql=sql)
        (versions / f"{number}_.py").write_text(text)
    return parent / name


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as conn:
        rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_every_revision_is_run_once(database_url: str, tmp_path: Path) -> None:
    migrations = folder(tmp_path, "one", "CREATE TABLE a (id int)", "CREATE TABLE b (id int)")
    migrate(database_url, migrations)
    migrate(database_url, migrations)
    assert tables(database_url) == {"a", "b", "alembic_version"}


def test_a_revision_that_fails_takes_those_before_it_along(database_url: str, tmp_path: Path) -> None:
    migrations = folder(tmp_path, "one", "CREATE TABLE a (id int)", "CREATE TABLE a (id int)")
    with pytest.raises(Exception, match="already exists"):
        migrate(database_url, migrations)
    assert tables(database_url) == set()


async def test_two_starters_at_once_beside_a_running_loop(database_url: str, tmp_path: Path) -> None:
    migrations = folder(tmp_path, "one", "SELECT pg_sleep(0.2); CREATE TABLE a (id int)")
    await asyncio.gather(*(asyncio.to_thread(migrate, database_url, migrations) for _ in range(3)))
    assert tables(database_url) == {"a", "alembic_version"}


async def test_two_processes_at_once(database_url: str, tmp_path: Path) -> None:
    migrations = folder(tmp_path, "one", "SELECT pg_sleep(0.5); CREATE TABLE a (id int)")
    script = "import sys, pathlib; from shared.database import migrate; migrate(sys.argv[1], pathlib.Path(sys.argv[2]))"
    starters = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", script, database_url, str(migrations), cwd=ROOT)
        for _ in range(2)
    ]
    assert [await starter.wait() for starter in starters] == [0, 0]
    assert tables(database_url) == {"a", "alembic_version"}


async def test_a_database_that_is_the_newest_costs_a_query(database_url: str, tmp_path: Path) -> None:
    migrations = folder(tmp_path, "one", "CREATE TABLE a (id int)", "CREATE TABLE b (id int)")
    script = (
        "import sys, pathlib; from shared.database import migrate; migrate(sys.argv[1], pathlib.Path(sys.argv[2]));"
        "sys.exit('alembic' in sys.modules)"
    )
    for loaded in (1, 0):
        start = [sys.executable, "-c", script, database_url, str(migrations)]
        assert await (await asyncio.create_subprocess_exec(*start, cwd=ROOT)).wait() == loaded


async def test_several_services_in_one_process_keep_their_own(new_database: NewDatabase, tmp_path: Path) -> None:
    urls = [new_database(name) for name in ("one", "two")]
    folders = [folder(tmp_path, name, f"CREATE TABLE {name} (id int)") for name in ("one", "two")]
    await asyncio.gather(
        *(asyncio.to_thread(migrate, url, migrations) for url, migrations in zip(urls, folders, strict=True))
    )
    assert [tables(url) for url in urls] == [{"one", "alembic_version"}, {"two", "alembic_version"}]


def test_a_database_of_a_newer_version_is_left_alone_with_a_sentence(database_url: str, tmp_path: Path) -> None:
    migrate(database_url, folder(tmp_path, "newer", "CREATE TABLE a (id int)", "CREATE TABLE b (id int)"))
    with pytest.raises(CannotStart, match="newer version"):
        migrate(database_url, folder(tmp_path, "older", "CREATE TABLE a (id int)"))


def test_a_server_that_is_not_there_is_the_drivers_error(tmp_path: Path) -> None:
    with pytest.raises(psycopg.OperationalError):
        migrate("postgresql://user@127.0.0.1:1/name", folder(tmp_path, "one", "SELECT 1"))


ROOT = Path(__file__).parents[3]
