"""Guests that signed in: their reading goes into the account, also when metering is away at that moment.

The merge is written down together with the session; a stable request id makes a repeat the same merge.
"""

from __future__ import annotations

import structlog
from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1 import metering_pb2_grpc

from gateway.auth.browser_secrets import hashed
from gateway.queue import DurableQueue
from shared.database import Database
from shared.errors import DeadlineExceeded, DomainError, Unavailable
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke

PATIENCE_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class GuestMerges(DurableQueue):
    """The queue of merges and its emptying; a part of the gateway."""

    name = "guest merges"

    def __init__(
        self, database: Database, stub: metering_pb2_grpc.MeteringServiceAsyncStub, signer: InternalTokenSigner
    ) -> None:
        """Take the gateway's database, the meter, and what names accounts to it."""
        super().__init__(database)
        self._stub = stub
        self._signer = signer

    async def merge_now(self, guest: str, account: str) -> None:
        """Merge a guest that was written down, so that its page is there at once; later when metering is away."""
        try:
            await self._merge(guest, account)
        except DomainError as error:
            _log.info("a guest waits to be merged", reason=error.reason)
            self.wake()

    async def send(self) -> bool:
        """Merge every guest that waits, in the order in which they signed in."""
        async with self._database.connection() as connection:
            cursor = await connection.execute("SELECT guest, account FROM guest_merge ORDER BY added_at")
            rows = await cursor.fetchall()
        for row in rows:
            await self._merge(row["guest"], row["account"])
        return False

    async def _merge(self, guest: str, account: str) -> None:
        request = pb.MergeGuestRequest(
            request_id=f"sign-in-{hashed(f'{guest} {account}').hex()[:32]}", guest_id=guest, account_id=account
        )
        token = self._signer.sign(Principal(Kind.ACCOUNT, account))
        try:
            await invoke(self._stub.MergeGuest, request, timeout=PATIENCE_SECONDS, token=token)
        except (Unavailable, DeadlineExceeded):
            raise
        except DomainError as error:
            _log.error("a guest can never be merged", guest=guest, account=account, reason=error.reason)
        async with self._database.connection() as connection:
            await connection.execute("DELETE FROM guest_merge WHERE guest = %s", (guest,))
