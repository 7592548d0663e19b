"""Compares releases in PostgreSQL: one join over all codes, kept, and the texts of a page of them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psycopg import sql

from services.catalog.adapters.library import release_record
from services.catalog.adapters.query import rows_of
from services.catalog.adapters.subjects import compared, compared_across, shown
from services.catalog.comparing import Change, CodeDifference, Counts
from services.catalog.imports.registry import importer_of
from services.catalog.records import Key, ReleaseRecord
from services.catalog.revised_entries import Entry, in_words, row_facts, values_in_words
from services.catalog.rows import SUBJECTS
from shared.database import Connection, Database

MOST_ROWS = 5
"""Rows of a table that stand for one code on each side; the number of the others is told."""

_FIND = """
    INSERT INTO code_difference (old_id, new_id, system, code, change)
    SELECT {old_id}, {new_id}, system, code,
           CASE WHEN old.content IS NULL THEN 'added' WHEN new.content IS NULL THEN 'deleted'
                WHEN old.own IS DISTINCT FROM new.own THEN 'revised' ELSE 'page' END
    FROM ({old}) AS old FULL JOIN ({new}) AS new USING (system, code)
    WHERE old.content IS DISTINCT FROM new.content{only}
"""
_HELD_BY_BOTH = """
      AND system IN (SELECT unnest(systems) FROM release WHERE id = {old_id}
                     INTERSECT SELECT unnest(systems) FROM release WHERE id = {new_id})
"""
"""A release says nothing of a code system that it lacks, so that no code of it was added or deleted."""
_COUNT = """
    INSERT INTO release_comparison (old_id, new_id, added, deleted, revised)
    SELECT %(old)s, %(new)s, count(*) FILTER (WHERE change = 'added'), count(*) FILTER (WHERE change = 'deleted'),
           count(*) FILTER (WHERE change = 'revised')
    FROM code_difference WHERE old_id = %(old)s AND new_id = %(new)s
"""
_PAGE = """
    SELECT system, code, change FROM code_difference
    WHERE old_id = %(old)s AND new_id = %(new)s AND (system, code) > (%(system)s, %(code)s COLLATE "C")
      AND change <> 'page' AND (%(change)s = '' OR change = %(change)s)
    ORDER BY system, code LIMIT %(limit)s
"""


async def compare(conn: Connection, old_id: str, new_id: str, subject: str, *, across: bool = False) -> None:
    """Find what two releases differ in and keep it, unless that was done before; inside a transaction.

    With `across` they are of two kinds of files, and what both state is compared.
    """
    pair = {"old": old_id, "new": new_id}
    await conn.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('catalog/compare/' || %(old)s || '/' || %(new)s, 0))", pair
    )
    if await _counts(conn, pair) is not None:
        return
    how = SUBJECTS[subject]
    only = sql.SQL(_HELD_BY_BOTH if how.official else "").format(old_id=old_id, new_id=new_id)
    old, new = (
        compared_across(subject, release_id) if across else compared(subject, how, release_id)
        for release_id in (old_id, new_id)
    )
    await conn.execute(sql.SQL(_FIND).format(old_id=old_id, new_id=new_id, old=old, new=new, only=only))
    await conn.execute(_COUNT, pair)


async def forget(conn: Connection, release_id: str) -> None:
    """Remove every comparison with a release."""
    for table in ("code_difference", "release_comparison"):
        await conn.execute(
            sql.SQL("DELETE FROM {} WHERE old_id = %(id)s OR new_id = %(id)s").format(sql.Identifier(table)),
            {"id": release_id},
        )


class PostgresComparisons:
    """Comparisons in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._one_at_a_time = asyncio.Lock()  # comparing large tables keeps a core of the database busy

    async def release(self, release_id: str) -> ReleaseRecord | None:
        """A release whose content is kept."""
        async with self._database.connection() as conn:
            rows = await rows_of(
                conn,
                "SELECT *, '[]'::jsonb AS tables FROM release WHERE id = %(id)s AND pruned_at IS NULL",
                {"id": release_id},
            )
        return release_record(rows[0]) if rows else None

    async def counts(self, old: ReleaseRecord, new: ReleaseRecord) -> Counts:
        """Compare two releases, unless it was done before; of two kinds what both state."""
        pair = {"old": old.id, "new": new.id}
        async with self._database.connection() as conn:
            known = await _counts(conn, pair)
        if known is not None:
            return known
        async with self._one_at_a_time, self._database.transaction() as conn:
            await compare(conn, old.id, new.id, importer_of(new.kind).subject, across=old.kind != new.kind)
            found = await _counts(conn, pair)
        assert found is not None  # noqa: S101 - it was just written
        return found

    async def differences(
        self, old: ReleaseRecord, new: ReleaseRecord, change: str, after: Key, limit: int
    ) -> Sequence[CodeDifference]:
        """Codes that two compared releases differ in, in order of system and code, from behind one."""
        values = {"old": old.id, "new": new.id, "change": change, "system": after[0], "code": after[1], "limit": limit}
        async with self._database.connection() as conn:
            codes = await rows_of(conn, _PAGE, values)
            subject = importer_of(new.kind).subject
            if old.kind != new.kind:
                texts = await _entries(conn, old.id, new.id, subject, codes, with_facts=False)
            else:
                texts = await _texts(conn, old.id, new.id, subject, codes)
        return [
            CodeDifference(
                row["system"],
                row["code"],
                Change(row["change"]),
                texts.get((row["system"], row["code"], "old"), ""),
                texts.get((row["system"], row["code"], "new"), ""),
            )
            for row in codes
        ]


