"""Decides page views as they arrive, many in one transaction: the group commit of metering.

Every view is first decided from a reading of the state, without a lock. What changes nothing (a page granted before, a
quota that was used up before) is answered from that reading; what would change something goes to the writing lane,
where all that arrived while one commit was in flight are committed together. Their one statement writes for a reader
only at the revision that was read; whoever was changed meanwhile is locked and decided anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from prometheus_client import Counter, Histogram

from services.metering.batch import decide_all
from services.metering.decision import Decision, Outcome, PageView, Situation, decide
from services.metering.lane import Lane
from services.metering.policy import Tier
from services.metering.reader import Quota, Reader, new_reader, quota_of
from services.metering.recollection import Recollection
from services.metering.store import Store
from shared.errors import DeadlineExceeded, DomainError, Unavailable

DECISIONS = Counter("metering_decisions_total", "Page views decided, by outcome or failure reason.", ["outcome"])
BATCH_SIZE = Histogram(
    "metering_batch_size",
    "Page views decided together, by lane.",
    ["lane"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 256, 1024),
)
COMMITTED = Counter(
    "metering_committed_total",
    "Readers written, by what kept others away: the revision they were read at, or a lock.",
    ["guard"],
)

_COUNTED = {outcome: DECISIONS.labels(outcome.value) for outcome in Outcome}
_WOULD_BE = DECISIONS.labels("would-be")

Answer = Decision | Exception

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Asked:
    """A page view that waits for its answer."""

    view: PageView
    answer: Callable[[Answer], None]
    """Called once, in the event loop, with the decision or its failure."""
    expires: float
    """When the caller stops waiting, by the event loop's clock; later, nothing is granted any more."""
    peek: bool = False
    """Whether to answer as if, and grant nothing."""


