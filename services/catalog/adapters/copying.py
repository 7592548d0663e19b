"""Rows of a release into PostgreSQL by COPY: one by one, or as blocks that an importer has made ready.

Blocks go straight into a table of their own where the table of content is partitioned by release: its indexes are
built once, over all rows, when it is attached. That takes no lock that a reader would wait for.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence

from psycopg import sql
from psycopg.types.json import Jsonb

from services.catalog.rows import COLUMNS, Row
from shared.database import Connection

PARTITIONED = "p"


async def copy_rows(conn: Connection, release_id: str, table: str, rows: Sequence[Row]) -> None:
    """Add rows of one table to a release that is not published yet."""
    if await partitioned(conn, table):
        await _make_partition(conn, release_id, table)
    async with conn.cursor() as cursor, cursor.copy(_statement(table, "release_id", *COLUMNS[table])) as copy:
        for row in rows:
            await copy.write_row(
                (release_id, *(Jsonb(value) if isinstance(value, dict) else value for value in row.values()))
            )


async def copy_blocks(conn: Connection, release_id: str, table: str, blocks: AsyncIterator[bytes]) -> None:
    """Add ready rows of one table, in COPY's text format without the release's id, to a release."""
    if not await partitioned(conn, table):
        await _copy(conn, _statement(table, "release_id", *COLUMNS[table]), _prefixed(release_id, blocks))
        return
    partition = _partition(release_id, table)
    await _create(conn, partition, release_id, table)
    # Nobody else can see the table yet, so its rows need not be looked at again when they have become old.
    await _copy(conn, _statement(partition, *COLUMNS[table]) + sql.SQL(" (FREEZE)"), blocks)
    await _attach(conn, partition, release_id, table)
    await conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(partition)))


async def remove_rows(conn: Connection, release_id: str, table: str) -> None:
    """Remove every row of a release from a table."""
    if await partitioned(conn, table):
        await conn.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(_partition(release_id, table))))
    else:
        await conn.execute(sql.SQL("DELETE FROM {} WHERE release_id = %s").format(sql.Identifier(table)), (release_id,))


async def partitioned(conn: Connection, table: str) -> bool:
    """Whether a table has a partition for each release."""
    cursor = await conn.execute("SELECT relkind::text FROM pg_class WHERE oid = %s::text::regclass", (table,))
    row = await cursor.fetchone()
    return row is not None and row["relkind"] == PARTITIONED


async def _make_partition(conn: Connection, release_id: str, table: str) -> None:
    """Make the empty partition of a release, where it is not there yet."""
    partition = _partition(release_id, table)
    cursor = await conn.execute("SELECT to_regclass(%s) IS NOT NULL AS there", (partition,))
    row = await cursor.fetchone()
    if row is not None and not row["there"]:
        await _create(conn, partition, release_id, table)
        await _attach(conn, partition, release_id, table)


async def _create(conn: Connection, partition: str, release_id: str, table: str) -> None:
    """A table like the one of content, without indexes, whose rows are of the release."""
    await conn.execute(
        sql.SQL(
            "CREATE TABLE {partition} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE,"
            " CHECK (release_id = {release}))"
        ).format(partition=sql.Identifier(partition), table=sql.Identifier(table), release=release_id)
    )
    await conn.execute(
        sql.SQL("ALTER TABLE {} ALTER COLUMN release_id SET DEFAULT {}").format(sql.Identifier(partition), release_id)
    )


async def _attach(conn: Connection, partition: str, release_id: str, table: str) -> None:
    """Make a table a partition, which builds its indexes. No reader waits for the lock that it takes."""
    await conn.execute(
        sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})").format(
            sql.Identifier(table), sql.Identifier(partition), release_id
        )
    )


def _partition(release_id: str, table: str) -> str:
    return f"{table}_{hashlib.blake2b(release_id.encode(), digest_size=8).hexdigest()}"


def _statement(table: str, *columns: str) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )


async def _copy(conn: Connection, statement: sql.Composed, blocks: AsyncIterator[bytes]) -> None:
    async with conn.cursor() as cursor, cursor.copy(statement) as copy:
        async for block in blocks:
            await copy.write(block)


async def _prefixed(release_id: str, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Blocks with the release's id, which needs no escape, before each row."""
    prefix = release_id.encode() + b"\t"
    async for block in blocks:
        if block:
            yield prefix + block[:-1].replace(b"\n", b"\n" + prefix) + block[-1:]
