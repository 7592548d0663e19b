"""Operators order imports: files are kept, run one after the other in processes of their own, and told how it went."""

from __future__ import annotations

import asyncio
import io
import os
import secrets
import signal
import zipfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import grpc
import psutil
import pytest
from codingahead.catalog.v1 import imports_pb2 as pb
from codingahead.catalog.v1 import imports_pb2_grpc

from services.catalog.adapters.forgetting import forget
from services.catalog.adapters.import_jobs import PostgresJobs
from services.catalog.jobs.job import State
from services.catalog.jobs.runner import DIED
from shared.errors import Conflict, Denied, DomainError, FailedPrecondition, InvalidInput
from shared.rpc.client import call_metadata, invoke
from shared.rpc.status import from_rpc_error
from tests.integration.catalog.conftest import Catalog
from tests.polling import eventually
from tests.unit.catalog.code_set_files import RIGHT
from tests.unit.catalog.small_tabular import SMALL

TABULAR = "icd10cm-tabular-April-1-2026.xml"
CDT = {"my-cdt.txt": b"D0120\tInvented look\tInvented words\n"}
ENDED = (pb.IMPORT_STATE_DONE, pb.IMPORT_STATE_FAILED)


class Ordering:
    """An operator at the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.stub: imports_pb2_grpc.ImportsServiceAsyncStub = imports_pb2_grpc.ImportsServiceStub(catalog.channel)
        self.token = catalog.token("operator", name="ops")

    async def upload(self, files: Mapping[str, bytes], upload_id: str = "") -> str:
        async def parts() -> AsyncIterator[pb.UploadFilesRequest]:
            yield pb.UploadFilesRequest(request_id=upload_id or secrets.token_hex(8))
            for name, content in files.items():
                yield pb.UploadFilesRequest(file_name=name)
                for at in range(0, len(content), 1000):
                    yield pb.UploadFilesRequest(chunk=content[at : at + 1000])
            yield pb.UploadFilesRequest(whole=True)

        call = self.stub.UploadFiles(parts(), timeout=20, metadata=call_metadata(self.token))
        try:
            return (await call).upload_id
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from None

    async def begin(self, upload_id: str, **said: object) -> list[pb.ImportJob]:
        request = pb.BeginImportsRequest(request_id=secrets.token_hex(8), upload_id=upload_id, **said)  # type: ignore[arg-type]
        return list((await invoke(self.stub.BeginImports, request, timeout=20, token=self.token)).jobs)

    async def job(self, job_id: str) -> pb.ImportJob:
        request = pb.GetImportJobRequest(job_id=job_id)
        return (await invoke(self.stub.GetImportJob, request, timeout=10, token=self.token)).job

    async def listed(self, size: int = 0, token: str = "") -> pb.ListImportJobsResponse:
        request = pb.ListImportJobsRequest(page_size=size, page_token=token)
        return await invoke(self.stub.ListImportJobs, request, timeout=10, token=self.token)

    async def retry(self, job_id: str) -> pb.ImportJob:
        request = pb.RetryImportJobRequest(request_id=secrets.token_hex(8), job_id=job_id)
        return (await invoke(self.stub.RetryImportJob, request, timeout=10, token=self.token)).job

    async def ended(self, job_id: str) -> pb.ImportJob:
        async def over() -> bool:
            return (await self.job(job_id)).state in ENDED

        await eventually(over, "the import ends")
        return await self.job(job_id)

    def files_left(self) -> list[str]:
        return sorted(path.name for path in (self.catalog.folder / "uploads").rglob("*") if path.is_file())


@pytest.fixture
def ordering(catalog: Catalog) -> Ordering:
    return Ordering(catalog)


async def test_files_of_several_kinds_are_recognised_and_imported_one_after_the_other(ordering: Ordering) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(f"folder/{TABULAR}", SMALL)
    (poa_name, poa), *_ = RIGHT["icd10cm-poa"].items()
    upload = await ordering.upload({"tabular.zip": zipped.getvalue(), poa_name: poa})
    assert await ordering.upload({"other.txt": b"other"}, upload) == upload
    jobs = await ordering.begin(upload)
    assert [(job.kind, [file.name for file in job.files]) for job in jobs] == [
        ("icd10cm-tabular", ["tabular.zip"]),
        ("icd10cm-poa", [poa_name]),
    ]
    done = [await ordering.ended(job.job_id) for job in jobs]
    assert [job.state for job in done] == [pb.IMPORT_STATE_DONE] * 2, done
    assert done[0].told.startswith("In force: ICD-10-CM Tabular List")
    assert {step.name for step in done[0].steps} >= {"reading ICD-10-CM", "rows of code", "publishing", "taking effect"}
    assert done[0].entries > 0
    assert done[0].ordered_by == "account:ops"
    assert len(done[0].files[0].sha256) == 64
    assert done[1].started_at.ToDatetime() >= done[0].ended_at.ToDatetime()
    again = await ordering.begin(upload)  # ordered once, also when its files are gone
    assert [job.job_id for job in again] == [job.job_id for job in jobs]
    page = await ordering.catalog.page("icd10cm", "S90")
    assert page.heading.text == "Invented spoon"
    assert [r.release_id for r in page.releases if r.kind == "icd10cm-tabular"] == [done[0].release_id]
    listed = await ordering.listed(1)
    assert [job.job_id for job in listed.jobs] == [jobs[1].job_id]
    rest = await ordering.listed(1, listed.next_page_token)
    assert [job.job_id for job in rest.jobs] == [jobs[0].job_id]
    assert not rest.next_page_token


async def test_defects_are_told_with_their_places_and_the_old_release_serves(ordering: Ordering) -> None:
    await ordering.catalog.import_tabular()
    wrong = SMALL.replace("Invented tools (S90-S99)", " ").replace("Invented spoon", "Invented fork")
    (job,) = await ordering.begin(await ordering.upload({TABULAR: wrong.encode()}))
    failed = await ordering.ended(job.job_id)
    assert failed.state == pb.IMPORT_STATE_FAILED
    assert failed.told == f"Nothing was imported: the files have {failed.defect_count} defect" + (
        "s." if failed.defect_count > 1 else "."
    )
    assert (failed.defects[0].file, failed.defects[0].line) == (TABULAR, 60)
    assert failed.files_kept
    assert not (await ordering.listed()).jobs[0].defects
    assert (await ordering.catalog.page("icd10cm", "S90")).heading.text == "Invented spoon"


async def test_a_process_that_is_killed_is_told_and_a_retry_imports(
    ordering: Ordering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(_slow_start(ordering.catalog.folder)))
    (job,) = await ordering.begin(await ordering.upload({TABULAR: SMALL.encode()}))
    victim = await _process_of(job.job_id)
    monkeypatch.delenv("PYTHONPATH")
    victim.send_signal(signal.SIGKILL)
    failed = await ordering.ended(job.job_id)
    assert failed.state == pb.IMPORT_STATE_FAILED
    assert failed.told == DIED.format(how=" (signal SIGKILL)")
    with pytest.raises(FailedPrecondition, match="failed"):
        await ordering.retry((await ordering.begin(await ordering.upload(RIGHT["icd10cm-poa"])))[0].job_id)
    assert (await ordering.retry(job.job_id)).state == pb.IMPORT_STATE_WAITING
    done = await ordering.ended(job.job_id)
    assert (done.state, done.attempts) == (pb.IMPORT_STATE_DONE, 2), done


async def test_an_import_of_a_slot_that_another_one_holds_waits_for_it(ordering: Ordering) -> None:
    async with ordering.catalog.database.transaction() as conn:
        await conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ("catalog/import/icd10cm-tabular",))
        (job,) = await ordering.begin(await ordering.upload({TABULAR: SMALL.encode()}))

        async def told() -> bool:
            return bool((await ordering.job(job.job_id)).told)

        await eventually(told, "the import waits")
        waiting = await ordering.job(job.job_id)
        assert waiting.state == pb.IMPORT_STATE_WAITING
        assert "Another import of icd10cm-tabular is running" in waiting.told
    assert (await ordering.ended(job.job_id)).state == pb.IMPORT_STATE_DONE


async def test_what_cannot_be_imported_is_refused_at_once_and_leaves_no_file(ordering: Ordering) -> None:
    refusals: list[tuple[dict[str, bytes], dict[str, object], str]] = [
        ({"notes.txt": b"x"}, {}, "no file is called as a known one"),
        ({"a.zip": b"PK\x03\x04cut"}, {}, "no whole zip archive"),
        ({"x.csv": b"x"}, {"kind": "ncci-ptp"}, "practitioner, outpatient"),
        ({"x.csv": b"x"}, {"kind": "klingon"}, "is not known"),
        ({"x.csv": b"x"}, {"kind": "house"}, "is a folder"),
        (CDT, {}, "accept its licence"),
        (CDT, {"licence_accepted": True}, "edition"),
        ({TABULAR: b"x", **RIGHT["icd10cm-poa"]}, {"edition": "2026"}, "holds for one"),
    ]
    for files, said, sentence in refusals:
        with pytest.raises(DomainError, match=sentence):
            await ordering.begin(await ordering.upload(files), **said)
    for name in ("../evil.txt", "a/b.txt", ".hidden", "a\\b", "", "x" * 151, "a\x00b"):
        with pytest.raises(InvalidInput):
            await ordering.upload({name: b"x"})
    with pytest.raises(InvalidInput, match="at least one file"):
        await ordering.upload({})
    assert ordering.files_left() == ["name"]
    assert not (await ordering.listed()).jobs


async def test_the_licence_of_a_licensed_code_set_is_recorded_with_who_gave_it(ordering: Ordering) -> None:
    (job,) = await ordering.begin(await ordering.upload(CDT), licence_accepted=True, edition="2027")
    done = await ordering.ended(job.job_id)
    assert done.state == pb.IMPORT_STATE_DONE, done
    async with ordering.catalog.database.transaction() as conn:
        row = await (await conn.execute("SELECT imported_by, licence_accepted_by FROM release")).fetchone()
        assert row == {"imported_by": "account:ops", "licence_accepted_by": "account:ops"}
        await forget(conn, "account:ops")
    assert (await ordering.job(job.job_id)).ordered_by.startswith("account:forgotten-")
    async with ordering.catalog.database.connection() as conn:
        cursor = await conn.execute(
            "SELECT uploaded_by AS who FROM import_upload UNION ALL SELECT licence_accepted_by FROM import_job"
            " UNION ALL SELECT imported_by FROM release UNION ALL SELECT licence_accepted_by FROM release"
        )
        assert all(row["who"].startswith("account:forgotten-") for row in await cursor.fetchall())


async def test_an_upload_that_does_not_come_whole_leaves_nothing(ordering: Ordering) -> None:
    async def parts() -> AsyncIterator[pb.UploadFilesRequest]:
        yield pb.UploadFilesRequest(request_id="cut-off-upload")
        yield pb.UploadFilesRequest(file_name="a.txt")
        yield pb.UploadFilesRequest(chunk=b"x" * 1000)
        await asyncio.sleep(600)

    call = ordering.stub.UploadFiles(parts(), timeout=20, metadata=call_metadata(ordering.token))
    await eventually(lambda: "a.txt" in ordering.files_left(), "the file comes")
    with pytest.raises(Conflict, match="being received"):
        await ordering.upload({"a.txt": b"x"}, "cut-off-upload")
    call.cancel()
    await eventually(lambda: ordering.files_left() == ["name"], "nothing is left")


async def test_nobody_but_operators_may_order(catalog: Catalog, ordering: Ordering) -> None:
    ordering.token = catalog.token("editor")
    with pytest.raises(Denied):
        await ordering.upload({TABULAR: b"x"})
    with pytest.raises(Denied):
        await ordering.listed()


async def test_a_running_import_that_falls_silent_is_failed(ordering: Ordering) -> None:
    upload = await ordering.upload({"a.txt": b"x"})
    jobs = PostgresJobs(ordering.catalog.database)
    async with ordering.catalog.database.connection() as conn:
        await conn.execute("UPDATE import_upload SET place = 'elsewhere'")
        await conn.execute(
            "INSERT INTO import_job (id, upload_id, kind, setting, file_names, edition, licence_accepted_by,"
            " ordered_by) VALUES ('silent', %s, 'hcpcs', '', '{a.txt}', '', '', 'account:ops')",
            (upload,),
        )
        assert await jobs.take("here", "me") is None
        taken = await jobs.take("elsewhere", "me")
        assert taken is not None
        assert await jobs.fail_silent(30, "died") == 0
        await conn.execute("UPDATE import_job SET heartbeat_at = heartbeat_at - interval '31 seconds'")
    assert await jobs.fail_silent(30, "died") == 1
    failed = await jobs.job("silent")
    assert failed is not None
    assert (failed.state, failed.told) == (State.FAILED, "died")
    assert not await jobs.fail("silent", "me", "too late")


def _slow_start(folder: Path) -> Path:
    """A folder whose sitecustomize holds a process long enough to be killed."""
    slow = folder / "slow"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text("import time; time.sleep(30)\n")
    return slow


async def _process_of(job_id: str) -> psutil.Process:
    found: list[psutil.Process] = []

    def runs() -> bool:
        found.extend(child for child in psutil.Process(os.getpid()).children() if job_id in child.cmdline())
        return bool(found)

    await eventually(runs, "a process runs the import")
    return found[0]
