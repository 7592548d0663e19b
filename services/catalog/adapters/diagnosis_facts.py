"""What releases beside the Tabular List's tree say of an ICD-10-CM code, read in one connection."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.catalog.adapters.code_set_facts import conversions_of, gems_of, is_poa_exempt
from services.catalog.adapters.index_leads import leads_in
from services.catalog.adapters.query import rows_of
from services.catalog.code_spans import Span, prefixes
from services.catalog.records import Facts, GuidelineMention, Hcc, ReleaseRecord, TabularMention
from shared.database import Connection, Database

MOST_MENTIONS = 40
MOST_EXCLUDED_AT = 40
MOST_INDEX_LEADS = 20

_HOLDS = (
    "((m.first = m.last AND m.first = ANY (%(prefixes)s)) OR (m.first <> m.last AND m.first <= %(first)s"
    " AND (m.last >= %(last)s OR starts_with(%(last)s, m.last))))"
)
"""Whether a span names the code, something above it, or a range that holds it (code_spans.Span.holds)."""
_NARROWEST_FIRST = "(m.first = m.last) DESC, length(m.first) DESC, m.last"
_HCC = "SELECT model, category, label, payment_year FROM hcc WHERE release_id = %(release)s AND code = %(code)s"
_GUIDELINES = f"""
    SELECT DISTINCT ON (s.ordinal) s.number, s.title, m.excerpt, m.first, m.last, s.ordinal
    FROM guideline_mention m JOIN guideline_section s USING (release_id, number)
    WHERE m.release_id = %(release)s AND {_HOLDS}
    ORDER BY s.ordinal, {_NARROWEST_FIRST}
"""  # noqa: S608 - only conditions of ours are put in
_EXCLUDED_AT = f"""
    SELECT *, count(*) OVER () AS total FROM (
        SELECT DISTINCT ON (m.code, m.kind, m.text) m.* FROM tabular_mention m
        WHERE m.release_id = %(release)s AND m.code <> ALL (%(own)s) AND {_HOLDS}
        ORDER BY m.code, m.kind, m.text, {_NARROWEST_FIRST}) AS m
    ORDER BY {_NARROWEST_FIRST}, m.code LIMIT {MOST_EXCLUDED_AT}
"""  # noqa: S608 - only conditions and numbers of ours are put in


async def diagnosis_facts(database: Database, releases: Mapping[str, ReleaseRecord], code: str) -> Facts:
    """What the releases in force say of a code."""
    first, _, last = code.partition("-")  # of a block
    above = [] if last else prefixes(code)
    values = {"code": code, "first": first, "last": last or code, "prefixes": above, "own": [code, *above]}
    async with database.connection() as conn, conn.pipeline():  # all are asked before the first answer has come
        (hcc, guidelines, excluded_at, gems, conversions, poa_exempt), (total, leads) = await asyncio.gather(
            asyncio.gather(
                _of(conn, releases, "hcc", _HCC, values),
                _of(conn, releases, "icd10cm-guidelines", _GUIDELINES, values),
                _of(conn, releases, "icd10cm-tabular", _EXCLUDED_AT, values),
                gems_of(conn, releases, "icd10cm", code),
                conversions_of(conn, releases, code),
                is_poa_exempt(conn, releases, code),
            ),
            leads_in(conn, {} if last else releases, code, MOST_INDEX_LEADS),
        )
    mentions = [GuidelineMention(r["number"], r["title"], r["excerpt"], r["first"], r["last"]) for r in guidelines]
    mentions.sort(key=lambda mention: (Span(mention.first, mention.last).width, -len(mention.first)))
    return Facts(
        hcc=tuple(Hcc(**row) for row in hcc),
        guidelines=tuple(mentions[:MOST_MENTIONS]),
        excluded_at=tuple(TabularMention(r["code"], r["kind"], r["text"]) for r in excluded_at),
        excluded_at_total=excluded_at[0]["total"] if excluded_at else 0,
        gems=gems,
        conversions=conversions,
        poa_exempt=poa_exempt,
        index_leads=tuple(leads),
        index_leads_total=total,
    )


async def _of(
    conn: Connection, releases: Mapping[str, ReleaseRecord], kind: str, statement: str, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows that the release of a kind gives; none where no release of it is loaded."""
    release = releases.get(kind)
    return [] if release is None else await rows_of(conn, statement, {**values, "release": release.id})
