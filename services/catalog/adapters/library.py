"""Reads codes from PostgreSQL: a page costs four short queries, each keyed by the releases that the first one names."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.catalog.adapters.code_set_facts import gems_of
from services.catalog.adapters.diagnosis_facts import diagnosis_facts
from services.catalog.adapters.payment_facts import with_coverage, with_payment_tables
from services.catalog.adapters.presence import presence_of
from services.catalog.adapters.query import HELD, held_values, rows_of
from services.catalog.editions import Editions
from services.catalog.records import (
    AddOn,
    CodeRecord,
    Facts,
    Holding,
    Key,
    Mue,
    Neighbourhood,
    OfficialText,
    Ptp,
    ReleaseRecord,
    Table,
)
from services.catalog.systems import SELECTION
from services.catalog.validity import Presence
from shared.database import Database

MOST_SIBLINGS = 60
MOST_REPORTABLE = 200

_COLUMNS = "system, code, display, kind, heading, official, reportable, has_page, children, reportable_below, ordinal"
_ANSWERING = """
    SELECT r.*, coalesce((SELECT jsonb_agg(to_jsonb(t) - 'release_id' ORDER BY t.name)
                          FROM release_table t WHERE t.release_id = r.id), '[]') AS tables
    FROM release r WHERE r.answering
"""
WITH_PAYMENT = {"cpt", "hcpcs", "cdt"}
"""Systems whose codes stand in payment tables."""
WITH_GEMS = {"icd10pcs", "icd9cm", "icd9pcs"}
"""Systems beside ICD-10-CM of which nothing is kept but their codes and mappings."""
_NEIGHBOURHOOD = f"""
    WITH me AS MATERIALIZED (
        SELECT * FROM code WHERE release_id = %(release)s AND system = %(system)s AND code = %(code)s)
    SELECT 'self' AS role, {_COLUMNS}, ancestors, body FROM me
    UNION ALL
    SELECT 'ancestor', {_COLUMNS}, ancestors, body FROM code
    WHERE release_id = %(release)s AND system = %(system)s AND code = ANY ((SELECT ancestors FROM me)::text[])
    UNION ALL
    SELECT 'child', {_COLUMNS}, NULL, NULL FROM code
    WHERE release_id = %(release)s AND system = %(system)s AND parent = %(code)s
    UNION ALL
    (SELECT 'sibling', {_COLUMNS}, NULL, NULL FROM code
     WHERE release_id = %(release)s AND system = %(system)s AND parent = (SELECT parent FROM me)
     ORDER BY ordinal LIMIT {MOST_SIBLINGS})
    UNION ALL
    (SELECT 'previous', {_COLUMNS}, NULL, NULL FROM code
     WHERE release_id = %(release)s AND system = %(system)s AND level = (SELECT level FROM me)
       AND ordinal < (SELECT ordinal FROM me) ORDER BY ordinal DESC LIMIT 1)
    UNION ALL
    (SELECT 'next', {_COLUMNS}, NULL, NULL FROM code
     WHERE release_id = %(release)s AND system = %(system)s AND level = (SELECT level FROM me)
       AND ordinal > (SELECT ordinal FROM me) ORDER BY ordinal LIMIT 1)
    UNION ALL
    (SELECT 'reportable', {_COLUMNS}, NULL, NULL FROM code
     WHERE release_id = %(release)s AND system = %(system)s AND reportable
       AND ordinal > (SELECT ordinal FROM me) AND ordinal <= (SELECT last_ordinal FROM me)
     ORDER BY ordinal LIMIT {MOST_REPORTABLE})
