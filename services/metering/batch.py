"""Decides many page views against one state, in their order: each sees what those before it changed. Pure."""

from collections.abc import Sequence

from services.metering.content import Content
from services.metering.decision import Decision, Outcome, PageView, Situation, decide
from services.metering.ledger import Changes, Entry, EntryKind, Grant
from services.metering.news import LimitReached, PageViewed
from services.metering.reader import Reader
from shared.errors import DomainError


class Batch:
    """The state that a batch of decisions has reached, and what it will write."""

    def __init__(self) -> None:
        """Begin with nothing decided."""
        self.changes = Changes()
        self._readers: dict[str, Reader] = {}
        self._newest: dict[tuple[str, Content], Grant] = {}
        self._requests: dict[tuple[str, str], Grant] = {}

    def decide(self, view: PageView, loaded: Situation) -> Decision | DomainError:
        """Decide one view; its failure is given, not raised, so that it fails alone."""
        given = loaded._replace(
            reader=self._readers.get(view.principal, loaded.reader),
            newest=self._newest.get((view.principal, view.content), loaded.newest),
            earlier=self._requests.get((view.principal, view.request_id), loaded.earlier),
            network_guests=loaded.network_guests + self.changes.network_guests.get(view.network, 0),
        )
        try:
            decision = decide(view, given)
        except DomainError as error:
            return error
        if decision.reader is not None:
            self._take(view, given, decision, decision.reader)
        return decision

    def _take(self, view: PageView, given: Situation, decision: Decision, reader: Reader) -> None:
        self._readers[reader.principal] = reader
        self.changes.readers[reader.principal] = reader
        if decision.outcome is Outcome.GRANTED and decision.grant is not None:
            self._grant(view, given, decision, reader, decision.grant)
        elif decision.outcome is Outcome.QUOTA_EXCEEDED:
            limit = decision.quota.limit or 0
            at = given.reader.time(given.now)
            self.changes.news.append(
                LimitReached(reader.principal, reader.tier, limit, reader.window.end if reader.window else None, at)
            )

    def _grant(self, view: PageView, given: Situation, decision: Decision, reader: Reader, grant: Grant) -> None:
        self._newest[grant.principal, grant.content] = grant
        if grant.request_id:
            self._requests[grant.principal, grant.request_id] = grant
        if decision.new_guest:
            counts = self.changes.network_guests
            counts[view.network] = counts.get(view.network, 0) + 1
        self.changes.grants.append(grant)
        self.changes.entries.append(
            Entry(
                reader,
                EntryKind.GRANT,
                grant.at,
                given.policy_version,
                grant.principal,
                pages=1,
                limit=grant.limit,
                content=grant.content,
                request_id=grant.request_id,
            )
        )
        self.changes.news.append(
            PageViewed(
                reader.principal, reader.tier, grant.content, grant.at, grant.until, False, decision.quota.remaining
            )
        )


def decide_all(
    views: Sequence[PageView], situations: Sequence[Situation]
) -> tuple[list[Decision | DomainError], Changes]:
    """Decide the views in their order; gives an answer for each, and what is to be written for all."""
    batch = Batch()
    answers = [batch.decide(view, situation) for view, situation in zip(views, situations, strict=True)]
    return answers, batch.changes
