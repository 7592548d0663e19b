"""What a meter remembers of readers, so that reading a page again costs a comparison and not all of its reader's rows.

Nothing is decided from memory alone. The store is asked for the revision of every reader in question, as of the moment
whose time and policy are decided by; what is remembered counts only at the revision that it was read at. Grants are
only ever added, and whoever adds one gives its reader a new revision in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.metering.content import Content
from services.metering.decision import PageView, Situation
from services.metering.ledger import Changes, Grant
from services.metering.reader import Reader
from services.metering.store import Store


@dataclass(slots=True)
class _Remembered:
    reader: Reader
    grants: dict[Content, Grant] = field(default_factory=dict)
    """The newest of a content each."""

    @property
    def whole(self) -> bool:
        """Whether the grants are all that there are: in its first window a reader has used as many pages as it has.

        Otherwise nothing is known of contents that are missing.
        """
        return self.reader.window_no == 0 and len(self.grants) == self.reader.used


class Recollection:
    """Gives what decisions depend on: from memory where the store says that it is true still, else from the store."""

    def __init__(self, store: Store, *, most: int = 100_000) -> None:
        """Take the store, and how many grants are remembered (some 500 bytes each)."""
        self._store = store
        self._most = most
        self._readers: dict[str, _Remembered] = {}
        self._grants = 0

    async def situations(self, views: Sequence[PageView]) -> list[Situation]:
        """Give what the decisions depend on, in the order of the views, as of one moment or two."""
        found = await self._recalled(views)
        rest = [place for place, situation in enumerate(found) if situation is None]
        if rest:
            read = await self._store.peek([views[place] for place in rest])
            for place, situation in zip(rest, read, strict=True):
                found[place] = situation
                self._learn(views[place], situation)
        return [situation for situation in found if situation is not None]

    def wrote(self, changes: Changes, revisions: Mapping[str, int]) -> None:
        """Learn what was committed: readers with their new revisions, and their grants."""
        for name, revision in revisions.items():
            known = self._readers.get(name)
            if known is not None and known.reader.revision == changes.readers[name].revision:
                known.reader = replace(changes.readers[name], revision=revision)
        for grant in changes.grants:
            known = self._readers.get(grant.principal)
            if known is not None and known.reader.revision == revisions.get(grant.principal):
                self._keep(known, grant)

    async def _recalled(self, views: Sequence[PageView]) -> list[Situation | None]:
        held = [self._readers.get(view.principal) for view in views]
        names = list(
            {
                view.principal
                for view, known in zip(views, held, strict=True)
                if known is not None and (view.content in known.grants or known.whole)
            }
        )
        if not names:
            return [None] * len(views)
        state = await self._store.revisions(names)
        revisions = dict(zip(names, state.revisions, strict=True))
        found: list[Situation | None] = []
        for view, known in zip(views, held, strict=True):
            if known is None or known.reader.revision != revisions.get(view.principal, 0):
                found.append(None)
                continue
            reader, grant = known.reader, known.grants.get(view.content)
            runs = known.whole if grant is None else grant.at <= reader.time(state.now) < grant.until
            situation = Situation(reader, state.now, state.policy.policy, state.policy.version, grant)
            found.append(situation if runs else None)
        return found

    def _learn(self, view: PageView, situation: Situation) -> None:
        reader, grant = situation.reader, situation.newest
        if not reader.revision or grant is None:
            return
        known = self._readers.get(view.principal)
        if known is None or known.reader.revision != reader.revision:
            self._forget(view.principal)
            known = self._readers[view.principal] = _Remembered(reader)
        self._keep(known, grant)

    def _keep(self, known: _Remembered, grant: Grant) -> None:
        self._grants += grant.content not in known.grants
        known.grants[grant.content] = grant
        while self._grants > self._most:
            self._forget(next(iter(self._readers)))

    def _forget(self, principal: str) -> None:
        known = self._readers.pop(principal, None)
        self._grants -= len(known.grants) if known else 0
