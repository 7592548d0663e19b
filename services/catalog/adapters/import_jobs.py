"""Uploads and ordered imports in PostgreSQL; heartbeats go by the database's clock, which all processes share."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.catalog.imports.defects import Defect
from services.catalog.jobs.job import Job, NewJob, State, Step, Upload, UploadedFile
from services.catalog.releases import Release
from shared.database import Connection, Database
from shared.errors import FailedPrecondition
from shared.idempotency import once

ORDER = "BeginImports"
RETRY = "RetryImportJob"
UNORDERED_SECONDS = 3600.0
"""Files that nobody ordered an import of stay for so long."""
_SELECT = "SELECT j.*, u.files, u.removed_at FROM import_job j JOIN import_upload u ON u.id = j.upload_id"
_OWN = "id = %(id)s AND owner = %(owner)s AND state = 'running'"
_WAITS = """
    SELECT FROM import_job j JOIN import_upload u ON u.id = j.upload_id
    WHERE j.state = 'waiting' AND u.place = %(place)s AND j.not_before <= clock_timestamp() LIMIT 1
"""
_TAKE = """
    UPDATE import_job SET state = 'running', owner = %(owner)s, attempts = attempts + 1, told = '', steps = '[]',
        heartbeat_at = clock_timestamp(), started_at = clock_timestamp(), ended_at = NULL
    WHERE number = (
        SELECT j.number FROM import_job j JOIN import_upload u ON u.id = j.upload_id
        WHERE j.state = 'waiting' AND u.place = %(place)s AND j.not_before <= clock_timestamp()
        ORDER BY j.number LIMIT 1 FOR UPDATE OF j SKIP LOCKED
    ) RETURNING id
"""
_ENDED = """
    SELECT u.id FROM import_upload u LEFT JOIN import_job j ON j.upload_id = u.id
    WHERE u.place = %(place)s AND u.removed_at IS NULL GROUP BY u.id
    HAVING count(j.id) > 0 AND bool_and(
            j.state = 'done' OR j.state = 'failed' AND j.ended_at < clock_timestamp() - make_interval(secs => %(kept)s))
        OR count(j.id) = 0 AND u.uploaded_at < clock_timestamp() - make_interval(secs => %(unordered)s)
    ORDER BY u.uploaded_at
