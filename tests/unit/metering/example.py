"""Values that the tests of metering's rules share."""

from datetime import UTC, datetime, timedelta

from services.metering.batch import decide_all
from services.metering.content import Content
from services.metering.decision import Decision, PageView, Situation
from services.metering.ledger import Changes, Grant
from services.metering.policy import Policy, default_policy
from services.metering.reader import Reader, new_reader

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAYS = timedelta(days=1)
VERSION = 1


def page(number: int) -> Content:
    """One of many pages."""
    return Content("icd10cm", f"A{number:02}")


class Desk:
    """Decides one page view after the other for one reader, and remembers as the database would."""

    def __init__(self, principal: str, *, policy: Policy | None = None) -> None:
        """Take a reader that nothing is known of."""
        self.reader: Reader = new_reader(principal)
        self.policy = policy or default_policy()
        self.grants: list[Grant] = []
        self.written: list[Changes] = []
        self.network_guests = 0
        self._number = 0

    def ask(self, content: Content, at: datetime, *, request_id: str = "") -> Decision:
        """Decide a page view at a time of the clock."""
        self._number += 1
        view = PageView(self.reader.principal, content, request_id or f"r{self._number}", "net")
        mine = [grant for grant in self.grants if grant.content == content]
        newest = max(mine, key=lambda grant: grant.until, default=None)
        earlier = next((grant for grant in self.grants if grant.request_id == view.request_id), None)
        situation = Situation(self.reader, at, self.policy, VERSION, newest, earlier, self.network_guests)
        (answer,), changes = decide_all([view], [situation])
        if isinstance(answer, Exception):
            raise answer
        self.take(changes)
        return answer

    def take(self, changes: Changes) -> None:
        """Write changes."""
        self.written.append(changes)
        self.reader = changes.readers.get(self.reader.principal, self.reader)
        self.grants += [grant for grant in changes.grants if grant.principal == self.reader.principal]
