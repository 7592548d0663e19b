"""Ordered imports as they are recorded, and the port to where they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from services.catalog.imports.defects import Defect
from services.catalog.releases import Release


class State(StrEnum):
    """Where an import stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that was received."""

    name: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that came together."""

    id: str
    place: str
    """The folder that holds them, by the name that it was given; another one's files cannot be read here."""
    uploaded_by: str
    files: tuple[UploadedFile, ...]
    kept: bool = True
    """Whether the files are still there."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far one step of an import has come."""

    name: str
    done: int
    total: int
    """0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """An import that is ordered."""

    kind: str
    setting: str
    file_names: tuple[str, ...]
    edition: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    licence_accepted_by: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """An ordered import as it stands."""

    id: str
    number: int
    """Its place in the order of orders."""
    order: NewJob
    upload_id: str
    files: tuple[UploadedFile, ...]
    files_kept: bool
    ordered_by: str
    ordered_at: datetime
    state: State
    steps: tuple[Step, ...]
    told: str
    """What happened, a sentence; empty while there is nothing to say."""
    defects: tuple[Defect, ...]
    defect_count: int
    release_id: str
    entries: int
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int


class Jobs(Protocol):
    """Where uploads and jobs are kept."""

    async def upload(self, upload_id: str) -> Upload | None:
        """Give an upload; None when there is none."""
        ...

    async def keep_upload(self, upload: Upload) -> Upload:
        """Record an upload once for its id, and give it as it was recorded first."""
        ...

    async def forget_unordered(self, upload_id: str) -> bool:
        """Remove the record of an upload of which no import was ordered; False when one was."""
        ...

    async def order(self, request_id: str, upload: Upload, jobs: Sequence[NewJob], by: str) -> list[Job]:
        """Order imports once for a request id, and give them as they stand; Conflict for another order."""
        ...

    async def of_upload(self, upload_id: str) -> list[Job]:
        """Give the jobs of an upload, in the order in which they run."""
        ...

    async def jobs(self, before: int, limit: int) -> list[Job]:
        """Give jobs, the last ordered first, from before a number (0: from the last), without their defects."""
        ...

    async def job(self, job_id: str) -> Job | None:
        """Give a job; None when there is none."""
        ...

    async def retry(self, request_id: str, job_id: str, by: str) -> Job:
        """Have a failed job wait again, once for a request id; FailedPrecondition when it cannot."""
        ...

    async def take(self, place: str, owner: str) -> Job | None:
        """Give the next job of a place to an owner, which beats for it from now on; None when none waits."""
        ...

    async def beat(self, job_id: str, owner: str, steps: Sequence[Step]) -> bool:
        """Say that a job lives, and how far it is; False when it is not the owner's any more."""
        ...

    async def put_off(self, job_id: str, owner: str, told: str, seconds: float) -> None:
        """Have a job that was taken wait again, for some seconds at least."""
        ...

    async def finish(self, job_id: str, owner: str, release: Release, told: str) -> None:
        """Record that a job's release answers."""
        ...

    async def fail(self, job_id: str, owner: str, told: str, defects: Sequence[Defect] = (), count: int = 0) -> bool:
        """Record that a job failed; False when it is not the owner's any more or has ended."""
        ...

    async def fail_silent(self, silent_seconds: float, told: str) -> int:
        """Fail every running job that has not beaten for so long; gives how many."""
        ...

    async def ended_uploads(self, place: str, kept_seconds: float) -> list[str]:
        """Give uploads of a place whose files nobody needs: all jobs are done, or ended so long ago; oldest first."""
        ...

    async def removed(self, upload_id: str) -> None:
        """Record that an upload's files are gone."""
        ...
