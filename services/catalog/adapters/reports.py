"""Error reports in PostgreSQL."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.catalog.error_reports import Report
from shared.database import Database
from shared.idempotency import once

REPORT = "ReportError"
RESOLVE = "ResolveErrorReport"
FORGET = "ForgetAddress"


class PostgresReports:
    """The queue in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database

    async def file(self, request_id: str, report: Report, filed_by: str) -> str:
        """Keep a report once for its request id and caller, and give the id it got the first time."""
        async with self._database.transaction() as conn:

            async def keep() -> bytes:
                report_id = uuid.uuid4().hex
                await conn.execute(
                    "INSERT INTO error_report (id, system, code, section, text, email, filed_by, filed_at)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                    (
                        report_id,
                        report.system,
                        report.code,
                        report.section,
                        report.text,
                        report.email,
                        filed_by,
                        report.filed_at,
                    ),
                )
                return report_id.encode()

            request = _canonical(report.system, report.code, report.section, report.text, report.email, filed_by)
            return (await once(conn, REPORT, request_id, request, keep)).decode()

    async def queue(self, after: int, limit: int, *, include_resolved: bool) -> list[Report]:
        """Reports in order of filing, from behind a number."""
        async with self._database.connection() as conn:
            cursor = await conn.execute(
                "SELECT * FROM error_report WHERE number > %s AND (%s OR resolved_at IS NULL) ORDER BY number LIMIT %s",
                (after, include_resolved, limit),
            )
            return [_report(row) for row in await cursor.fetchall()]

    async def filed_by(self, reader: str, after: int, limit: int) -> list[Report]:
        """Reports of one reader in order of filing, from behind a number."""
        async with self._database.connection() as conn:
            cursor = await conn.execute(
                "SELECT * FROM error_report WHERE filed_by = %s AND number > %s ORDER BY number LIMIT %s",
                (reader, after, limit),
            )
            return [_report(row) for row in await cursor.fetchall()]

    async def forget_address(self, request_id: str, email: str, caller: str) -> int:
        """Take an address out of every report, once for a request id; nothing of the address is kept for that."""
        async with self._database.transaction() as conn:

            async def forget() -> bytes:
                done = await conn.execute("UPDATE error_report SET email = '' WHERE lower(email) = lower(%s)", (email,))
                return str(done.rowcount).encode()

            return int(await once(conn, FORGET, request_id, _canonical(caller), forget))

    async def resolve(self, request_id: str, report_id: str, resolution: str, by: str, now: datetime) -> Report | None:
        """Close a report once for its request id unless it is closed, and give it as it is then."""
        async with self._database.transaction() as conn:

            async def close() -> bytes:
                await conn.execute(
                    "UPDATE error_report SET resolved_at = %s, resolution = %s, resolved_by = %s"
                    " WHERE id = %s AND resolved_at IS NULL",
                    (now, resolution, by, report_id),
                )
                return b""

            # A form without an id closes by its words alone: the same closing again changes nothing either.
            if request_id:
                await once(conn, RESOLVE, request_id, _canonical(report_id, resolution, by), close)
            else:
                await close()
            cursor = await conn.execute("SELECT * FROM error_report WHERE id = %s", (report_id,))
            row = await cursor.fetchone()
            return None if row is None else _report(row)


def _canonical(*values: str) -> bytes:
    return json.dumps(values).encode()


def _report(row: Mapping[str, Any]) -> Report:
    return Report(**{name: row[name] for name in Report.__slots__})