async def _counts(conn: Connection, pair: Mapping[str, str]) -> Counts | None:
    rows = await rows_of(
        conn,
        "SELECT added, deleted, revised FROM release_comparison WHERE old_id = %(old)s AND new_id = %(new)s",
        pair,
    )
    return Counts(**rows[0]) if rows else None


async def _texts(
    conn: Connection, old_id: str, new_id: str, subject: str, codes: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str, str], str]:
    """What each side says of each code: of a code set its name and the facts that are on this side alone, of a table
    the first rows that are, and how many others are.
    """
    if not codes:
        return {}
    if SUBJECTS[subject].official:
        return await _entries(conn, old_id, new_id, subject, codes)
    if SUBJECTS[subject].rows_by is not None:
        return await _values(conn, old_id, new_id, subject, codes)
    table = SUBJECTS[subject].entries or subject
    query = shown(table, SUBJECTS[table], old_id, new_id, MOST_ROWS)
    cursor = await conn.execute(query, {"codes": sorted({row["code"] for row in codes})})
    return {
        (row["system"], row["code"], row["side"]): "; ".join(row["texts"])
        + (f"; and {row['total'] - MOST_ROWS:,} more" if row["total"] > MOST_ROWS else "")
        for row in await cursor.fetchall()
    }


async def _entries(
    conn: Connection,
    old_id: str,
    new_id: str,
    subject: str,
    codes: Sequence[Mapping[str, Any]],
    *,
    with_facts: bool = True,
) -> dict[tuple[str, str, str], str]:
    cursor = await conn.execute(
        sql.SQL(
            "SELECT release_id, system, code, heading, reportable, official, body FROM {}"
            " WHERE release_id = ANY (%(releases)s) AND code = ANY (%(codes)s)"
        ).format(sql.Identifier(subject)),
        {"releases": [old_id, new_id], "codes": sorted({row["code"] for row in codes})},
    )
    said = {
        (row["release_id"], row["system"], row["code"]): Entry(
            row["heading"], row["reportable"], row["official"], row["body"] if with_facts else {}
        )
        for row in await cursor.fetchall()
    }
    return _both(codes, lambda *key: in_words(said.get((old_id, *key)), said.get((new_id, *key))))


async def _values(
    conn: Connection, old_id: str, new_id: str, subject: str, codes: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str, str], str]:
    how = SUBJECTS[subject]
    by = how.rows_by or ()
    cursor = await conn.execute(
        sql.SQL("SELECT * FROM {} WHERE release_id = ANY (%(releases)s) AND code = ANY (%(codes)s) ORDER BY {}").format(
            sql.Identifier(subject), sql.SQL(", ").join(map(sql.Identifier, ("code", *by)))
        ),
        {"releases": [old_id, new_id], "codes": sorted({row["code"] for row in codes})},
    )
    said: dict[tuple[str, str], list[str]] = {}
    for row in await cursor.fetchall():
        said.setdefault((row["release_id"], row["code"]), []).extend(row_facts(row, how.content, by))
    return _both(codes, lambda _, code: values_in_words(said.get((old_id, code), ()), said.get((new_id, code), ())))


def _both(
    codes: Sequence[Mapping[str, Any]], words: Callable[[str, str], tuple[str, str]]
) -> dict[tuple[str, str, str], str]:
    """What both sides say of each code, the old one first."""
    found: dict[tuple[str, str, str], str] = {}
    for key in {(row["system"], row["code"]) for row in codes}:
        found[(*key, "old")], found[(*key, "new")] = words(*key)
    return found
