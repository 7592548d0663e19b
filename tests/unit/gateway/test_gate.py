"""What stands in no row of the table of rights is nobody's: a new route is closed until somebody decides."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from gateway.gate import Gate
from shared.errors import Denied


async def new_route() -> None:
    """A route that somebody added and gave no row."""


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_a_route_without_a_row_is_refused_to_everybody(method: str) -> None:
    scope = {"type": "http", "method": method, "path": "/new", "headers": [], "endpoint": new_route}
    with pytest.raises(Denied) as refused:
        await Gate()(Request(scope))
    assert refused.value.reason == "RIGHT_UNKNOWN"