"""  # noqa: S608 - only names of columns and numbers of ours are put in
_PROCEDURE = """
    SELECT
        (SELECT body FROM our_text
         WHERE release_id = %(house)s AND system = %(system)s AND code = %(code)s) AS our_text,
        (SELECT body FROM code_facts
         WHERE release_id = %(house)s AND system = %(system)s AND code = %(code)s) AS code_facts,
        (SELECT to_jsonb(t) FROM official_text t
         WHERE release_id = ANY (%(official)s) AND system = %(system)s AND code = %(code)s LIMIT 1) AS official,
        (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.add_on, a.primary_code) FROM add_on a
         WHERE release_id = %(house)s AND (a.add_on = %(code)s OR a.primary_code = %(code)s)) AS add_on,
        (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.setting, p.column_1, p.column_2) FROM ptp_edit p
         WHERE release_id = %(house)s AND (p.column_1 = %(code)s OR p.column_2 = %(code)s)) AS ptp
"""


_PRESENCES = """
    SELECT release_id, heading, reportable, body FROM code
    WHERE release_id = ANY (%(releases)s) AND system = %(system)s AND code = %(code)s
    UNION ALL
    SELECT release_id, '', true, '{}' FROM official_text
    WHERE release_id = ANY (%(releases)s) AND system = %(system)s AND code = %(code)s
