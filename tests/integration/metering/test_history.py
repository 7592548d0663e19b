"""A reader may see everything that is kept of it, page by page, and of nobody else."""

from __future__ import annotations

import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.errors import Denied, InvalidInput
from shared.identity import Principal
from shared.rpc.client import invoke
from tests.integration.metering.conftest import OPERATOR, Metering, account, guest
from tests.integration.metering.test_deleted_accounts import lived

GRANT, CARRY, CREDIT, PLAN = pb.ENTRY_KIND_GRANT, pb.ENTRY_KIND_CARRY, pb.ENTRY_KIND_CREDIT, pb.ENTRY_KIND_PLAN


async def history(metering: Metering, who: Principal, **asked: object) -> pb.GetHistoryResponse:
    """A part of a history."""
    request = pb.GetHistoryRequest(**asked)  # type: ignore[arg-type]
    return await invoke(metering.stub.GetHistory, request, timeout=20, token=metering.token(who))


async def test_a_history_holds_entries_counters_and_acceptances(metering: Metering) -> None:
    await lived(metering)
    whole = await history(metering, account("leaver"))
    assert [entry.kind for entry in whole.entries] == [CARRY, GRANT, CREDIT, PLAN]
    carried, granted, credited, planned = whole.entries
    assert (carried.content.code, granted.content.code, granted.used) == ("A000", "A001", 2)
    assert (credited.pages, credited.note, credited.limit) == (2, "a correction", 8)
    assert (planned.tier_before, planned.tier, planned.HasField("limit")) == (pb.TIER_FREE, pb.TIER_PRO, False)
    assert {counter.name: counter.value for counter in whole.counters} == {"official-text:cpt": 3, "lookup": 4}
    assert [(accepted.licence, accepted.terms_edition) for accepted in whole.acceptances] == [("ama-cpt", "1")]


async def test_the_pages_of_a_history_make_the_whole_and_only_the_first_has_the_rest(metering: Metering) -> None:
    await lived(metering)
    whole = await history(metering, account("leaver"))
    found: list[pb.LedgerEntry] = []
    token = ""
    while True:
        part = await history(metering, account("leaver"), page_size=1, page_token=token)
        assert bool(part.acceptances) is bool(part.counters) is (token == "")
        found += part.entries
        token = part.next_page_token
        if not token:
            break
    assert found == list(whole.entries)


async def test_a_history_is_its_readers_and_the_operators(metering: Metering) -> None:
    await lived(metering)
    with pytest.raises(Denied):
        await history(metering, account("eve"), principal="account:leaver")
    assert len((await history(metering, OPERATOR, principal="account:leaver")).entries) == 4
    assert list((await history(metering, guest("nobody"))).entries) == []


@pytest.mark.parametrize("token", ["x", "ZW50cnkgLTE", "ZW50cnkgMA", "ZW50cnkgOTk5OTk5OTk5OTk5OTk5OTk5OTk5", "é"])
async def test_a_cursor_of_nobody_is_refused(metering: Metering, token: str) -> None:
    with pytest.raises(InvalidInput):
        await history(metering, account("leaver"), page_token=token)
    with pytest.raises(InvalidInput):
        await history(metering, account("leaver"), page_size=1001)
