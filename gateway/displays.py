"""Displays of licensed text: each is on disk before its answer goes out, and is counted by metering afterwards.

Written first, because a licence wants every display counted, and a count in memory is lost with the process; and
written here, not asked of metering, so that the count does not depend on metering being there. Only readers who
accepted a licence pay for the write.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import structlog
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc
from prometheus_client import Counter

from gateway.queue import DurableQueue
from shared.database import Database
from shared.errors import DeadlineExceeded, DomainError, Unavailable
from shared.identity import Kind, Principal
from shared.rpc.client import invoke

PATIENCE_SECONDS = 5.0

WRITTEN = Counter("gateway_official_displays_total", "Displays of licensed text, each written down before its answer.")

_log = structlog.get_logger(__name__)


class Displays(DurableQueue):
    """The queue of displays and its emptying; a part of the gateway."""

    name = "official displays"

    def __init__(
        self, database: Database, stub: metering_pb2_grpc.MeteringServiceAsyncStub, token: Callable[[Principal], str]
    ) -> None:
        """Take the gateway's database, the meter, and what makes the internal token of a reader."""
        super().__init__(database)
        self._stub = stub
        self._token = token

    async def add(self, principal: Principal, system: str) -> None:
        """Write one display down; it is on disk when this returns. Unavailable when the database is away."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO official_display (principal, counter) VALUES (%s, %s)",
                (principal.name, f"official-text:{system}"),
            )
        WRITTEN.inc()
        self.wake()

    async def send(self) -> bool:
        """Bind what has come to a batch, and have every batch counted."""
        await self._form_batch()
        await self._count_batches()
        return False

    async def _form_batch(self) -> None:
        """Bind what has come to a batch, so that a count that is sent twice, even after a crash, is the same."""
        async with self._database.transaction() as connection:
            await connection.execute(
                "UPDATE official_display SET batch = %s WHERE batch IS NULL", (secrets.token_hex(16),)
            )

    async def _count_batches(self) -> None:
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT batch, principal, counter, count(*) AS shown FROM official_display WHERE batch IS NOT NULL"
                " GROUP BY batch, principal, counter ORDER BY batch, principal, counter"
            )
            rows = await cursor.fetchall()
        gathered: dict[tuple[str, str], list[pb.Counter]] = {}
        for row in rows:
            counters = gathered.setdefault((row["batch"], row["principal"]), [])
            counters.append(pb.Counter(name=row["counter"], value=row["shown"]))
        for (batch, principal), counters in gathered.items():
            await self._count(batch, principal, counters)

    async def _count(self, batch: str, principal: str, counters: list[pb.Counter]) -> None:
        identity = hashlib.sha256(f"{batch} {principal}".encode()).hexdigest()[:32]
        kind, _, name = principal.partition(":")
        request = pb.CountRequest(request_id=identity, counters=counters)
        token = self._token(Principal(Kind(kind), name))
        try:
            await invoke(self._stub.Count, request, timeout=PATIENCE_SECONDS, token=token)
        except (Unavailable, DeadlineExceeded):
            raise
        except DomainError as error:
            _log.error("displays can never be counted", reader=principal, reason=error.reason, request_id=identity)
        async with self._database.transaction() as connection:
            await connection.execute(
                "DELETE FROM official_display WHERE batch = %s AND principal = %s", (batch, principal)
            )
