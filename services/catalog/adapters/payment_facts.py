"""What the payment tables that are loaded whole say of one code on a day, read in one connection."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.catalog.adapters.ptp_edits import part_of
from services.catalog.adapters.query import rows_of
from services.catalog.ptp_edits import PTP_SLOTS, Wanted
from services.catalog.records import AddOn, CoverageMention, Facts, Key, Mue, PtpTotal, ReleaseRecord
from shared.database import Connection

FIRST_EDITS = 25
"""Of each column of each setting; a few codes have ten thousand."""
MOST_ADD_ON = 60
MOST_COVERAGE = 20

_MUE = """
    SELECT release_id, units, mai, rationale FROM ncci_mue
    WHERE release_id = ANY (%(releases)s) AND code = %(code)s
"""
_ADD_ON = f"""
    SELECT add_on, primary_code, min(type) AS type, count(*) OVER () AS total FROM ncci_aoc
    WHERE release_id = %(release)s AND (add_on = %(code)s OR primary_code = %(code)s)
      AND (effective_from IS NULL OR effective_from <= %(day)s) AND (deleted_on IS NULL OR deleted_on >= %(day)s)
    GROUP BY add_on, primary_code ORDER BY add_on, primary_code LIMIT {MOST_ADD_ON}
"""  # noqa: S608 - only a number of ours is put in
_FEES = """
    SELECT DISTINCT ON (modifier) * FROM pfs_rvu WHERE release_id = %(release)s AND code = %(code)s
    ORDER BY modifier, qpp
"""
"""Of the two rows that a code has since 2026, which differ in the conversion factor alone, the one for all others."""
_COVERAGE = f"""
    SELECT a.*, c.roles, count(*) OVER () AS total
    FROM (SELECT document_type, document_id, array_agg(DISTINCT role) AS roles FROM coverage_code
          WHERE release_id = %(release)s AND system = %(system)s AND code = %(code)s
          GROUP BY document_type, document_id) AS c
    JOIN coverage_article a USING (document_type, document_id)
    WHERE a.release_id = %(release)s
      AND (a.effective_from IS NULL OR a.effective_from <= %(day)s)
      AND (a.effective_to IS NULL OR a.effective_to >= %(day)s) AND (a.retired_on IS NULL OR a.retired_on > %(day)s)
    ORDER BY document_type DESC, a.title, document_id LIMIT {MOST_COVERAGE}
"""  # noqa: S608 - only a number of ours is put in


async def with_payment_tables(
    facts: Facts, conn: Connection, releases: Mapping[str, ReleaseRecord], code: str, day: date
) -> Facts:
    """The facts of a procedure code, those of tables that are loaded whole in place of our own selections of them."""
    facts = await _with_ptp(facts, conn, releases, code, day)
    facts = await _with_mue(facts, conn, releases, code)
    if "ncci-aoc" in releases:
        values = {"release": releases["ncci-aoc"].id, "code": code, "day": day}
        rows = await rows_of(conn, _ADD_ON, values)
        relations = tuple(AddOn(row["add_on"], row["primary_code"], row["type"]) for row in rows)
        facts = replace(facts, add_on=relations, add_on_total=rows[0]["total"] if rows else 0)
    if "pfs-rvu" in releases:
        rows = await rows_of(conn, _FEES, {"release": releases["pfs-rvu"].id, "code": code})
        facts = replace(facts, fees=tuple(rows))
    return facts


async def with_coverage(
    facts: Facts, conn: Connection, releases: Mapping[str, ReleaseRecord], key: Key, day: date
) -> Facts:
    """The facts of a code of any system, with the coverage documents that list it."""
    system, code = key
    release = releases.get("coverage")
    if release is None or system not in release.systems:
        return facts
    rows = await rows_of(conn, _COVERAGE, {"release": release.id, "system": system, "code": code, "day": day})
    mentions = tuple(
        CoverageMention(
            row["document_type"],
            row["display_id"],
            row["title"],
            tuple(row["contractors"]),
            row["effective_from"],
            row["url"],
            tuple(row["roles"]),
        )
        for row in rows
    )
    return replace(facts, coverage=mentions, coverage_total=rows[0]["total"] if rows else 0)


async def _with_ptp(
    facts: Facts, conn: Connection, releases: Mapping[str, ReleaseRecord], code: str, day: date
) -> Facts:
    loaded = [releases[slot] for slot in PTP_SLOTS.values() if slot in releases]
    edits = [edit for edit in facts.ptp if edit.setting not in {release.setting for release in loaded}]
    asked = [(release, column) for release in loaded for column in (1, 2)]
    async with conn.pipeline():  # all are asked before the first answer has come
        parts = await asyncio.gather(
            *(part_of(conn, release, Wanted(code, column, day), "", FIRST_EDITS) for release, column in asked)
        )
    totals = [
        PtpTotal(release.setting, column, total) for (release, column), (total, _) in zip(asked, parts, strict=True)
    ]
    edits += [edit for _, first in parts for edit in first]
    return replace(facts, ptp=tuple(edits), ptp_totals=tuple(totals))


async def _with_mue(facts: Facts, conn: Connection, releases: Mapping[str, ReleaseRecord], code: str) -> Facts:
    loaded = {release.id: release.setting for release in releases.values() if release.kind == "ncci-mue"}
    rows = await rows_of(conn, _MUE, {"releases": list(loaded), "code": code}) if loaded else []
    return replace(facts, mue=tuple(sorted(_values(facts, loaded, rows), key=lambda mue: _ORDER.index(mue.setting))))


_ORDER = ("practitioner", "outpatient", "dme")


def _values(facts: Facts, loaded: Mapping[str, str], rows: list[dict[str, Any]]) -> Iterator[Mue]:
    yield from (value for value in facts.mue if value.setting not in loaded.values())
    yield from (Mue(loaded[row["release_id"]], row["units"], row["mai"], row["rationale"]) for row in rows)
