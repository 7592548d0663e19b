"""The gRPC servicer: message in, domain call, message out."""

# ruff: noqa: N802, ARG002 - names and parameters are those of the generated base class

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from codingahead.metering.v1 import metering_pb2 as pb
from codingahead.metering.v1.metering_pb2_grpc import MeteringServiceServicer
from google.protobuf.message import Message

from services.metering import accounts, messages, policies, rights
from services.metering.content import content_of
from services.metering.cursor import cursor_of, entry_of, place_of
from services.metering.events import timestamp
from services.metering.meter import Meter
from services.metering.store import Store, Transaction
from services.metering.stream import DecisionStream
from shared.errors import DomainError, InvalidInput, Unavailable
from shared.identity import InternalTokenVerifier
from shared.rpc.context import current_principal, remaining_time

MOST_SERVED = 1024
LARGEST_PAGE = 500
USUAL_PAGE = 100
LARGEST_HISTORY = 1000
USUAL_HISTORY = 500
MOST_DISCREPANCIES = 1_000
SLACK_SECONDS = 0.01

R = TypeVar("R", bound=Message)
Work = Callable[[Transaction], Awaitable[R]]


class MeteringServicer(MeteringServiceServicer):
    """Metering's contract over a meter and its store."""

    def __init__(self, meter: Meter, store: Store, verifier: InternalTokenVerifier, draining: asyncio.Event) -> None:
        """Take the meter, the store, what verifies tokens on streams, and the server's sign to end."""
        self._meter = meter
        self._store = store
        self._verifier = verifier
        self._draining = draining

    async def Consume(self, request: pb.ConsumeRequest, context: Any) -> pb.ConsumeResponse:
        """Decide one page view of the caller."""
        view = messages.page_view(request, rights.reader(current_principal()))
        return messages.consumed(await self._meter.decide(view, _wait()))

    async def ConsumeStream(
        self, request_iterator: AsyncIterator[pb.ConsumeStreamRequest], context: Any
    ) -> AsyncIterator[pb.ConsumeStreamResponse]:
        """Decide many page views of many readers."""
        rights.serve(current_principal())
        stream = DecisionStream(self._meter, self._verifier, self._draining)
        async for response in stream.answer(request_iterator):
            yield response

    async def Peek(self, request: pb.PeekRequest, context: Any) -> pb.PeekResponse:
        """Answer as Consume would."""
        principal = rights.reader(current_principal())
        if not request.HasField("content"):
            return pb.PeekResponse(quota=messages.quota_message(await self._meter.standing(principal)))
        view = messages.peeked_view(request, principal)
        seen = messages.peeked(await self._meter.decide(view, _wait(), peek=True))
        return pb.PeekResponse(
            outcome=seen.outcome,
            quota=seen.quota,
            granted_at=seen.granted_at if seen.HasField("granted_at") else None,
            granted_until=seen.granted_until if seen.HasField("granted_until") else None,
        )

    async def MergeGuest(self, request: pb.MergeGuestRequest, context: Any) -> pb.MergeGuestResponse:
        """Carry a guest into an account."""
        caller = current_principal()
        rights.merge(caller, request.account_id)

        async def work(tx: Transaction) -> pb.MergeGuestResponse:
            merged = await accounts.merge_guest(
                tx, request.guest_id, request.account_id, request.request_id, caller.name
            )
            carried = messages.content_message(merged.carried) if merged.carried else None
            quota = messages.quota_message(merged.quota)
            return pb.MergeGuestResponse(carried=carried, already_merged=merged.already, quota=quota)

        return await self._once("MergeGuest", request, pb.MergeGuestResponse, work)

    async def SetPlan(self, request: pb.SetPlanRequest, context: Any) -> pb.SetPlanResponse:
        """Set the plan of an account or partner."""
        caller = current_principal()
        rights.operate(caller)
        tier = messages.TIER_OF.get(request.tier)
        if tier is None:
            raise InvalidInput("PLAN_INVALID", "tier: free, pro or partner is needed.")

        async def work(tx: Transaction) -> pb.SetPlanResponse:
            quota = request.monthly_quota if request.HasField("monthly_quota") else None
            standing = await accounts.set_plan(
                tx,
                request.principal,
                tier,
                quota,
                request_id=request.request_id,
                actor=caller.name,
                note=request.note,
            )
            return pb.SetPlanResponse(quota=messages.quota_message(standing))

        return await self._once("SetPlan", request, pb.SetPlanResponse, work)

    async def Credit(self, request: pb.CreditRequest, context: Any) -> pb.CreditResponse:
        """Correct a principal's pages."""
        caller = current_principal()
        rights.operate(caller)

        async def work(tx: Transaction) -> pb.CreditResponse:
            standing = await accounts.credit(
                tx,
                request.principal,
                request.pages,
                request_id=request.request_id,
                actor=caller.name,
                note=request.note,
            )
            return pb.CreditResponse(quota=messages.quota_message(standing))

        return await self._once("Credit", request, pb.CreditResponse, work)

    async def GetUsage(self, request: pb.GetUsageRequest, context: Any) -> pb.GetUsageResponse:
        """Tell the usage of one principal."""
        principal = rights.on_behalf(current_principal(), request.principal)
        if not 0 <= request.page_size <= LARGEST_PAGE:
            raise InvalidInput("PAGE_SIZE_INVALID", f"page_size: 1 to {LARGEST_PAGE}, or 0 for {USUAL_PAGE}.")
        place = place_of(request.page_token)
        async with self._store.snapshot() as tx:
            usage = await accounts.usage(tx, principal, request.page_size or USUAL_PAGE, place)
        return pb.GetUsageResponse(
            quota=messages.quota_message(usage.quota),
            grants=[messages.grant_message(grant) for grant in usage.page.grants],
            next_page_token=cursor_of(usage.page.next),
            counters=[pb.Counter(name=name, value=value) for name, value in usage.counters.items()],
        )

    async def GetHistory(self, request: pb.GetHistoryRequest, context: Any) -> pb.GetHistoryResponse:
        """Tell what is kept of one principal."""
        principal = rights.on_behalf(current_principal(), request.principal)
        if not 0 <= request.page_size <= LARGEST_HISTORY:
            raise InvalidInput("PAGE_SIZE_INVALID", f"page_size: 1 to {LARGEST_HISTORY}, or 0 for {USUAL_HISTORY}.")
        after = entry_of(request.page_token)
        async with self._store.snapshot() as tx:
            return messages.history_message(await tx.history(principal, request.page_size or USUAL_HISTORY, after))

    async def Reconcile(self, request: pb.ReconcileRequest, context: Any) -> pb.ReconcileResponse:
        """Compare ledger, counters and grants."""
        rights.operate(current_principal())
        async with self._store.snapshot() as tx:
            found = await tx.reconcile(request.principal, MOST_DISCREPANCIES)
        return pb.ReconcileResponse(
            principals=found.principals,
            ledger_entries=found.ledger_entries,
            discrepancies=[pb.Discrepancy(principal=one.principal, detail=one.detail) for one in found.discrepancies],
        )

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: Any) -> pb.GetPolicyResponse:
        """Give a version of the policy."""
        if request.version < 0:
            raise InvalidInput("POLICY_INVALID", "version: a number from 1, or 0 for the one in force.")
        async with self._store.snapshot() as tx:
            return pb.GetPolicyResponse(policy=messages.policy_message(await tx.policy(request.version)))

    async def PutPolicy(self, request: pb.PutPolicyRequest, context: Any) -> pb.PutPolicyResponse:
        """Put a new policy in force."""
        caller = current_principal()
        rights.rule(caller)
        policy = messages.policy_from(request.policy)

        async def work(tx: Transaction) -> pb.PutPolicyResponse:
            put = await policies.put_policy(tx, policy, policy.note, caller.name)
            return pb.PutPolicyResponse(policy=messages.policy_message(put))

        return await self._once("PutPolicy", request, pb.PutPolicyResponse, work)

    async def AcceptLicence(self, request: pb.AcceptLicenceRequest, context: Any) -> pb.AcceptLicenceResponse:
        """Record that the caller accepted a licence's terms."""
        principal = rights.reader(current_principal())

        async def work(tx: Transaction) -> pb.AcceptLicenceResponse:
            first = await accounts.accept_licence(tx, principal, request.licence, request.terms_edition)
            return pb.AcceptLicenceResponse(accepted_at=timestamp(first))

        return await self._once("AcceptLicence", request, pb.AcceptLicenceResponse, work)

    async def Count(self, request: pb.CountRequest, context: Any) -> pb.CountResponse:
        """Add to the caller's counters."""
        principal = rights.reader(current_principal())
        amounts = {counter.name: counter.value for counter in request.counters}
        if len(amounts) != len(request.counters):
            raise InvalidInput("COUNTERS_INVALID", "counters: name each one once.")

        async def work(tx: Transaction) -> pb.CountResponse:
            values = await accounts.count(tx, principal, amounts)
            return pb.CountResponse(counters=[pb.Counter(name=name, value=values[name]) for name in amounts])

        return await self._once("Count", request, pb.CountResponse, work)

    async def RecordServed(self, request: pb.RecordServedRequest, context: Any) -> pb.RecordServedResponse:
        """Record pages served while metering was away, each in a transaction of its own."""
        caller = current_principal()
        rights.serve(caller)
        if len(request.pages) > MOST_SERVED:
            raise InvalidInput("TOO_MANY_PAGES", f"pages: at most {MOST_SERVED} fit in a request.")
        response = pb.RecordServedResponse()
        for page in request.pages:
            try:
                await self._record(page, caller.name)
            except Unavailable:
                # What was recorded so far stays; the rest is neither recorded nor refused, and is sent again.
                if not response.recorded and not response.refused:
                    raise
                break
            except DomainError as error:
                response.refused.add(request_id=page.request_id, reason=error.message)
            else:
                response.recorded.append(page.request_id)
        return response

    async def _record(self, page: pb.ServedPage, actor: str) -> None:
        messages.check_request_id(page.request_id)
        content = content_of(page.content.system, page.content.code)
        served_at = messages.moment_of(page.served_at)
        async with self._store.transaction() as tx:
            await accounts.record_served(
                tx, page.principal, content, served_at, request_id=page.request_id, actor=actor
            )

    async def _once(self, rpc: str, request: Any, response_type: type[R], work: Work[R]) -> R:
        """Do a changing call once for its request id; the same id with another request or caller is a Conflict."""
        messages.check_request_id(request.request_id)
        asked = current_principal().name.encode() + b"\0" + request.SerializeToString(deterministic=True)
        async with self._store.transaction() as tx:

            async def answer() -> bytes:
                return (await work(tx)).SerializeToString()

            return response_type.FromString(await tx.once(rpc, request.request_id, asked, answer))


def _wait() -> float:
    """Give the seconds a decision may wait, so that its answer still gets back."""
    left = remaining_time()
    return max(0.0, left - SLACK_SECONDS) if left is not None else 1.0
