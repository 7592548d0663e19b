"""Rows of metering's tables as the domain's values, and the query that reads what decisions depend on."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.metering.content import Content
from services.metering.decision import PageView
from services.metering.ledger import Grant
from services.metering.policy import Tier
from services.metering.reader import Reader, new_reader
from services.metering.window import Window

READER_COLUMNS = (
    "tier", "monthly_quota", "window_no", "window_start", "window_end", "used", "carried", "credits",
    "limit_reached", "merged_into", "last_at", "licences", "revision",
)  # fmt: skip
GRANT_COLUMNS = (
    "system", "code", "granted_at", "granted_until", "window_no", "carried", "request_id", "tier", "page_limit",
    "used_after", "window_start", "window_end", "policy_version",
)  # fmt: skip

TIERS = {tier.value: tier for tier in Tier}

_READER = ", ".join(f"r.{column}" for column in READER_COLUMNS)
_NEWEST = ", ".join(f"g.{column}" for column in GRANT_COLUMNS)
_EARLIER = ", ".join(f"e.{column}" for column in GRANT_COLUMNS)
GRANT_FIELDS = ", ".join(GRANT_COLUMNS)

READER_AT = 4
"""Place of the first of the reader's columns in a row of SITUATIONS; before it: now, policy, network's guests, row."""
NEWEST_AT = READER_AT + len(READER_COLUMNS)
EARLIER_AT = NEWEST_AT + len(GRANT_COLUMNS)

_SITUATIONS = """
    WITH clock AS MATERIALIZED (SELECT coalesce(%(now)s::timestamptz, clock_timestamp()) AS now),
         newest_policy AS MATERIALIZED (SELECT max(version) AS version FROM policy)
    SELECT clock.now, newest_policy.version, n.guests, r.principal, {columns}
    FROM clock, newest_policy,
         json_to_recordset(%(views)s) AS v (
             place bigint, principal text, system text, code text, network text, request_id text)
    LEFT JOIN LATERAL (SELECT * FROM reader WHERE reader.principal = v.principal LIMIT 1) r ON true
    LEFT JOIN LATERAL (
        SELECT * FROM page_grant p WHERE p.principal = v.principal AND p.system = v.system AND p.code = v.code
        ORDER BY p.granted_until DESC LIMIT 1) g ON true
    LEFT JOIN LATERAL (
        SELECT guests FROM network_day d WHERE v.network <> '' AND d.network = v.network
        AND d.day = coalesce(%(day)s::date, (clock.now AT TIME ZONE 'UTC')::date) LIMIT 1) n ON true
    {earlier}
    ORDER BY v.place
"""
_EARLIER_JOIN = """
    LEFT JOIN LATERAL (
        SELECT * FROM page_grant p WHERE p.principal = v.principal AND p.request_id = v.request_id
        AND p.request_id <> '' LIMIT 1) e ON true
"""
PEEK = _SITUATIONS.format(columns=f"{_READER}, {_NEWEST}", earlier="")
"""Without the grants that earlier decisions of the same request id made."""
SITUATIONS = _SITUATIONS.format(columns=f"{_READER}, {_NEWEST}, {_EARLIER}", earlier=_EARLIER_JOIN)


def arguments(views: Sequence[PageView]) -> dict[str, Any]:
    """Give the views as the records that the queries read: JSON is written faster than PostgreSQL's arrays are."""
    records = [
        {
            "place": place,
            "principal": view.principal,
            "system": view.content.system,
            "code": view.content.code,
            "network": view.network,
            "request_id": view.request_id,
        }
        for place, view in enumerate(views)
    ]
    return {"views": json.dumps(records)}


def reader_at(principal: str, row: Sequence[Any], start: int) -> Reader:
    """Read a reader from the columns of a row that begin at `start`."""
    (tier, quota, window_no, begins, ends, used, carried, credits_, reached, merged, last_at, licences, revision) = row[
        start : start + len(READER_COLUMNS)
    ]
    if tier is None:
        return new_reader(principal)
    window = Window(begins, ends) if begins is not None else None
    return Reader(
        principal, TIERS[tier], quota, window_no, window, used, carried, credits_, reached, merged, last_at,
        tuple(licences), revision,
    )  # fmt: skip


def grant_at(principal: str, row: Sequence[Any], start: int) -> Grant | None:
    """Read a grant from the columns of a row that begin at `start`; None where there is none."""
    if row[start] is None:
        return None
    (system, code, at, until, window_no, carried, request_id, tier, limit, used, begins, ends, version) = row[
        start : start + len(GRANT_COLUMNS)
    ]
    return Grant(
        principal, Content(system, code), at, until, window_no, carried, request_id, TIERS[tier], limit, used,
        Window(begins, ends), version,
    )  # fmt: skip


def grant_of(principal: str, row: Mapping[str, Any]) -> Grant:
    """Read a grant from a row by name."""
    grant = grant_at(principal, [row[column] for column in GRANT_COLUMNS], 0)
    assert grant is not None  # noqa: S101 - the row is one of page_grant, whose system is never null
    return grant
