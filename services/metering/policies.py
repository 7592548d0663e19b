"""How a policy comes into force."""

from __future__ import annotations

from services.metering.ledger import Changes
from services.metering.news import PolicyChanged
from services.metering.policy import Policy
from services.metering.store import PolicyVersion, Transaction


async def put_policy(tx: Transaction, policy: Policy, note: str, put_by: str) -> PolicyVersion:
    """Put a well-formed policy in force as the next version, and tell of it.

    Windows that run keep their end; how many pages they allow is the new policy's from the next decision on.
    """
    put = await tx.put_policy(policy, note, put_by)
    await tx.save(Changes(news=[PolicyChanged(put.version, put.effective_at)]))
    return put
