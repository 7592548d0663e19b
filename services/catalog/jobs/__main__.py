"""`python -m services.catalog.jobs JOB OWNER`: runs one ordered import; the service starts this process itself."""

import asyncio
import os
import sys
from pathlib import Path

from services.catalog.jobs.process import run_job
from shared.child_process import begin
from shared.database import Database
from shared.process import told_in_a_sentence
from shared.telemetry import configure_logs


async def _run(job_id: str, owner: str) -> None:
    database = Database(os.environ["DATABASE_URL"])
    await database.open()
    try:
        await run_job(database, Path(os.environ["UPLOADS_FOLDER"]), job_id, owner)
    finally:
        await database.close()


if __name__ == "__main__":
    begin()
    configure_logs(os.environ["LOG_LEVEL"], os.environ["LOG_FORMAT"])
    with told_in_a_sentence():
        asyncio.run(_run(*sys.argv[1:]))
