"""The meter in plain words: slow, without a database, without batches; what the real one is compared with.

It knows three tiers of the default policy and a partner's month, and keeps a list where the real one keeps counters.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MONTH = timedelta(days=30)
CAP = 3
PAGES = {"guest": 1, "free": 5, "pro": None, "partner": 2}


@dataclass
class Page:
    """A page that somebody may read until a time."""

    code: str
    at: datetime
    until: datetime


@dataclass
class Person:
    """One reader."""

    tier: str
    pages: list[Page] = field(default_factory=list)
    """Every page ever granted."""
    start: datetime | None = None
    end: datetime | None = None
    counted: list[Page] = field(default_factory=list)
    """Pages of this window."""
    carried: int = 0
    extra: int = 0
    told: bool = False
    """Whether a page was refused in this window."""
    merged: bool = False
    seen: datetime | None = None


@dataclass
class Reference:
    """All readers of one network."""

    people: dict[str, Person] = field(default_factory=dict)
    first_pages: dict[object, int] = field(default_factory=dict)

    def view(self, name: str, code: str, clock: datetime) -> str:
        """Say how a page view comes out, and remember what it changes."""
        person = copy.deepcopy(self._person(name))
        now = self._enter(person, clock)
        if person.merged:
            return "guest-merged"
        if any(page.code == code and now < page.until for page in person.pages):
            return "already-granted"
        allowed = self._allowed(person)
        if allowed is not None and len(person.counted) >= allowed:
            if not person.told:
                person.told, person.seen = True, now
                self.people[name] = person
            return "quota-exceeded"
        if person.tier == "guest" and not person.pages:
            if self.first_pages.get(clock.date(), 0) >= CAP:
                return "network-cap"
            self.first_pages[clock.date()] = self.first_pages.get(clock.date(), 0) + 1
        if person.end is None:
            person.start, person.end = now, now + MONTH
        self._read(person, Page(code, now, person.end))
        person.seen = now
        self.people[name] = person
        return "granted"

    def merge(self, guest_name: str, account_name: str, clock: datetime) -> str | None:
        """Merge a guest and give the code that is carried."""
        guest, account = self._person(guest_name), self._person(account_name)
        if guest.merged:
            return None
        now = max(clock, guest.seen or clock, account.seen or clock)
        self._enter(account, now)
        guest.merged, guest.seen, account.seen = True, now, now
        mine = {page.code for page in account.pages if now < page.until}
        pages = [page for page in guest.pages if now < page.until and page.code not in mine]
        if account.tier != "partner" and not account.carried and pages:
            page = min(pages, key=lambda page: (page.at, page.code))  # at one moment: in the order of codes
            if account.end is None:
                account.start, account.end = page.at, page.at + MONTH
            account.carried = 1
            self._read(account, page)
            return page.code
        return None

    def plan(self, name: str, tier: str, clock: datetime) -> None:
        """Put an account under another plan."""
        person = self._person(name)
        now = self._enter(person, clock)
        if (person.tier == "partner") != (tier == "partner"):
            self._new_window(person)
        person.tier, person.seen = tier, now
        self._enter(person, now)

    def credit(self, name: str, pages: int, clock: datetime) -> None:
        """Add pages or take unread ones away."""
        person = self._person(name)
        now = self._enter(person, clock)
        allowed = self._allowed(person)
        assert allowed is not None
        person.extra += max(pages, -max(0, allowed - len(person.counted)))
        person.seen = now

    def standing(self, name: str, clock: datetime) -> tuple[int, int | None, datetime | None, datetime | None]:
        """Give used pages, allowed pages, and the window."""
        person = copy.deepcopy(self._person(name))
        self._enter(person, clock)
        return len(person.counted), self._allowed(person), person.start, person.end

    def _person(self, name: str) -> Person:
        return self.people.setdefault(name, Person("guest" if name.startswith("guest") else "free"))

    def _enter(self, person: Person, clock: datetime) -> datetime:
        now = max(clock, person.seen or clock)
        if person.end is not None and now >= person.end:
            self._new_window(person)
        if person.tier == "partner" and person.end is None:
            person.start = datetime(now.year, now.month, 1, tzinfo=now.tzinfo)
            person.end = (person.start + timedelta(days=32)).replace(day=1)
        return now

    @staticmethod
    def _new_window(person: Person) -> None:
        person.start = person.end = None
        person.counted, person.carried, person.extra, person.told = [], 0, 0, False

    @staticmethod
    def _read(person: Person, page: Page) -> None:
        person.pages.append(page)
        person.counted.append(page)

    @staticmethod
    def _allowed(person: Person) -> int | None:
        pages = PAGES[person.tier]
        return None if pages is None else max(0, pages + person.carried + person.extra)
