"""What the official tables beside the code sets say of a code: equivalents, conversions, exemptions; one connection."""

from collections.abc import Mapping
from typing import Any

from services.catalog.adapters.query import rows_of
from services.catalog.records import Conversion, Gem, ReleaseRecord
from shared.database import Connection

MOST_EQUIVALENTS = 200
_GEMS = f"""
    (SELECT system, code, target_system, target, approximate, no_map, combination, scenario, choice_list FROM gem
     WHERE release_id = %(release)s AND system = %(system)s AND code = %(code)s
     ORDER BY scenario, choice_list, target LIMIT {MOST_EQUIVALENTS})
    UNION ALL
    (SELECT system, code, target_system, target, approximate, no_map, combination, scenario, choice_list FROM gem
     WHERE release_id = %(release)s AND target_system = %(system)s AND target = %(code)s
     ORDER BY code, scenario, choice_list LIMIT {MOST_EQUIVALENTS})
"""  # noqa: S608 - only numbers of ours are put in
_CONVERSIONS = """
    SELECT DISTINCT code, effective, previous FROM conversion m
    WHERE release_id = %(release)s AND (code = %(code)s
        OR m.first = %(code)s
        OR (m.first <> m.last AND %(code)s BETWEEN m.first AND m.last AND length(m.first) = length(%(code)s)))
    ORDER BY effective, code
"""
"""The table names each code that was replaced in full, seventh character included: what stands below one that it names
was never assigned for that reason, and "T15-T19" names categories.
"""
_EXEMPT = "SELECT 1 AS exempt FROM poa_exempt WHERE release_id = %(release)s AND code = %(code)s"


async def gems_of(conn: Connection, releases: Mapping[str, ReleaseRecord], system: str, code: str) -> tuple[Gem, ...]:
    """The equivalence mappings from and to a code."""
    rows = await _of(conn, releases, "gems", _GEMS, {"system": system, "code": code})
    return tuple(Gem(**row) for row in rows)


async def conversions_of(conn: Connection, releases: Mapping[str, ReleaseRecord], code: str) -> tuple[Conversion, ...]:
    """The rows of the conversion table that bring an ICD-10-CM code or name it as the previous one."""
    release = releases.get("icd10cm-conversion")
    return () if release is None else await conversions_by_release(conn, release.id, code)


async def conversions_by_release(conn: Connection, release: str, code: str) -> tuple[Conversion, ...]:
    """The rows of one conversion table that bring an ICD-10-CM code or name it as the previous one."""
    return tuple(Conversion(**row) for row in await rows_of(conn, _CONVERSIONS, {"release": release, "code": code}))


async def is_poa_exempt(conn: Connection, releases: Mapping[str, ReleaseRecord], code: str) -> bool:
    """Whether the list that is loaded names the code; no where none is loaded."""
    return bool(await _of(conn, releases, "icd10cm-poa", _EXEMPT, {"code": code}))


async def _of(
    conn: Connection, releases: Mapping[str, ReleaseRecord], kind: str, statement: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows that the release of a kind gives; none where no release of it is loaded."""
    release = releases.get(kind)
    return [] if release is None else await rows_of(conn, statement, {**values, "release": release.id})
