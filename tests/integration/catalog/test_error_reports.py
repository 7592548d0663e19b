"""Readers report errors once; editors and operators read the queue and close what is done."""

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from codingahead.gateway.v1 import events_pb2

from services.catalog import events
from shared.errors import Conflict, Denied, FailedPrecondition, InvalidInput, NotFound
from shared.events.event import Event
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog


def report(request_id: str = "one", **changes: str) -> pb.ReportErrorRequest:
    """A right report, or one with something changed."""
    fields = {"system": "icd10cm", "code": "S06.0", "section": "guidelines", "text": "The note is not that one."}
    return pb.ReportErrorRequest(request_id=request_id, **(fields | changes))


async def file(catalog: Catalog, request: pb.ReportErrorRequest) -> str:
    """File a report and give its id."""
    answer: pb.ReportErrorResponse = await invoke(catalog.stub.ReportError, request, timeout=10, token=catalog.token())
    return answer.report_id


async def queue(
    catalog: Catalog, token: str = "", *, resolved: bool = False, size: int = 0
) -> pb.ListErrorReportsResponse:
    """A page of the queue, as an editor sees it."""
    request = pb.ListErrorReportsRequest(include_resolved=resolved, page_size=size, page_token=token)
    return await invoke(catalog.stub.ListErrorReports, request, timeout=10, token=catalog.token("editor"))


async def resolve(catalog: Catalog, report_id: str, text: str, *roles: str, request_id: str = "") -> pb.ErrorReport:
    """Close a report."""
    request = pb.ResolveErrorReportRequest(report_id=report_id, resolution=text, request_id=request_id)
    token = catalog.token(*roles, name="editor-1")
    return (await invoke(catalog.stub.ResolveErrorReport, request, timeout=10, token=token)).report


async def test_a_repeated_report_is_filed_once(catalog: Catalog) -> None:
    await catalog.import_tabular()
    assert await file(catalog, report()) == await file(catalog, report())
    with pytest.raises(Conflict):
        await file(catalog, report(text="Something else is wrong."))
    reports = (await queue(catalog)).reports
    assert [(r.code.display_code, r.section) for r in reports] == [("S06.0", "guidelines")]


async def test_the_queue_is_for_editors_and_operators(catalog: Catalog) -> None:
    with pytest.raises(Denied):
        await invoke(catalog.stub.ListErrorReports, pb.ListErrorReportsRequest(), timeout=10, token=catalog.token())
    with pytest.raises(Denied):
        await resolve(catalog, "any", "Done.")


async def test_the_queue_pages_oldest_first_and_closed_reports_leave_it(catalog: Catalog) -> None:
    await catalog.import_tabular()
    ids = [await file(catalog, report(f"r{n}")) for n in range(5)]
    first = await queue(catalog, size=3)
    second = await queue(catalog, first.next_page_token, size=3)
    assert [r.report_id for r in (*first.reports, *second.reports)] == ids
    closed = await resolve(catalog, ids[0], "The note was corrected.", "operator")
    assert (closed.resolution, closed.resolved_by) == ("The note was corrected.", "account:editor-1")
    assert [r.report_id for r in (await queue(catalog)).reports] == ids[1:]
    assert [r.report_id for r in (await queue(catalog, resolved=True)).reports] == ids


async def test_closing_again_in_the_same_words_changes_nothing_and_in_others_is_refused(catalog: Catalog) -> None:
    await catalog.import_tabular()
    report_id = await file(catalog, report())
    assert await resolve(catalog, report_id, "Done.", "editor") == await resolve(catalog, report_id, "Done.", "editor")
    with pytest.raises(FailedPrecondition, match="closed before"):
        await resolve(catalog, report_id, "Done again.", "editor")
    with pytest.raises(NotFound):
        await resolve(catalog, "no such", "Done.", "editor")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": "short"}, "text:"),
        ({"text": "x" * 4001}, "text:"),
        ({"text": "with a \x00 in it, at length"}, "text:"),
        ({"section": "kitchen"}, "section:"),
        ({"email": "nobody"}, "email:"),
        ({"request_id": ""}, "request_id:"),
    ],
)
async def test_what_is_wrong_with_a_report_is_said(catalog: Catalog, changes: dict[str, str], words: str) -> None:
    await catalog.import_tabular()
    with pytest.raises(InvalidInput, match=words):
        await file(catalog, report(**changes))


async def test_a_page_that_does_not_exist_cannot_be_reported_on(catalog: Catalog) -> None:
    await catalog.import_tabular()
    with pytest.raises(NotFound):
        await file(catalog, report(code="Q99"))


