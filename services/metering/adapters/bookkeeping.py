"""Queries about one reader: its grants, counters, licences and history. The hot path of decisions is not here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from services.metering.adapters.rows import GRANT_FIELDS, READER_COLUMNS, TIERS, grant_of, reader_at
from services.metering.content import Content
from services.metering.ledger import Grant
from services.metering.policy import Tier
from services.metering.reader import Reader
from services.metering.store import GrantsPage
from shared.database import Connection

_READER = f"SELECT {', '.join(READER_COLUMNS)} FROM reader WHERE principal = %s"  # noqa: S608 - constants
_GRANTS = f"SELECT {GRANT_FIELDS} FROM page_grant WHERE principal = %s"  # noqa: S608 - constants
_PAGE = f"""
    SELECT {GRANT_FIELDS} FROM page_grant WHERE principal = %(principal)s AND window_no = %(window_no)s
    AND (%(at)s::timestamptz IS NULL OR (granted_at, system, code) < (%(at)s, %(system)s, %(code)s))
    ORDER BY granted_at DESC, system DESC, code DESC LIMIT %(size)s
"""  # noqa: S608 - constants
_READABLE = """
    SELECT DISTINCT g.system, g.code FROM page_grant g
    JOIN unnest(%s::text[], %s::text[]) AS c (system, code) ON c.system = g.system AND c.code = g.code
    WHERE g.principal = %s AND g.granted_until > %s
"""
_COUNT = """
    INSERT INTO counter (principal, window_no, name, value)
    SELECT %s, %s, c.name, c.value FROM unnest(%s::text[], %s::bigint[]) AS c (name, value) ORDER BY c.name
    ON CONFLICT (principal, window_no, name) DO UPDATE SET value = counter.value + excluded.value
    RETURNING name, value
"""
_ACCEPT = """
    INSERT INTO licence_acceptance (principal, licence, terms_edition, accepted_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
_ACCEPTED = "SELECT min(accepted_at) AS first FROM licence_acceptance WHERE principal = %s AND licence = %s"
_LICENCES = """
    UPDATE reader SET licences = array(SELECT DISTINCT licence FROM licence_acceptance WHERE principal = %s ORDER BY 1),
        revision = nextval('reader_revision')
    WHERE principal = %s
"""
_PLAN_AFTER = """
    SELECT tier_before FROM ledger WHERE principal = %s AND kind = 'plan' AND at > %s ORDER BY id LIMIT 1
"""


async def reader(conn: Connection, principal: str) -> Reader:
    """Give one reader, a new one where none is kept."""
    row = await (await conn.execute(_READER, (principal,))).fetchone()
    columns = [row[column] for column in READER_COLUMNS] if row else [None] * len(READER_COLUMNS)
    return reader_at(principal, columns, 0)


async def grants(conn: Connection, principal: str) -> list[Grant]:
    """Give every grant of a principal."""
    found = await (await conn.execute(_GRANTS, (principal,))).fetchall()
    return [grant_of(principal, row) for row in found]


async def readable(conn: Connection, principal: str, contents: Collection[Content], moment: datetime) -> set[Content]:
    """Give which of the contents the principal may read at the moment."""
    wanted = list(contents)
    given = ([content.system for content in wanted], [content.code for content in wanted], principal, moment)
    found = await (await conn.execute(_READABLE, given)).fetchall()
    return {Content(row["system"], row["code"]) for row in found}


async def recorded(conn: Connection, principal: str, request_id: str) -> bool:
    """Tell whether a decision of this request id made a grant."""
    query = "SELECT FROM page_grant WHERE principal = %s AND request_id = %s AND request_id <> ''"
    return await (await conn.execute(query, (principal, request_id))).fetchone() is not None


async def grants_page(conn: Connection, of: Reader, size: int, after: tuple[datetime, Content] | None) -> GrantsPage:
    """Give grants of the reader's window, newest first, after the place given."""
    at, content = after if after else (None, Content("", ""))
    given = {
        "principal": of.principal,
        "window_no": of.window_no,
        "at": at,
        "system": content.system,
        "code": content.code,
        "size": size + 1,
    }
    found = [grant_of(of.principal, row) for row in await (await conn.execute(_PAGE, given)).fetchall()]
    last = found[size - 1] if len(found) > size else None
    return GrantsPage(tuple(found[:size]), (last.at, last.content) if last else None)


async def tier_at(conn: Connection, of: Reader, moment: datetime) -> Tier:
    """Give the tier that the reader had at a moment: what the next change of plan found."""
    row = await (await conn.execute(_PLAN_AFTER, (of.principal, moment))).fetchone()
    return TIERS[row["tier_before"]] if row else of.tier


async def count(conn: Connection, of: Reader, amounts: dict[str, int]) -> dict[str, int]:
    """Add to counters of the reader's window, and give their values."""
    given = (of.principal, of.window_no, list(amounts), list(amounts.values()))
    found = await (await conn.execute(_COUNT, given)).fetchall()
    return {row["name"]: row["value"] for row in found}


async def counters(conn: Connection, of: Reader) -> dict[str, int]:
    """Give the counters of the reader's window."""
    query = "SELECT name, value FROM counter WHERE principal = %s AND window_no = %s ORDER BY name"
    found = await (await conn.execute(query, (of.principal, of.window_no))).fetchall()
    return {row["name"]: row["value"] for row in found}


async def accept_licence(conn: Connection, principal: str, licence: str, terms_edition: str, now: datetime) -> datetime:
    """Record an acceptance, with the reader's row locked; gives when the licence was accepted first."""
    await conn.execute(_ACCEPT, (principal, licence, terms_edition, now))
    await conn.execute(_LICENCES, (principal, principal))
    row = await (await conn.execute(_ACCEPTED, (principal, licence))).fetchone()
    assert row is not None  # noqa: S101 - an aggregate has one row
    first: datetime = row["first"]
    return first