"""
"""Licensed descriptors tell that a code is there; its wording is not compared."""


class PostgresLibrary:
    """The releases and codes in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database

    async def releases_in_force(self) -> Mapping[str, ReleaseRecord]:
        """Give the releases in force, by slot, and by part those that answer for what one of them lacks."""
        return (await self.editions()).on()

    async def editions(self) -> Editions[ReleaseRecord]:
        """Give every release that answers, to ask which one answers on a day."""
        return Editions([release_record(row) for row in await self._rows(_ANSWERING, {})])

    async def neighbourhood(self, release_id: str, system: str, code: str) -> Neighbourhood | None:
        """Give a code with what stands around it; None when the release does not hold it."""
        by_role: dict[str, list[CodeRecord]] = {}
        for row in await self._rows(_NEIGHBOURHOOD, {"release": release_id, "system": system, "code": code}):
            by_role.setdefault(row["role"], []).append(code_record(row))
        if "self" not in by_role:
            return None

        def of(role: str) -> tuple[CodeRecord, ...]:
            return tuple(sorted(by_role.get(role, ()), key=lambda record: record.ordinal))

        return Neighbourhood(
            record=by_role["self"][0],
            ancestors=of("ancestor"),
            children=of("child"),
            siblings=of("sibling"),
            reportable=of("reportable"),
            previous=next(iter(of("previous")), None),
            next=next(iter(of("next")), None),
        )

    async def facts(self, releases: Mapping[str, ReleaseRecord], system: str, code: str, day: date) -> Facts:
        """Give what the releases say of a code on a day."""
        if system == "icd10cm":
            facts = await diagnosis_facts(self._database, releases, code)
            async with self._database.connection() as conn:
                return await with_coverage(facts, conn, releases, (system, code), day)
        async with self._database.connection() as conn:
            if system in WITH_GEMS:
                facts = Facts(gems=await gems_of(conn, releases, system, code))
            else:
                house = releases[SELECTION].id if SELECTION in releases else ""
                official = [house, *(releases[kind].id for kind in ("cpt",) if kind in releases)]
                values = {"house": house, "official": official, "system": system, "code": code}
                facts = _facts((await rows_of(conn, _PROCEDURE, values))[0])
                if system in WITH_PAYMENT:
                    facts = await with_payment_tables(facts, conn, releases, code, day)
            return await with_coverage(facts, conn, releases, (system, code), day)

    async def presences(self, editions: Sequence[ReleaseRecord], system: str, code: str) -> list[Presence]:
        """Give what each of some editions of a code set says of a code, in their order."""
        values = {"releases": [edition.id for edition in editions], "system": system, "code": code}
        said = {row["release_id"]: row for row in await self._rows(_PRESENCES, values)} if editions else {}
        return [presence_of(edition, said.get(edition.id)) for edition in editions]

    async def records(self, held: Sequence[Holding], keys: list[Key]) -> dict[Key, CodeRecord]:
        """Give those of the codes that exist."""
        if not keys:
            return {}
        rows = await self._rows(
            f"SELECT DISTINCT ON (system, code) {_COLUMNS}, NULL AS ancestors, NULL AS body FROM code"  # noqa: S608 - ours
            " JOIN unnest(%(systems)s::text[], %(codes)s::text[]) AS wanted (system, code) USING (system, code)"
            f" JOIN {HELD} USING (release_id, system) ORDER BY system, code, held.place",
            {"systems": [key[0] for key in keys], "codes": [key[1] for key in keys], **held_values(held)},
        )
        return {(row["system"], row["code"]): code_record(row) for row in rows}

    async def same_in_any_system(self, held: Sequence[Holding], codes: list[str]) -> list[CodeRecord]:
        """Give every code that bears one of the names, in whatever system."""
        rows = await self._rows(
            f"SELECT DISTINCT ON (system, code) {_COLUMNS}, NULL AS ancestors, NULL AS body FROM code"  # noqa: S608 - ours
            f" JOIN {HELD} USING (release_id, system) WHERE code = ANY (%(codes)s) AND has_page"
            " ORDER BY system, code, held.place",
            {"codes": codes, **held_values(held)},
        )
        return [code_record(row) for row in rows]

    async def _rows(self, statement: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        async with self._database.connection() as conn:
            return await rows_of(conn, statement, values)


def code_record(row: Mapping[str, Any]) -> CodeRecord:
    """Read a row of codes."""
    return CodeRecord(
        system=row["system"],
        code=row["code"],
        display=row["display"],
        kind=row["kind"],
        heading=row["heading"],
        official=row["official"],
        reportable=row["reportable"],
        has_page=row["has_page"],
        children=row["children"],
        reportable_below=row["reportable_below"],
        ordinal=row["ordinal"],
        ancestors=tuple(row["ancestors"] or ()),
        body=row["body"] or {},
    )


def release_record(row: Mapping[str, Any]) -> ReleaseRecord:
    """Read a row of releases, with its tables."""
    return ReleaseRecord(
        id=row["id"],
        kind=row["kind"],
        title=row["title"],
        publisher=row["publisher"],
        edition=row["edition"],
        effective_from=row["effective_from"],
        effective_to=row["effective_to"],
        systems=tuple(row["systems"]),
        checksum=row["checksum"],
        entries=row["entries"],
        imported_by=row["imported_by"],
        imported_at=row["imported_at"],
        in_force=row["in_force"],
        tables=tuple(_table(table) for table in row["tables"]),
        setting=row["setting"],
        answering=row["answering"],
        number=row["number"],
    )


def _table(table: Mapping[str, Any]) -> Table:
    return Table(
        name=table["name"],
        kind=table["kind"],
        setting=table["setting"] or "",
        title=table["title"],
        publisher=table["publisher"],
        url=table["url"],
        edition=table["edition"],
        effective_from=_day(table["effective_from"]),
        effective_to=_day(table["effective_to"]),
        checksum=table["checksum"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _facts(row: Mapping[str, Any]) -> Facts:
    official, said = row["official"], row["code_facts"] or {}
    relations = tuple(AddOn(a["add_on"], a["primary_code"], a["type"]) for a in row["add_on"] or ())
    return Facts(
        our_text=row["our_text"],
        code_facts=row["code_facts"],
        official=OfficialText(
            official["release_id"], official["long_text"], official["medium_text"], official["short_text"]
        )
        if official
        else None,
        add_on=relations,
        add_on_total=len(relations),
        mue=tuple(Mue(m["setting"], m["units"], m["mai"], m["rationale"]) for m in said.get("mue", ())),
        fees=tuple(said.get("fees", ())),
        ptp=tuple(
            Ptp(p["setting"], p["column_1"], p["column_2"], p["modifier_indicator"], p["rationale"])
            for p in row["ptp"] or ()
        ),
    )
