"""The indexes of ICD-10-CM from PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from cachetools import LRUCache

from services.catalog.adapters.query import rows_of
from services.catalog.entries import IndexTerm
from services.catalog.index_view import Outline, Term
from shared.database import Database

_OF = "FROM icd10cm_index_entry WHERE release_id = %(release)s AND index_name = %(name)s"
_COLUMNS = "index_name, ordinal, level, path, nonessential, see, see_also, column_title, relation, code, more"
_LETTER = "CASE WHEN upper(left(path[1], 1)) BETWEEN 'A' AND 'Z' THEN upper(left(path[1], 1)) ELSE '#' END"
_OUTLINES = f"""
    SELECT index_name, count(DISTINCT ordinal) FILTER (WHERE level = 0) AS main_terms,
           array_agg(DISTINCT {_LETTER} ORDER BY {_LETTER}) FILTER (WHERE level = 0) AS letters
    FROM icd10cm_index_entry WHERE release_id = %(release)s GROUP BY index_name
"""  # noqa: S608 - constants of ours
_TITLES = """
    SELECT index_name, column_title FROM icd10cm_index_entry
    WHERE release_id = %(release)s AND column_title <> '' GROUP BY index_name, column_title ORDER BY min(code)
"""
_MAIN = f"""
    SELECT {_COLUMNS} {_OF} AND ordinal IN (
        SELECT DISTINCT ordinal {_OF} AND level = 0 AND ordinal > %(after)s
          AND (%(begins)s = '' OR (%(begins)s = '#' AND {_LETTER} = '#') OR starts_with(lower(path[1]), %(begins)s))
        ORDER BY ordinal LIMIT %(most)s)
    ORDER BY ordinal, column_title, relation
"""
_BARE = r"trim(regexp_replace(lower(split_part(path[1], ',', 1)), '\([^)]*\)|\ynec\y', '', 'g'))"
"""A main term's first words without what may stand or lack."""
_NAMED = f"""
    SELECT {_COLUMNS} {_OF} AND level = 0 AND (lower(path[1]) = ANY (%(titles)s) OR {_BARE} = ANY (%(titles)s))
    ORDER BY ordinal
"""
_AROUND = f"""
    SELECT {_COLUMNS} {_OF}
      AND ordinal >= (SELECT max(ordinal) {_OF} AND level = 0 AND ordinal <= %(ordinal)s)
      AND ordinal < coalesce((SELECT min(ordinal) {_OF} AND level = 0 AND ordinal > %(ordinal)s), 2147483647)
    ORDER BY ordinal, column_title, relation
"""
_NEXT = f"""
    SELECT DISTINCT ON (m) m, (SELECT min(ordinal) {_OF} AND level = 0 AND ordinal > m) AS next,
           (SELECT max(ordinal) {_OF}) AS last
    FROM unnest(%(ordinals)s::int[]) AS m
"""  # noqa: S608 - constants of ours


class PostgresIndexes:
    """The indexes in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._outlines: LRUCache[str, Sequence[Outline]] = LRUCache(maxsize=4)

    async def outlines(self, release_id: str) -> Sequence[Outline]:
        """What each index of a release holds, read once: a release never changes."""
        if release_id not in self._outlines:
            rows = await self._rows(_OUTLINES, {"release": release_id})
            titles = await self._rows(_TITLES, {"release": release_id})
            self._outlines[release_id] = [
                Outline(
                    row["index_name"],
                    row["main_terms"],
                    row["letters"],
                    [each["column_title"] for each in titles if each["index_name"] == row["index_name"]],
                )
                for row in rows
            ]
        return self._outlines[release_id]

    async def main_terms(self, release_id: str, name: str, begins: str, after: int, most: int) -> Sequence[Term]:
        """Main terms in order, behind a place."""
        values = {"release": release_id, "name": name, "begins": begins, "after": after, "most": most}
        groups = _grouped(await self._rows(_MAIN, values))
        if not groups:
            return []
        ordinals = [group[0].ordinal for group in groups]
        rows = await self._rows(_NEXT, {"release": release_id, "name": name, "ordinals": ordinals})
        ends = {row["m"]: row["next"] or row["last"] + 1 for row in rows}
        return [Term(group, ends[group[0].ordinal] - group[0].ordinal - 1) for group in groups]

    async def around(self, release_id: str, name: str, ordinal: int) -> Sequence[Term]:
        """The main term that a place belongs to, and every term below it."""
        groups = _grouped(await self._rows(_AROUND, {"release": release_id, "name": name, "ordinal": ordinal}))
        return [Term(group, _below(groups, place)) for place, group in enumerate(groups)]

    async def main_terms_named(self, release_id: str, name: str, titles: Sequence[str]) -> Sequence[Term]:
        """The main terms of some titles, or that begin with one of them before a comma."""
        values = {"release": release_id, "name": name, "titles": list(titles)}
        return [Term(group, 0) for group in _grouped(await self._rows(_NAMED, values))]

    async def _rows(self, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        async with self._database.connection() as conn:
            return await rows_of(conn, statement, values)


def _grouped(rows: Iterable[Mapping[str, Any]]) -> list[list[IndexTerm]]:
    """The rows of each term."""
    terms = [IndexTerm(**row) for row in rows]
    return [list(group) for _, group in groupby(terms, key=lambda term: term.ordinal)]


def _below(groups: Sequence[Sequence[IndexTerm]], place: int) -> int:
    """How many terms follow that stand deeper."""
    level = groups[place][0].level
    count = 0
    for group in groups[place + 1 :]:
        if group[0].level <= level:
            break
        count += 1
    return count