async def test_a_repeated_closing_gives_the_first_answer_and_its_id_serves_no_other_closing(catalog: Catalog) -> None:
    await catalog.import_tabular()
    first, second = [await file(catalog, report(f"r{n}")) for n in range(2)]
    closed = await resolve(catalog, first, "The note was corrected.", "editor", request_id="closing")
    assert await resolve(catalog, first, "The note was corrected.", "editor", request_id="closing") == closed
    for report_id, words in ((second, "The note was corrected."), (first, "Nothing was wrong.")):
        with pytest.raises(Conflict):
            await resolve(catalog, report_id, words, "editor", request_id="closing")
    assert [r.report_id for r in (await queue(catalog)).reports] == [second]


async def own(catalog: Catalog, name: str, token: str = "", size: int = 0) -> pb.ListOwnErrorReportsResponse:
    """A page of a reader's own reports."""
    request = pb.ListOwnErrorReportsRequest(page_token=token, page_size=size)
    return await invoke(catalog.stub.ListOwnErrorReports, request, timeout=10, token=catalog.token(name=name))


async def file_as(catalog: Catalog, name: str, request_id: str, **changes: str) -> str:
    """File a report as a reader."""
    request = report(request_id, **changes)
    answer = await invoke(catalog.stub.ReportError, request, timeout=10, token=catalog.token(name=name))
    return answer.report_id


async def test_a_reader_lists_its_own_reports_and_nobody_elses(catalog: Catalog) -> None:
    await catalog.import_tabular()
    mine = [await file_as(catalog, "ada", f"a{number}", email="ada@example.org") for number in range(3)]
    await file_as(catalog, "eve", "e1", email="eve@example.org")
    await resolve(catalog, mine[0], "The note was corrected.", "editor")
    first = await own(catalog, "ada", size=2)
    rest = await own(catalog, "ada", first.next_page_token, size=2)
    reports = [*first.reports, *rest.reports]
    assert [each.report_id for each in reports] == mine
    assert (reports[0].resolution, reports[0].resolved_by) == ("The note was corrected.", "")
    assert {each.email for each in reports} == {"ada@example.org"}
    assert (await own(catalog, "nobody")).reports == []


async def test_an_address_is_taken_out_of_every_report_by_a_service_alone(catalog: Catalog) -> None:
    await catalog.import_tabular()
    await file_as(catalog, "a-guest", "g1", email="Ada@Example.org")
    await file_as(catalog, "eve", "e1", email="eve@example.org")
    request = pb.ForgetAddressRequest(request_id="forget-1", email="ada@example.ORG")
    with pytest.raises(Denied):
        await invoke(catalog.stub.ForgetAddress, request, timeout=10, token=catalog.token("operator"))
    for _ in range(2):
        answer = await invoke(catalog.stub.ForgetAddress, request, timeout=10, token=catalog.service_token())
        assert answer.reports == 1
    assert [each.email for each in (await queue(catalog)).reports] == ["", "eve@example.org"]
    wrong = pb.ForgetAddressRequest(request_id="forget-2", email="%")
    with pytest.raises(InvalidInput):
        await invoke(catalog.stub.ForgetAddress, wrong, timeout=10, token=catalog.service_token())


async def test_reports_of_a_deleted_account_stay_and_name_nobody(catalog: Catalog) -> None:
    await catalog.import_tabular()
    theirs = await file_as(catalog, "leaver", "l1", email="leaver@example.org")
    other = await file_as(catalog, "eve", "e1", email="eve@example.org")
    await resolve_as(catalog, other, "leaver")
    deleted = events_pb2.AccountDeleted(account_id="leaver")
    for _ in range(2):  # a second one, with an id of its own, changes nothing further
        event = Event.of(topic=events.ACCOUNT_DELETED, key="leaver", message=deleted, source="/gateway")
        async with catalog.database.transaction() as conn:
            await events.hear(conn, event)
    async with catalog.database.connection() as conn:
        rows = await (await conn.execute("SELECT r::text AS row, * FROM error_report r ORDER BY number")).fetchall()
    assert not any("leaver" in row["row"] for row in rows)
    assert [row["id"] for row in rows] == [theirs, other]
    assert (rows[0]["text"], rows[0]["email"]) == ("The note is not that one.", "")
    assert rows[0]["filed_by"].startswith("account:forgotten-")
    assert (rows[1]["filed_by"], rows[1]["email"], rows[1]["resolution"]) == ("account:eve", "eve@example.org", "Done.")


async def resolve_as(catalog: Catalog, report_id: str, name: str) -> None:
    """Close a report as an editor of this name."""
    request = pb.ResolveErrorReportRequest(report_id=report_id, resolution="Done.")
    token = catalog.token("editor", name=name)
    await invoke(catalog.stub.ResolveErrorReport, request, timeout=10, token=token)
