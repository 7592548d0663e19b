"""Reads the diagnoses of claims from PostgreSQL, and keeps what was read last: claims name the same codes again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from cachetools import LRUCache

from services.catalog.adapters.code_set_facts import conversions_by_release
from services.catalog.adapters.library import code_record
from services.catalog.adapters.query import rows_of
from services.catalog.edits.diagnoses import Beside, Diagnosis, padded
from services.catalog.records import CodeRecord, Conversion, ReleaseRecord
from shared.database import Database

MOST_RECORDS = 60_000
MOST_FAMILIES = 10_000
_COLUMNS = "system, code, display, kind, heading, official, reportable, has_page, children, reportable_below, ordinal"
_RECORDS = f"""
    SELECT {_COLUMNS}, ancestors, body FROM code
    WHERE release_id = %(release)s AND system = 'icd10cm' AND code = ANY (%(codes)s)
"""  # noqa: S608 - only names of columns of ours are put in
_FAMILIES = f"""
    SELECT parent, {_COLUMNS}, NULL AS ancestors, NULL AS body FROM code
    WHERE release_id = %(release)s AND system = 'icd10cm' AND parent = ANY (%(codes)s)
    ORDER BY ordinal
"""  # noqa: S608 - only names of columns of ours are put in
_ELSEWHERE = """
    SELECT release_id, code FROM code
    WHERE release_id = ANY (%(releases)s) AND system = 'icd10cm' AND reportable AND code = ANY (%(codes)s)
"""
Key = tuple[str, str]
"""Release and code."""


class PostgresDiagnoses:
    """The codes of ICD-10-CM in the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; it is opened by the service."""
        self._database = database
        self._records: LRUCache[Key, CodeRecord | None] = LRUCache(MOST_RECORDS)
        self._families: LRUCache[Key, tuple[CodeRecord, ...]] = LRUCache(MOST_FAMILIES)
        self._fit: LRUCache[Key, Diagnosis] = LRUCache(MOST_FAMILIES)
        """Codes that can be reported, whole: of them no other release is asked."""
        self._conversions: LRUCache[Key, tuple[Conversion, ...]] = LRUCache(MOST_FAMILIES)

    async def diagnoses(
        self, release: ReleaseRecord, codes: Collection[str], beside: Beside
    ) -> Mapping[str, Diagnosis]:
        """What a release knows of codes; of those that cannot be reported, what other releases say of them."""
        kept = {code: fit for code in codes if (fit := self._fit.get((release.id, code))) is not None}
        if len(kept) < len(codes):
            kept |= await self._gathered(release, [code for code in codes if code not in kept], beside)
        return kept

    async def _gathered(self, release: ReleaseRecord, codes: Collection[str], beside: Beside) -> dict[str, Diagnosis]:
        spelt = {spelling for code in codes for spelling in _spellings(code)}
        records = await self._read_records(release.id, spelt)
        above = {name for record in records.values() if record for name in record.ancestors}
        records |= await self._read_records(release.id, above - spelt)
        parents = {name for code in codes for name in _families_of(code, records)}
        families = await self._read_families(release.id, parents)
        unfit = [code for code in codes if (record := records[code]) is None or not record.reportable]
        elsewhere = await self._read_elsewhere(unfit, beside.others)
        conversions = await self._read_conversions(unfit, beside.conversions)
        found = {code: _diagnosis(code, records, families) for code in codes}
        for code in unfit:
            found[code] = replace(
                found[code],
                elsewhere=tuple(other for other in beside.others if (other.id, code) in elsewhere),
                conversions=conversions.get(code, ()),
            )
        self._fit.update({(release.id, code): found[code] for code in codes if code not in set(unfit)})
        return found

    async def _read_records(self, release: str, codes: Iterable[str]) -> dict[str, CodeRecord | None]:
        found: dict[str, CodeRecord | None] = {}
        unread = []
        for code in codes:
            if (release, code) in self._records:
                found[code] = self._records[release, code]
            else:
                unread.append(code)
        if unread:
            async with self._database.connection() as conn:
                rows = await rows_of(conn, _RECORDS, {"release": release, "codes": unread})
            found |= dict.fromkeys(unread) | {row["code"]: code_record(row) for row in rows}
            self._records.update({(release, code): found[code] for code in unread})
        return found

    async def _read_families(self, release: str, parents: Collection[str]) -> dict[str, tuple[CodeRecord, ...]]:
        found = {p: self._families[release, p] for p in parents if (release, p) in self._families}
        unread = [parent for parent in parents if parent not in found]
        if unread:
            by_parent: dict[str, list[CodeRecord]] = {parent: [] for parent in unread}
            async with self._database.connection() as conn:
                for row in await rows_of(conn, _FAMILIES, {"release": release, "codes": unread}):
                    by_parent[row["parent"]].append(code_record(row))
            found |= {parent: tuple(children) for parent, children in by_parent.items()}
            self._families.update({(release, parent): found[parent] for parent in unread})
        return found

    async def _read_elsewhere(self, codes: list[str], releases: Sequence[ReleaseRecord]) -> set[Key]:
        if not codes or not releases:
            return set()
        async with self._database.connection() as conn:
            values = {"releases": [release.id for release in releases], "codes": codes}
            return {(row["release_id"], row["code"]) for row in await rows_of(conn, _ELSEWHERE, values)}

    async def _read_conversions(
        self, codes: Sequence[str], release: ReleaseRecord | None
    ) -> dict[str, tuple[Conversion, ...]]:
        if release is None:
            return {}
        found = {c: self._conversions[release.id, c] for c in codes if (release.id, c) in self._conversions}
        unread = [code for code in codes if code not in found]
        if unread:
            async with self._database.connection() as conn:
                read = {code: await conversions_by_release(conn, release.id, code) for code in unread}
            self._conversions.update({(release.id, code): said for code, said in read.items()})
            found |= read
        return found


def _spellings(code: str) -> set[str]:
    """The code, its beginnings, and what may be meant by it."""
    return {code, *(code[:length] for length in range(3, len(code))), *padded(code)}


def _nearest(code: str, records: Mapping[str, CodeRecord | None]) -> CodeRecord | None:
    """The longest beginning of a code that does not exist which does."""
    return next((record for n in range(len(code) - 1, 2, -1) if (record := records.get(code[:n]))), None)


def _families_of(code: str, records: Mapping[str, CodeRecord | None]) -> list[str]:
    """The places whose children are asked for: those beside the code, or below a header."""
    record = records[code] or _nearest(code, records)
    if record is None:
        return []
    if not record.reportable:
        return [record.code]
    return list(record.ancestors[-2 if "extension" in record.body else -1 :][:1])


def _diagnosis(
    code: str, records: Mapping[str, CodeRecord | None], families: Mapping[str, tuple[CodeRecord, ...]]
) -> Diagnosis:
    record = records[code]
    family = tuple(child for name in _families_of(code, records) for child in families[name])
    if record is None:
        nearest = _nearest(code, records)
        above = (nearest, *_above(nearest, records)) if nearest else ()
        meant = next((spelling for spelling in padded(code) if records.get(spelling)), "")
        return Diagnosis(code, None, above, below=() if nearest is None or nearest.reportable else family, meant=meant)
    return Diagnosis(
        code,
        record,
        _above(record, records),
        beside=family if record.reportable else (),
        below=() if record.reportable else family,
    )


def _above(record: CodeRecord, records: Mapping[str, CodeRecord | None]) -> tuple[CodeRecord, ...]:
    return tuple(place for name in reversed(record.ancestors) if (place := records.get(name)))
