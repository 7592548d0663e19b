"""What the process of one ordered import does; the runner starts it as `python -m services.catalog.jobs`."""

from collections.abc import Sequence
from pathlib import Path

from services.catalog.adapters.import_jobs import PostgresJobs
from services.catalog.imports.importer import Choices, Progress
from services.catalog.imports.run import import_file
from services.catalog.jobs.folder import UploadFolder
from services.catalog.jobs.running import run
from services.catalog.releases import Release
from shared.database import Database
from shared.errors import NotFound


async def run_job(database: Database, folder: Path, job_id: str, owner: str) -> None:
    """Run a job that its owner has taken; NotFound when it is another one's by now."""
    jobs = PostgresJobs(database)
    job = await jobs.job(job_id)
    if job is None or not await jobs.beat(job_id, owner, ()):
        raise NotFound("IMPORT_UNKNOWN", f"There is no running import {job_id} of this owner.")

    async def importing(
        kind: str, paths: Sequence[Path], by: str, choices: Choices, progress: Progress, *, skip_if_loaded: bool
    ) -> Release:
        return await import_file(
            database, kind, paths, imported_by=by, choices=choices, progress=progress, skip_if_loaded=skip_if_loaded
        )

    paths = UploadFolder(folder, largest_upload=0, largest=0).paths(job.upload_id, job.order.file_names)
    await run(jobs, job, owner, paths, importing)
