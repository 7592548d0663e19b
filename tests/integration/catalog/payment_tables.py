"""Puts small payment tables into the catalog's database as releases that answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.catalog.adapters.releases import PostgresReleases
from services.catalog.releases import Release, after_import
from services.catalog.rows import Edition
from shared.database import Connection, Database

QUARTER = (date(2024, 7, 1), date(2024, 9, 30))
NOW = datetime(2024, 7, 2, tzinfo=UTC)
PtpRow = tuple[str, str, date | None, date | None, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a release of rows goes."""

    kind: str
    setting: str
    statement: str
    """Inserts a row behind the release's id."""
    number: int = 1
    quarter: tuple[date, date] = QUARTER


async def publish(database: Database, slot: Slot, rows: Sequence[Sequence[object]]) -> str:
    """Publish a release; gives its id."""
    kind, setting, number, quarter = slot.kind, slot.setting, slot.number, slot.quarter
    identity = f"{kind}-{setting or 'all'}-{number}"
    store = PostgresReleases(database)
    async with store.changing(kind, setting) as writer:
        conn: Connection = writer._conn
        if kind == "ncci-ptp":
            await conn.execute(
                f"CREATE TABLE \"ptp_{setting}_{number}\" PARTITION OF ncci_ptp FOR VALUES IN ('{identity}')".encode()
            )
            await conn.execute("INSERT INTO ncci_ptp_rationale VALUES (%s, 1, 'Mutually exclusive')", (identity,))
        for row in rows:
            await conn.execute(slot.statement.encode(), (identity, *row))
        release = Release(
            id=identity, kind=kind, setting=setting, title=f"{kind} {setting}".strip(), publisher="CMS",
            edition=f"edition {number}", effective_from=quarter[0], effective_to=quarter[1], systems=(), checksum="",
            entries=len(rows), imported_by="tester", imported_at=NOW, licence_accepted_by=None,
        )  # fmt: skip
        recorded = await writer.add(release, Edition(release.edition))
        await writer.publish(after_import(await writer.releases(), recorded), "code", NOW)
    await store.answered()
    return identity


async def publish_ptp(database: Database, rows: Sequence[PtpRow], number: int = 1) -> str:
    """Publish procedure-to-procedure edits for practitioners."""
    statement = (
        "INSERT INTO ncci_ptp (release_id, column_1, column_2, effective_from, deleted_on, modifier_indicator,"
        " rationale) VALUES (%s, %s, %s, %s, %s, %s, 1)"
    )
    return await publish(database, Slot("ncci-ptp", "practitioner", statement, number), rows)


async def publish_mue(
    database: Database, rows: Sequence[tuple[str, int, int]], number: int = 1,
    quarter: tuple[date, date] = QUARTER,
) -> str:  # fmt: skip
    """Publish MUE values for practitioners: code, units, MAI."""
    statement = "INSERT INTO ncci_mue VALUES (%s, %s, %s, %s, 'Nature of Service/Procedure')"
    return await publish(database, Slot("ncci-mue", "practitioner", statement, number, quarter), rows)


async def publish_add_on(database: Database, rows: Sequence[tuple[str, str | None, int]]) -> str:
    """Publish add-on codes: add-on, primary, type."""
    statement = "INSERT INTO ncci_aoc (release_id, add_on, primary_code, type) VALUES (%s, %s, %s, %s)"
    return await publish(database, Slot("ncci-aoc", "", statement), rows)