"""


class PostgresJobs:
    """The port of jobs on the catalog's database."""

    def __init__(self, database: Database) -> None:
        """Take the database; whoever owns it opens it."""
        self._database = database

    async def upload(self, upload_id: str) -> Upload | None:
        """An upload; None when there is none."""
        async with self._database.connection() as conn:
            cursor = await conn.execute("SELECT * FROM import_upload WHERE id = %s", (upload_id,))
            row = await cursor.fetchone()
        return None if row is None else _upload(row)

    async def keep_upload(self, upload: Upload) -> Upload:
        """Record an upload once for its id, and give it as it was recorded first."""
        files = json.dumps([asdict(file) for file in upload.files])
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT INTO import_upload (id, place, uploaded_by, files) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (upload.id, upload.place, upload.uploaded_by, files),
            )
        return await self.upload(upload.id) or upload

    async def forget_unordered(self, upload_id: str) -> bool:
        """Remove the record of an upload of which no import was ordered; False when one was."""
        async with self._database.connection() as conn:
            done = await conn.execute(
                "DELETE FROM import_upload u WHERE id = %s"
                " AND NOT EXISTS (SELECT 1 FROM import_job WHERE upload_id = u.id)",
                (upload_id,),
            )
        return done.rowcount > 0

    async def order(self, request_id: str, upload: Upload, jobs: Sequence[NewJob], by: str) -> list[Job]:
        """Order imports once for a request id, and give them as they stand."""
        request = json.dumps([upload.id, by, [asdict(job) for job in jobs]], default=str).encode()
        async with self._database.transaction() as conn:

            async def insert() -> bytes:
                return json.dumps([await _insert(conn, upload.id, job, by) for job in jobs]).encode()

            ids = json.loads(await once(conn, ORDER, request_id, request, insert))
            return await _jobs(conn, "WHERE j.id = ANY(%(ids)s) ORDER BY j.number", {"ids": ids})

    async def of_upload(self, upload_id: str) -> list[Job]:
        """The jobs of an upload, in the order in which they run."""
        async with self._database.connection() as conn:
            return await _jobs(conn, "WHERE j.upload_id = %(id)s ORDER BY j.number", {"id": upload_id})

    async def jobs(self, before: int, limit: int) -> list[Job]:
        """Jobs, the last ordered first, from before a number, without their defects."""
        given = {"before": before, "limit": limit}
        async with self._database.connection() as conn:
            return await _jobs(
                conn, "WHERE %(before)s = 0 OR j.number < %(before)s ORDER BY j.number DESC LIMIT %(limit)s", given,
                defects=False,
            )  # fmt: skip

    async def job(self, job_id: str) -> Job | None:
        """A job; None when there is none."""
        async with self._database.connection() as conn:
            found = await _jobs(conn, "WHERE j.id = %(id)s", {"id": job_id})
        return found[0] if found else None

    async def retry(self, request_id: str, job_id: str, by: str) -> Job:
        """Have a failed job wait again, once for a request id."""
        async with self._database.transaction() as conn:

            async def again() -> bytes:
                done = await conn.execute(
                    "UPDATE import_job j SET state = 'waiting', told = '', steps = '[]', defects = '[]',"
                    " defect_count = 0, ended_at = NULL, not_before = clock_timestamp() FROM import_upload u"
                    " WHERE j.id = %s AND j.state = 'failed' AND u.id = j.upload_id AND u.removed_at IS NULL",
                    (job_id,),
                )
                if not done.rowcount:
                    raise FailedPrecondition(
                        "IMPORT_NOT_FAILED",
                        "Only an import that failed and whose files are kept can be tried again; otherwise send the"
                        " files again.",
                    )
                return b""

            await once(conn, RETRY, request_id, json.dumps([job_id, by]).encode(), again)
            (job,) = await _jobs(conn, "WHERE j.id = %(id)s", {"id": job_id})
            return job

    async def take(self, place: str, owner: str) -> Job | None:
        """The next job of a place, the caller's from now on; None when none waits."""
        async with self._database.connection() as conn:  # asked all the time, mostly for nothing
            if await (await conn.execute(_WAITS, {"place": place})).fetchone() is None:
                return None
        async with self._database.transaction() as conn:
            row = await (await conn.execute(_TAKE, {"place": place, "owner": owner})).fetchone()
            return None if row is None else (await _jobs(conn, "WHERE j.id = %(id)s", {"id": row["id"]}))[0]

    async def beat(self, job_id: str, owner: str, steps: Sequence[Step]) -> bool:
        """Say that a job lives, and how far it is; False when it is not the owner's any more."""
        shown = json.dumps([asdict(step) for step in steps])
        return await self._own("heartbeat_at = clock_timestamp(), steps = %(steps)s", job_id, owner, {"steps": shown})

    async def put_off(self, job_id: str, owner: str, told: str, seconds: float) -> None:
        """Have a job that was taken wait again, for some seconds at least; the attempt does not count."""
        change = (
            "state = 'waiting', owner = '', told = %(told)s, attempts = attempts - 1, steps = '[]',"
            " not_before = clock_timestamp() + make_interval(secs => %(seconds)s)"
        )
        await self._own(change, job_id, owner, {"told": told, "seconds": seconds})

    async def finish(self, job_id: str, owner: str, release: Release, told: str) -> None:
        """Record that a job's release answers."""
        change = (
            "state = 'done', ended_at = clock_timestamp(), told = %(told)s, release_id = %(release)s,"
            " entries = %(entries)s, setting = %(setting)s"
        )
        given = {"told": told, "release": release.id, "entries": release.entries, "setting": release.setting}
        await self._own(change, job_id, owner, given)

    async def fail(self, job_id: str, owner: str, told: str, defects: Sequence[Defect] = (), count: int = 0) -> bool:
        """Record that a job failed; False when it is not the owner's any more or has ended."""
        shown = json.dumps([asdict(defect) for defect in defects])
        change = (
            "state = 'failed', ended_at = clock_timestamp(), told = %(told)s, defects = %(defects)s,"
            " defect_count = %(count)s"
        )
        return await self._own(change, job_id, owner, {"told": told, "defects": shown, "count": count})

    async def fail_silent(self, silent_seconds: float, told: str) -> int:
        """Fail every running job that has not beaten for so long; gives how many."""
        async with self._database.connection() as conn:
            done = await conn.execute(
                "UPDATE import_job SET state = 'failed', ended_at = clock_timestamp(), told = %s"
                " WHERE state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => %s)",
                (told, silent_seconds),
            )
        return done.rowcount

    async def ended_uploads(self, place: str, kept_seconds: float) -> list[str]:
        """Uploads of a place whose files nobody needs, the oldest first."""
        given = {"place": place, "kept": kept_seconds, "unordered": UNORDERED_SECONDS}
        async with self._database.connection() as conn:
            return [row["id"] for row in await (await conn.execute(_ENDED, given)).fetchall()]

    async def removed(self, upload_id: str) -> None:
        """Record that an upload's files are gone."""
        async with self._database.connection() as conn:
            await conn.execute("UPDATE import_upload SET removed_at = clock_timestamp() WHERE id = %s", (upload_id,))

    async def _own(self, change: str, job_id: str, owner: str, given: Mapping[str, object]) -> bool:
        async with self._database.connection() as conn:
            done = await conn.execute(
                f"UPDATE import_job SET {change} WHERE {_OWN}",  # noqa: S608 - of this file
                {"id": job_id, "owner": owner, **given},
            )
        return done.rowcount > 0


