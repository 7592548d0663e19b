"""Runs one ordered import: the same way as the command, with its progress and its outcome written down.

It is the work of a process of its own, so that a large import takes neither the service's memory nor its time.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices, Progress
from services.catalog.jobs.job import Job, Jobs, Step
from services.catalog.releases import Release
from shared.errors import Conflict, DomainError
from shared.tasks import end

BEAT_SECONDS = 1.0
WAIT_FOR_ANOTHER_SECONDS = 5.0
MOST_STEPS = 20


class Importing(Protocol):
    """Imports files as the command does."""

    async def __call__(
        self, kind: str, paths: Sequence[Path], by: str, choices: Choices, progress: Progress, *, skip_if_loaded: bool
    ) -> Release:
        """Import files as one release; raises as `landing.land` does."""
        ...


class Steps:
    """Notes how far the steps of an import have come; it is told so from whatever thread reads."""

    def __init__(self) -> None:
        """Begin without a step."""
        self._steps: dict[str, Step] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        """Note how far a step has come."""
        if step in self._steps or len(self._steps) < MOST_STEPS:
            self._steps[step] = Step(step, done, total)

    def noted(self) -> list[Step]:
        """The steps in the order in which they began."""
        return list(self._steps.values())


async def run(jobs: Jobs, job: Job, owner: str, paths: Sequence[Path], importing: Importing) -> None:
    """Run a job that its owner has taken; whatever happens to the import is written down."""
    steps = Steps()
    beating = asyncio.create_task(_beat(jobs, job.id, owner, steps))
    order = job.order
    choices = Choices(
        order.edition, order.effective_from, order.effective_to, order.licence_accepted_by, setting=order.setting
    )
    try:
        # Whoever ran it before may have died between the release and its word of it.
        release = await importing(order.kind, paths, job.ordered_by, choices, steps, skip_if_loaded=job.attempts > 1)
    except ImportRefused as refused:
        await jobs.fail(job.id, owner, _refusal(refused), refused.defects.kept, refused.defects.count)
    except Conflict as running:
        await jobs.put_off(job.id, owner, running.message, WAIT_FOR_ANOTHER_SECONDS)
    except DomainError as error:
        await jobs.fail(job.id, owner, error.message)
    else:
        await jobs.beat(job.id, owner, steps.noted())
        await jobs.finish(job.id, owner, release, _told(release))
    finally:
        await end(beating)


async def _beat(jobs: Jobs, job_id: str, owner: str, steps: Steps) -> None:
    while True:
        with contextlib.suppress(DomainError):  # the database is away for a moment: the next beat tells
            await jobs.beat(job_id, owner, steps.noted())
        await asyncio.sleep(BEAT_SECONDS)


def _refusal(refused: ImportRefused) -> str:
    count = refused.defects.count
    return f"Nothing was imported: the files have {count:,} defect{'s' if count > 1 else ''}."


def _told(release: Release) -> str:
    if release.in_force:
        return f"In force: {release.title}, {release.edition}."
    return f"{release.title}, {release.edition}, answers for its days; a later one is in force."
