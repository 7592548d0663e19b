"""Compares ledger, counters and grants in SQL. Entries before a guest was forgotten are history and not compared."""

from services.metering.store import Discrepancy, Reconciliation
from shared.database import Connection

_ENTRIES = """
    forgotten AS (SELECT principal, max(id) AS id FROM ledger WHERE kind = 'forget' GROUP BY principal),
    entries AS MATERIALIZED (
        SELECT l.* FROM ledger l LEFT JOIN forgotten f USING (principal)
        WHERE (%(principal)s = '' OR l.principal = %(principal)s) AND (f.id IS NULL OR l.id > f.id)),
    readers AS MATERIALIZED (SELECT * FROM reader WHERE %(principal)s = '' OR principal = %(principal)s)
"""
_GRANTS = """
    by_ledger AS (
        SELECT principal, window_no, system, code, kind = 'carry' AS carried, count(*) AS pages
        FROM entries WHERE kind IN ('grant', 'carry') GROUP BY 1, 2, 3, 4, 5),
    by_grants AS (
        SELECT principal, window_no, system, code, carried, count(*) AS pages FROM page_grant
        WHERE %(principal)s = '' OR principal = %(principal)s GROUP BY 1, 2, 3, 4, 5),
    grants_differ AS (
        SELECT principal, format('window %%s, %%s %%s: the ledger has %%s, the grants have %%s',
                                 window_no, system, code, coalesce(l.pages, 0), coalesce(g.pages, 0)) AS detail
        FROM by_ledger l FULL JOIN by_grants g USING (principal, window_no, system, code, carried)
        WHERE l.pages IS DISTINCT FROM g.pages)
"""
_COUNTERS = """
    sums AS (
        SELECT principal, window_no,
               coalesce(sum(pages) FILTER (WHERE kind IN ('grant', 'carry')), 0) AS used,
               coalesce(sum(pages) FILTER (WHERE kind = 'carry'), 0) AS carried,
               coalesce(sum(pages) FILTER (WHERE kind = 'credit'), 0) AS credits
        FROM entries GROUP BY 1, 2),
    counters_differ AS (
        SELECT r.principal, format(
                   'window %%s: the ledger has %%s used, %%s carried, %%s credited, the counters have %%s, %%s, %%s',
                   r.window_no, coalesce(s.used, 0), coalesce(s.carried, 0), coalesce(s.credits, 0),
                   r.used, r.carried, r.credits) AS detail
        FROM readers r LEFT JOIN sums s USING (principal, window_no)
        WHERE (coalesce(s.used, 0), coalesce(s.carried, 0), coalesce(s.credits, 0)) <> (r.used, r.carried, r.credits)),
    unknown_windows AS (
        SELECT s.principal, format('the ledger has a window %%s, the reader %%s', s.window_no,
                                   coalesce('is in window ' || r.window_no, 'is not kept')) AS detail
        FROM sums s LEFT JOIN readers r USING (principal) WHERE r.principal IS NULL OR s.window_no > r.window_no)
"""
_PLANS = """
    newest_plan AS (SELECT DISTINCT ON (principal) principal, tier FROM entries WHERE kind = 'plan'
                    ORDER BY principal, id DESC),
    plans_differ AS (
        SELECT r.principal, format('the ledger has the tier %%s, the reader %%s', p.tier, r.tier) AS detail
        FROM readers r JOIN newest_plan p USING (principal) WHERE p.tier <> r.tier),
    merges AS (SELECT principal, other FROM entries WHERE kind = 'merge'),
    merges_differ AS (
        SELECT coalesce(r.principal, m.principal) AS principal,
               format('the ledger has a merge into %%s, the reader %%s',
                      coalesce(m.other, 'nothing'), coalesce(r.merged_into, 'nothing')) AS detail
        FROM (SELECT * FROM readers WHERE merged_into <> '') r FULL JOIN merges m USING (principal)
        WHERE m.other IS DISTINCT FROM r.merged_into),
    over_granted AS (
        SELECT principal, format('window %%s: page %%s was granted where %%s were allowed', window_no, used_after,
                                 page_limit) AS detail
        FROM entries WHERE kind = 'grant' AND used_after > page_limit)
"""
_DISCREPANCIES = f"""
    WITH {_ENTRIES}, {_GRANTS}, {_COUNTERS}, {_PLANS}
    SELECT * FROM (
        TABLE grants_differ UNION ALL TABLE counters_differ UNION ALL TABLE unknown_windows
        UNION ALL TABLE plans_differ UNION ALL TABLE merges_differ UNION ALL TABLE over_granted) d
    ORDER BY principal, detail LIMIT %(most)s
"""  # noqa: S608 - only the constants above are put together
_SIZES = """
    SELECT (SELECT count(*) FROM reader WHERE %(principal)s = '' OR principal = %(principal)s) AS principals,
           (SELECT count(*) FROM ledger WHERE %(principal)s = '' OR principal = %(principal)s) AS entries
"""


async def reconcile(conn: Connection, principal: str, most: int) -> Reconciliation:
    """Compare in the caller's snapshot; one principal, or all when it is empty."""
    given = {"principal": principal, "most": most}
    sizes = await (await conn.execute(_SIZES, given)).fetchone()
    rows = await (await conn.execute(_DISCREPANCIES, given)).fetchall()
    found = tuple(Discrepancy(row["principal"], row["detail"]) for row in rows)
    return Reconciliation(sizes["principals"] if sizes else 0, sizes["entries"] if sizes else 0, found)