async def _insert(conn: Connection, upload_id: str, job: NewJob, by: str) -> str:
    job_id = f"{job.kind}-{secrets.token_hex(8)}"
    given = {name: getattr(job, name) for name in NewJob.__slots__}
    await conn.execute(
        "INSERT INTO import_job (id, upload_id, ordered_by, kind, setting, file_names, edition, effective_from,"
        " effective_to, licence_accepted_by) VALUES (%(id)s, %(upload)s, %(by)s, %(kind)s, %(setting)s,"
        " %(file_names)s, %(edition)s, %(effective_from)s, %(effective_to)s, %(licence_accepted_by)s)",
        given | {"id": job_id, "upload": upload_id, "by": by, "file_names": list(job.file_names)},
    )
    return job_id


async def _jobs(conn: Connection, which: str, given: Mapping[str, object], *, defects: bool = True) -> list[Job]:
    cursor = await conn.execute(f"{_SELECT} {which}", given)
    return [_job(row, defects=defects) for row in await cursor.fetchall()]


def _job(row: Mapping[str, Any], *, defects: bool) -> Job:
    order = NewJob(**{name: row[name] for name in NewJob.__slots__} | {"file_names": tuple(row["file_names"])})
    same = (
        "id", "number", "upload_id", "ordered_by", "ordered_at", "told", "defect_count", "release_id", "entries",
        "started_at", "ended_at", "attempts",
    )  # fmt: skip
    return Job(
        **{name: row[name] for name in same},
        order=order,
        files=tuple(UploadedFile(**file) for file in row["files"] if file["name"] in order.file_names),
        files_kept=row["removed_at"] is None,
        state=State(row["state"]),
        steps=tuple(Step(**step) for step in row["steps"]),
        defects=tuple(Defect(**defect) for defect in row["defects"]) if defects else (),
    )


def _upload(row: Mapping[str, Any]) -> Upload:
    files = tuple(UploadedFile(**file) for file in row["files"])
    return Upload(row["id"], row["place"], row["uploaded_by"], files, kept=row["removed_at"] is None)
