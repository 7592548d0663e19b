"""Readers report errors once; editors and operators read the queue and close what is done."""

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb

from shared.errors import Conflict, Denied, FailedPrecondition, InvalidInput, NotFound
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
