"""Loads the tables of claim edits from PostgreSQL into memory, and tells which releases this process answers from."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from psycopg.rows import tuple_row

from services.catalog.adapters.answering import AnsweringProcess
from services.catalog.adapters.library import PostgresLibrary
from services.catalog.adapters.query import rows_of
from services.catalog.editions import Editions
from services.catalog.edits.add_on_table import AddOnEdit, AddOnTable
from services.catalog.edits.diagnosis_table import DiagnosisTable, PlaceRow
from services.catalog.edits.fee_table import FeeRow, FeeTable
from services.catalog.edits.keeper import Wait
from services.catalog.edits.mue_table import MueEdit, MueTable
from services.catalog.edits.note_patterns import patterns_of
from services.catalog.edits.ptp_table import NO_END, UNKNOWN_START, PtpRows, PtpTable
from services.catalog.records import ReleaseRecord
from shared.database import Database
from shared.events.outbox import CHANNEL

GROUPS_AT_ONCE = 100
PLACES_AT_ONCE = 1_000
# Millions of rows come as one value for each column 1 code, and not one by one: the server joins them, in the layout of
# _PTP_ROW, and does it in a process of its own.
_PTP = """
    SELECT rpad(column_1, 5), string_agg(convert_to(rpad(column_2, 5), 'UTF8')
        || date_send(coalesce(effective_from, '-infinity')) || date_send(coalesce(deleted_on, 'infinity'))
        || charsend(modifier_indicator) || int2send(rationale), ''::bytea)
    FROM ncci_ptp WHERE release_id = %s GROUP BY column_1
"""
_PTP_ROW = np.dtype([("column_2", "S5"), ("begins", ">i4"), ("ends", ">i4"), ("indicator", "u1"), ("rationale", ">i2")])
_MOST_RATIONALES = 255
_EPOCH = date(2000, 1, 1).toordinal()
"""PostgreSQL sends dates as days since then, and infinity as the last number there is."""
_PLACES = """
    SELECT code, display, kind, heading, reportable, reportable_below, body ? 'extension', parent,
        coalesce(body -> 'notes', '[]'), coalesce(body -> 'seven', '[]')
    FROM code WHERE release_id = %s AND system = 'icd10cm' ORDER BY ordinal
"""
_FEES = """
    SELECT code, modifier, status, pctc, global_days, multiple_procedure, bilateral, assistant, co_surgeons, team,
        non_facility_na, facility_na
    FROM pfs_rvu WHERE release_id = %s ORDER BY qpp DESC
