"""Pages served to unlimited readers while metering was away: queued durably, recorded when it is back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc
from google.protobuf.timestamp_pb2 import Timestamp
from prometheus_client import Counter

from gateway.queue import DurableQueue
from shared.database import Database
from shared.rpc.client import invoke

BATCH = 1024
PATIENCE_SECONDS = 10.0

QUEUED = Counter("gateway_served_pages_queued_total", "Pages served while metering was away, to be recorded later.")

_log = structlog.get_logger(__name__)


class ServedPages(DurableQueue):
    """The queue and its emptying; a part of the gateway."""

    name = "served pages"

    def __init__(
        self, database: Database, stub: metering_pb2_grpc.MeteringServiceAsyncStub, token: Callable[[], str]
    ) -> None:
        """Take the gateway's database, the meter and the gateway's own internal token."""
        super().__init__(database)
        self._stub = stub
        self._token = token

    async def add(self, request_id: str, principal: str, system: str, code: str) -> None:
        """Queue one page; it is on disk when this returns."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO served_page (request_id, principal, system, code) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                (request_id, principal, system, code),
            )
        QUEUED.inc()
        self.wake()

    async def send(self) -> bool:
        """Record some of the pages that wait, the oldest first."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT request_id, principal, system, code, served_at FROM served_page ORDER BY served_at LIMIT %s",
                (BATCH,),
            )
            rows = await cursor.fetchall()
        if not rows:
            return False
        request = pb.RecordServedRequest(pages=[_page(row) for row in rows])
        answer = await invoke(self._stub.RecordServed, request, timeout=PATIENCE_SECONDS, token=self._token())
        for refused in answer.refused:
            _log.error("a served page can never be recorded", request_id=refused.request_id, reason=refused.reason)
        await self._forget([*answer.recorded, *(refused.request_id for refused in answer.refused)])
        return True

    async def _forget(self, request_ids: Sequence[str]) -> None:
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM served_page WHERE request_id = ANY(%s)", (list(request_ids),))


def _page(row: dict[str, Any]) -> pb.ServedPage:
    served_at = Timestamp()
    served_at.FromDatetime(row["served_at"])
    return pb.ServedPage(
        request_id=row["request_id"],
        principal=row["principal"],
        content=pb.ContentKey(system=row["system"], code=row["code"]),
        served_at=served_at,
    )