class Meter:
    """The lanes of decisions over a store; a part of the service."""

    name = "meter"

    def __init__(self, store: Store, *, most: int = 1024, readings: int = 2) -> None:
        """Take the store, the most decisions of one transaction, and the number of readings at a time."""
        self._store = store
        self._recollection = Recollection(store)
        self._reading = Lane("reading", self._read, most=most, workers=readings)
        self._writing = Lane("writing", self._write, most=most, workers=1)

    async def start(self) -> None:
        """Begin to decide."""
        await self._writing.start()
        await self._reading.start()

    async def drain(self, grace: float) -> None:
        """Decide what was asked before, within `grace` seconds, and stop."""
        await self._reading.drain(grace)
        await self._writing.drain(grace)

    def submit(self, asked: Sequence[Asked]) -> None:
        """Take page views to decide; each is answered through its own call."""
        self._reading.add(asked)

    async def decide(self, view: PageView, wait: float, *, peek: bool = False) -> Decision:
        """Decide one page view within `wait` seconds; raises what made it fail."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Decision] = loop.create_future()

        def answer(result: Answer) -> None:
            if future.done():
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.submit([Asked(view, answer, loop.time() + wait, peek)])
        return await future

    async def standing(self, principal: str) -> Quota:
        """Give where a principal stands, without deciding anything."""
        new_reader(principal)
        async with self._store.snapshot() as tx:
            reader = await tx.reader(principal)
            in_force = await tx.policy()
            at = reader.time(await tx.now())
            return quota_of(reader.at(at, in_force.policy), in_force.policy, in_force.version)

    async def _read(self, asked: Sequence[Asked]) -> None:
        waiting = _still_waiting(asked)
        if not waiting:
            return
        BATCH_SIZE.labels("reading").observe(len(waiting))
        try:
            situations = await self._recollection.situations([one.view for one in waiting])
        except Exception as error:  # noqa: BLE001 - every waiting caller must hear of it
            _fail(waiting, error)
            return
        to_write = []
        for one, situation in zip(waiting, situations, strict=True):
            try:
                decision = decide(one.view, situation)
            except DomainError as error:
                _answer(one, error)
                continue
            if decision.changes and not one.peek:
                to_write.append((one, situation))
            else:
                _answer(one, decision)
        self._writing.add(to_write)

    async def _write(self, pending: Sequence[tuple[Asked, Situation]]) -> None:
        """Commit what was read to be so; what has changed since, or needs a network's counter, is decided locked."""
        BATCH_SIZE.labels("writing").observe(len(pending))
        swift = [pair for pair in pending if not _needs_locks(pair[1].reader)]
        left = await self._commit(swift) if swift else []
        await self._write_locked([*left, *(one for one, situation in pending if _needs_locks(situation.reader))])

    async def _commit(self, pending: Sequence[tuple[Asked, Situation]]) -> list[Asked]:
        """Write for every reader that nobody has changed since it was read; gives those that are still to decide."""
        alive = {id(one) for one in _still_waiting([one for one, _ in pending])}
        pending = [pair for pair in pending if id(pair[0]) in alive]
        asked = [one for one, _ in pending]
        answers, changes = decide_all([one.view for one in asked], [situation for _, situation in pending])
        try:
            written = await self._store.commit(changes) if changes.readers else {}
        except Unavailable as error:
            _fail(asked, error)
            return []
        except Exception as error:  # noqa: BLE001 - one of them may be to blame, which the slow way finds out
            _log.warning("a commit failed and is done anew", size=len(asked), exc_info=error)
            return asked
        self._recollection.wrote(changes, written)
        COMMITTED.labels("revision").inc(len(written))
        left = []
        for one, answer in zip(asked, answers, strict=True):
            if one.view.principal in changes.readers and one.view.principal not in written:
                left.append(one)
            else:
                _answer(one, answer)
        return left

    async def _write_locked(self, asked: Sequence[Asked]) -> None:
        waiting = _still_waiting(asked)
        if not waiting:
            return
        try:
            answers = await self.decide_and_record([one.view for one in waiting])
        except Unavailable as error:
            _fail(waiting, error)
        except Exception as error:  # noqa: BLE001 - one of them may be to blame, the others must not suffer
            await self._write_alone(waiting, error)
        else:
            COMMITTED.labels("lock").inc(len({one.view.principal for one in waiting}))
            for one, answer in zip(waiting, answers, strict=True):
                _answer(one, answer)

    async def _write_alone(self, asked: Sequence[Asked], error: Exception) -> None:
        if len(asked) == 1:
            _fail(asked, error)
            return
        _log.warning("a batch failed and is decided one by one", size=len(asked), exc_info=error)
        for one in asked:
            await self._write_locked([one])

    async def decide_and_record(self, views: Sequence[PageView]) -> list[Decision | DomainError]:
        """Decide the views in their order and write what they change, in one transaction."""
        async with self._store.transaction() as tx:
            await tx.lock([view.principal for view in views])
            await tx.lock_networks([view for view in views if new_reader(view.principal).tier is Tier.GUEST])
            answers, changes = decide_all(views, await tx.situations(views))
            await tx.save(changes)
        return answers


def _needs_locks(reader: Reader) -> bool:
    """Whether a page granted to the reader changes more than its own rows: it has none yet, or its network counts."""
    return not reader.revision or (reader.tier is Tier.GUEST and reader.never_granted)


def _still_waiting(asked: Sequence[Asked]) -> list[Asked]:
    now = asyncio.get_running_loop().time()
    waiting = []
    for one in asked:
        if one.expires > now:
            waiting.append(one)
        else:
            _answer(one, DeadlineExceeded("DEADLINE_EXCEEDED", "The caller's time ran out; nothing was granted."))
    return waiting


def _answer(one: Asked, answer: Answer) -> None:
    if isinstance(answer, Decision):
        (_WOULD_BE if one.peek else _COUNTED[answer.outcome]).inc()
    else:
        DECISIONS.labels(answer.reason if isinstance(answer, DomainError) else "INTERNAL").inc()
    one.answer(answer)


def _fail(asked: Sequence[Asked], error: Exception) -> None:
    if not isinstance(error, DomainError):
        _log.error("decisions failed", size=len(asked), exc_info=error)
    for one in asked:
        _answer(one, error)