"""


class PostgresEditTables:
    """The tables in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._library = PostgresLibrary(database)
        self._process = AnsweringProcess(database)
        self._loaders: Mapping[str, Callable[[str], Awaitable[Any]]] = {
            "ncci-ptp": self._ptp,
            "ncci-mue": self._mue,
            "ncci-aoc": self._add_on,
            "pfs-rvu": self._fees,
            "icd10cm-tabular": partial(self._diagnoses, with_notes=True),
            "icd10cm-order": partial(self._diagnoses, with_notes=False),
        }

    async def editions(self) -> Editions[ReleaseRecord]:
        """Every release that answers."""
        return await self._library.editions()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Wait]:
        """Hear what wakes the relay: whoever changes releases tells of it by events."""
        async with self._database.connection() as conn:
            await conn.execute(f"LISTEN {CHANNEL}")

            async def change(seconds: float) -> None:
                async for _ in conn.notifies(timeout=seconds, stop_after=1):
                    return

            try:
                yield change
            finally:
                if not conn.closed:
                    await conn.execute("UNLISTEN *")

    async def tell(self, editions: Editions[ReleaseRecord]) -> None:
        """Tell whoever waits for it which releases this process answers from."""
        await self._process.tell(release.id for slot in editions.on() for release in editions.of(slot))

    async def leave(self) -> None:
        """Tell whoever waits that this process answers no longer."""
        await self._process.leave()

    async def table(self, release: ReleaseRecord) -> Any:
        """The table of a release as rules look into it."""
        return await self._loaders[release.kind](release.id)

    async def _ptp(self, release: str) -> PtpTable:
        column_1: list[bytes] = []
        sizes: list[int] = []
        joined = bytearray()
        async with (
            self._database.transaction() as conn,
            conn.cursor(name="ptp", row_factory=tuple_row, binary=True) as cursor,
        ):
            await cursor.execute(_PTP, (release,))
            while rows := await cursor.fetchmany(GROUPS_AT_ONCE):
                for code, group in rows:
                    column_1.append(code.encode())
                    sizes.append(len(group) // _PTP_ROW.itemsize)
                    joined += group
        return await asyncio.to_thread(_ptp_table, column_1, sizes, joined, await self._rationales(release))

    async def _rationales(self, release: str) -> Mapping[int, str]:
        rows = await self._rows("SELECT id, text FROM ncci_ptp_rationale WHERE release_id = %(release)s", release)
        return {row["id"]: row["text"] for row in rows}

    async def _mue(self, release: str) -> MueTable:
        rows = await self._rows(
            "SELECT code, units, mai, rationale FROM ncci_mue WHERE release_id = %(release)s", release
        )
        words: dict[str, str] = {}
        return {
            r["code"]: MueEdit(r["units"], r["mai"], words.setdefault(r["rationale"], r["rationale"])) for r in rows
        }

    async def _add_on(self, release: str) -> AddOnTable:
        rows = await self._rows(
            "SELECT add_on, primary_code, type, effective_from, deleted_on FROM ncci_aoc"
            " WHERE release_id = %(release)s",
            release,
        )
        return AddOnTable(AddOnEdit(*row.values()) for row in rows)

    async def _fees(self, release: str) -> FeeTable:
        """Of the two rows that a code has since 2026, which differ in amounts alone, either one."""
        async with self._database.connection() as conn, conn.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_FEES, (release,))
            words: dict[Any, Any] = {}
            return FeeTable(FeeRow(*_shared(words, row)) for row in await cursor.fetchall())

    async def _diagnoses(self, release: str, *, with_notes: bool) -> DiagnosisTable:
        return await asyncio.to_thread(_diagnosis_table, await self._places(release), with_notes=with_notes)

    async def _places(self, release: str) -> list[PlaceRow]:
        places: list[PlaceRow] = []
        async with (
            self._database.transaction() as conn,
            conn.cursor(name="places", row_factory=tuple_row) as cursor,
        ):
            await cursor.execute(_PLACES, (release,))
            while rows := await cursor.fetchmany(PLACES_AT_ONCE):
                places += [PlaceRow(*row) for row in rows]
        return places

    async def _rows(self, statement: str, release: str) -> list[dict[str, Any]]:
        async with self._database.connection() as conn:
            return await rows_of(conn, statement, {"release": release})


def _diagnosis_table(rows: Iterable[PlaceRow], *, with_notes: bool) -> DiagnosisTable:
    """The table of rows; which codes its notes name is read before a claim asks."""
    words: dict[str, str] = {}
    named_once = (row._replace(kind=words.setdefault(row.kind, row.kind)) for row in rows)
    table = DiagnosisTable(named_once, with_notes=with_notes)
    for notes in table.noted():
        for _, texts in notes:
            for text in texts:
                patterns_of(text)
    return table


def _shared(words: dict[Any, Any], row: Sequence[Any]) -> list[Any]:
    """A row whose equal values are one object with those of other rows: there are few."""
    return [words.setdefault(value, value) for value in row]


def _ptp_table(
    column_1: Sequence[bytes], sizes: Sequence[int], joined: bytearray, rationales: Mapping[int, str]
) -> PtpTable:
    """The table of rows that stand in groups, one for each column 1 code."""
    rows = np.frombuffer(joined, dtype=_PTP_ROW)
    firsts = np.array(column_1, dtype="S5")
    codes, of_column_2 = np.unique(rows["column_2"], return_inverse=True)
    every = np.union1d(codes, firsts)
    names = [rationales.get(number, "") for number in range(min(max(rationales, default=-1) + 1, _MOST_RATIONALES))]
    return PtpTable(
        PtpRows(
            codes=[code.decode().rstrip() for code in every.tolist()],
            column_1=np.repeat(np.searchsorted(every, firsts).astype(np.int32), sizes),
            column_2=np.searchsorted(every, codes).astype(np.int32)[of_column_2],
            begins=_ordinals(rows["begins"], UNKNOWN_START),
            ends=_ordinals(rows["ends"], NO_END),
            indicators=rows["indicator"],
            rationales=np.clip(rows["rationale"], 0, len(names)).astype(np.uint8),
            rationale_names=[*names, ""],
        )
    )


def _ordinals(days: npt.NDArray[Any], unbounded: int) -> npt.NDArray[np.int32]:
    """Days since 2000 as ordinals; what is infinite stays the number that stands for it."""
    known = days.astype(np.int64) + _EPOCH
    return np.where(days == unbounded, unbounded, known).astype(np.int32)
