"""Operators send files by the page or the API; they are never held whole, and each order is audited and done once."""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.gateway.people import browser as browser_of
from tests.integration.gateway.people import form_fields, own, register, sign_in_rooms
from tests.integration.gateway.rooms import Rooms, until
from tests.integration.gateway.test_second_factor import EMAIL, make_operator, set_up
from tests.polling import eventually
from tests.unit.catalog.code_set_files import RIGHT
from tests.unit.catalog.small_tabular import SMALL

API, PAGE = "/api/v1/operator/imports", "/operator/imports"
TABULAR = "icd10cm-tabular-April-1-2026.xml"
CHANGED = SMALL.replace("Invented spoon", "Invented fork").encode()
BOUNDARY = "a-boundary-of-this-test"


@pytest.fixture
async def operator(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's program, signed in with a second factor."""
    headers = {"Authorization": f"Bearer {rooms.keys.access_token('ops', ('operator',), rooms.url)}"}
    async with httpx.AsyncClient(base_url=rooms.url, headers=headers, timeout=30) as client:
        yield client


async def ended(operator: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    """The import once it is done or failed."""
    job: dict[str, Any] = {}

    async def over() -> bool:
        job.update((await operator.get(f"{API}/{job_id}")).json())
        return job["state"] in {"done", "failed"}

    await eventually(over, "the import ends")
    return job


async def test_the_api_imports_files_once_and_tells_how_it_went(operator: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    sent: dict[str, Any] = {
        "data": {"reason": "an update"},
        "files": [("file", (TABULAR, CHANGED)), ("file", ("readme.md", b"x"))],
    }
    answer = await operator.post(API, headers=key, **sent)
    assert answer.status_code == 202, answer.text
    (job,) = answer.json()["imports"]
    assert (job["kind"], job["ordered_by"], answer.json()["left_out"]) == (
        "icd10cm-tabular",
        "account:ops",
        "readme.md",
    )
    again = (await operator.post(API, headers=key, **sent)).json()["imports"]
    assert [each["job_id"] for each in again] == [job["job_id"]]
    done = await ended(operator, job["job_id"])
    assert (done["state"], done["files"][0]["name"]) == ("done", TABULAR)
    listed = (await operator.get(API)).json()
    assert [each["job_id"] for each in listed["imports"]] == [job["job_id"]]
    assert "Invented fork" in (await operator.get("/api/v1/codes/icd10cm/S90")).text
    (act,) = (await operator.get("/api/v1/operator/acts")).json()["acts"]
    assert (act["act"], act["principal"], act["reason"]) == ("import files by their names", "imports", "an update")
    assert act["after"] == {"imports": job["job_id"], "left out": "readme.md"}
    page = (await operator.get(f"{PAGE}/{job['job_id']}")).text
    assert re.search(r'href="/data/releases/[^"/]+/' + done["release_id"], page)
    assert "account:ops" in page
    assert done["files"][0]["sha256"] in page


async def test_what_is_wrong_is_told_in_a_sentence_and_can_be_tried_again(operator: httpx.AsyncClient) -> None:
    async def refused(status: int, word: str, *, files: Any = (("file", ("a.txt", b"x")),), **data: str) -> None:
        sent = {"reason": "a test"} | data
        answer = await operator.post(API, headers=Rooms.once(), data=sent, files=list(files))
        assert (answer.status_code, word in answer.json()["detail"]) == (status, True), answer.text

    await refused(400, "no file is called as a known one")
    await refused(400, "say why", reason="")
    await refused(400, "surprise", surprise="x")
    await refused(400, "at least one file", files=[("file", ("", b""))])
    await refused(400, "effective_from", effective_from="tomorrow")
    assert (await operator.post(API, headers=Rooms.once(), content=b"x")).json()["reason"] == "FORM_MALFORMED"
    assert (await operator.post(API, files={"file": ("a", b"x")})).json()["reason"] == "IDEMPOTENCY_KEY_MISSING"
    (name, content), *_ = RIGHT["icd10cm-poa"].items()
    spoilt = content.replace(b"A", b"?", 1)
    answer = await operator.post(
        API, headers=Rooms.once(), data={"reason": "a test", "kind": "icd10cm-poa"}, files={"file": (name, spoilt)}
    )
    failed = await ended(operator, answer.json()["imports"][0]["job_id"])
    assert failed["state"] == "failed"
    assert failed["defects"][0]["file"] == name
    page = (await operator.get(f"{PAGE}/{failed['job_id']}")).text
    assert failed["defects"][0]["what"].split('"')[0][:30] in page
    retry = f"{API}/{failed['job_id']}/retry"
    key = Rooms.once()
    first = await operator.post(retry, headers=key, json={"reason": "once more"})
    assert first.json()["state"] in {"waiting", "running", "failed"}
    assert (await ended(operator, failed["job_id"]))["attempts"] == 2
    acts = (await operator.get("/api/v1/operator/acts")).json()["acts"]
    assert [act["act"] for act in acts][:2] == ["try an import again", "import icd10cm-poa"]
    assert (await operator.get(f"{API}/none")).status_code == 404


async def test_guests_and_accounts_send_nothing(rooms: Rooms, operator: httpx.AsyncClient) -> None:
    reader = rooms.account("reader")
    for headers, status in (({"Origin": rooms.url}, 401), (reader, 403)):
        async with httpx.AsyncClient(base_url=rooms.url, headers=headers) as client:
            for path in (API, PAGE):
                sent = await client.post(path, headers=Rooms.once(), files={"file": ("a.txt", b"x")})
                assert sent.status_code == status
                assert (await client.get(path)).status_code == status
            large = await client.post(API, headers=Rooms.once(), files={"file": ("a.txt", b"x" * 100_000)})
            assert large.status_code == 413
    assert (await operator.get(API)).json()["imports"] == []


async def test_a_large_file_goes_through_without_being_held_and_more_than_the_bound_is_refused(
    rooms: Rooms, operator: httpx.AsyncClient
) -> None:
    await rooms.stop("gateway")
    await rooms.start_gateway(longest_upload_bytes=40_000_000)
    large = b"0123456789abcdef" * 2_000_000  # 32 MB
    sent = await operator.post(
        API, headers=Rooms.once(), data={"reason": "a test", "kind": "hcpcs"}, files={"file": ("hcpc2026.txt", large)}
    )
    assert sent.status_code == 202, sent.text
    assert sent.json()["imports"][0]["files"][0]["size"] == len(large)
    assert (await ended(operator, sent.json()["imports"][0]["job_id"]))["state"] == "failed"
    too_large = await operator.post(API, headers=Rooms.once(), data={"reason": "x"}, files={"file": ("a", large * 2)})
    assert (too_large.status_code, too_large.json()["reason"]) == (413, "BODY_TOO_LARGE")

    def endless() -> Iterator[bytes]:
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="reason"\r\n\r\nx\r\n'.encode()
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'.encode()
        for _ in range(50):
            yield b"x" * 1_000_000

    form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    async def pieces() -> AsyncIterator[bytes]:
        for piece in endless():
            yield piece

    unannounced = await operator.post(API, headers=Rooms.once() | form, content=pieces())
    assert (unannounced.status_code, unannounced.json()["reason"]) == (413, "BODY_TOO_LARGE")
    assert [path.name for path in (rooms.folder / "uploads").iterdir() if "partial" in path.name] == []


async def test_a_browsers_form_is_refused_without_its_token_before_its_files_are_taken(
    new_database: Callable[[str], str], events_url: str
) -> None:
    with tempfile.TemporaryDirectory(prefix="im-") as folder:
        async with sign_in_rooms(Path(folder), new_database, events_url) as site, browser_of(site) as person:
            await register(person, EMAIL)
            await make_operator(site)
            page, _ = await set_up(person, await until(person, PAGE, lambda answer: "login-actions" in answer.text))
            address, fields = form_fields(page.text, PAGE)
            assert address == PAGE
            fields |= {"reason": "an update"}
            file = {"file": (TABULAR, CHANGED)}
            for wrong in ({**fields, "form_token": "wrong"}, {k: v for k, v in fields.items() if k != "form_token"}):
                refused = await person.post(PAGE, data=wrong, files=file, headers=own(person))
                assert refused.status_code == 403
            late = {k: v for k, v in fields.items() if k != "form_token"} | {"form_token": fields["form_token"]}
            assert (await person.post(PAGE, data=late, files=file, headers=own(person))).status_code == 403
            nameless = await person.post(PAGE, data=fields, files={"file": ("notes.txt", b"x")}, headers=own(person))
            assert nameless.status_code == 400
            assert "no file is called as a known one" in nameless.text
            assert 'value="an update"' in nameless.text
            fields["request_id"] = form_fields(nameless.text, PAGE)[1]["request_id"]
            sent = await person.post(PAGE, data=fields, files=file, headers=own(person))
            assert "ICD-10-CM Tabular List" in sent.text

            async def done() -> bool:
                return "badge--good" in (await person.get(str(sent.url))).text

            await eventually(done, "the import is done")
            again = await person.post(PAGE, data=fields, files=file, headers=own(person))
            assert again.url == sent.url
