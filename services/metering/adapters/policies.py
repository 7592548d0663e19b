"""Versions of the policy in PostgreSQL."""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb

from services.metering.policy import Policy, policy_of
from services.metering.store import PolicyVersion
from shared.database import Connection
from shared.errors import NotFound, Unavailable

# Any two that add a version meet here; the number is this table's alone.
_ONE_AT_A_TIME = "LOCK TABLE policy IN SHARE ROW EXCLUSIVE MODE"
_READ = "SELECT version, effective_at, document, note FROM policy WHERE version = %s"
_NEWEST = "SELECT coalesce(max(version), 0) AS version FROM policy"
_PUT = "INSERT INTO policy (version, effective_at, document, note, put_by) VALUES (%s, %s, %s, %s, %s)"


async def read(conn: Connection, version: int | None) -> PolicyVersion:
    """Give one version; NotFound when there is none such."""
    if not version:
        raise Unavailable("POLICY_MISSING", "Metering has no reading policy yet; it is put in force when it starts.")
    row = await (await conn.execute(_READ, (version,))).fetchone()
    if row is None:
        raise NotFound("POLICY_UNKNOWN", f"There is no version {version} of the reading policy.")
    return PolicyVersion(row["version"], row["effective_at"], policy_of(row["document"]), row["note"])


async def newest(conn: Connection) -> int:
    """Give the number of the version in force; 0 before the first."""
    row = await (await conn.execute(_NEWEST)).fetchone()
    return int(row["version"]) if row else 0


async def put(conn: Connection, policy: Policy, note: str, put_by: str, now: datetime) -> PolicyVersion:
    """Add the next version."""
    await conn.execute(_ONE_AT_A_TIME)
    version = await newest(conn) + 1
    await conn.execute(_PUT, (version, now, Jsonb(policy.document()), note, put_by))
    return PolicyVersion(version, now, policy, note)


async def put_first(conn: Connection, policy: Policy, now: datetime) -> bool:
    """Put version 1 in force where there is none; tells whether it did."""
    if await newest(conn):
        return False
    await conn.execute(_ONE_AT_A_TIME)
    if await newest(conn):
        return False
    await conn.execute(_PUT, (1, now, Jsonb(policy.document()), policy.note, "service:metering"))
    return True
