"""The key of search opens no more than search needs, at the services themselves."""

from __future__ import annotations

import secrets

import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from shared.errors import Unauthenticated
from shared.identity import Kind, Principal
from shared.rpc.client import invoke
from tests.integration.gateway.rooms import Rooms

OPERATOR = Principal(Kind.SERVICE, "search", frozenset({"service", "operator"}))


@pytest.mark.parametrize("forged", [Principal(Kind.ACCOUNT, "anna"), Principal(Kind.SERVICE, "gateway"), OPERATOR])
async def test_search_cannot_speak_for_a_reader_or_raise_itself(rooms: Rooms, forged: Principal) -> None:
    usage, credit = pb.GetUsageRequest(), pb.CreditRequest(request_id=secrets.token_hex(8), principal="account:anna")
    for method, request in (("GetUsage", usage), ("Credit", credit)):
        with pytest.raises(Unauthenticated, match="speaks for another principal"):
            await rooms.metering_call(
                lambda stub, token, method=method, request=request: invoke(
                    getattr(stub, method), request, timeout=10, token=token
                ),
                forged,
                key=rooms.keys.internal_search,
            )
    await rooms.grants(Principal(Kind.ACCOUNT, "anna"))  # as the gateway asks, it is answered
