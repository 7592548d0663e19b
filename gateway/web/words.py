"""The sentences that tell a reader where he stands: locks, banner, official text, dates."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from google.type import date_pb2

from gateway.view import Banner, LockReason, OfficialText, PageView, SectionView, Tier

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(moment: datetime) -> str:
    """A moment as its day in UTC, e.g. ``24 December 2026``."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}"


def calendar_date(date: date_pb2.Date) -> str:
    """A protobuf date, which may lack its day or month, e.g. ``1 October 2025``; empty without a year."""
    month = MONTHS[date.month - 1] if 1 <= date.month <= 12 else ""
    parts = (str(date.day) if month and date.day else "", month, str(date.year))
    return " ".join(part for part in parts if part) if date.year else ""


def calendar_span(since: date_pb2.Date, until: date_pb2.Date) -> str:
    """Two protobuf dates, e.g. ``1 October 2025 to 30 September 2026``, or the one of them there is; empty without."""
    first, last = calendar_date(since), calendar_date(until)
    if first and last:
        return f"{first} to {last}"
    if first:
        return f"from {first}"
    return f"until {last}" if last else ""


def iso_date(date: date_pb2.Date) -> str:
    """A whole protobuf date as ``2025-10-01``, as forms want it; empty without one."""
    return f"{date.year:04}-{date.month:02}-{date.day:02}" if date.year else ""


def count(number: int, one: str) -> str:
    """A number with its noun, e.g. ``1 page view``, ``1,000 page views``."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


@dataclass(frozen=True, slots=True)
class Lock:
    """What stands in the slot of a locked section."""

    title: str
    detail: str
    action: str = ""
    """The words of the way on; empty when there is nothing to press."""
    href: str = ""


def lock_words(section: SectionView, view: PageView, page_path: str) -> Lock:
    """The sentence of a locked section and the way on."""
    register = f"/register?next={quote(page_path, safe='')}"
    match section.lock:
        case LockReason.REGISTER:
            return Lock(
                "Register to view content", "Create a free account to unlock this content", "Register", register
            )
        case LockReason.WAIT_OR_UPGRADE:
            until = view.without_views_until
            wait = (
                f"New page views open on {day(until)} (UTC)." if until else "New page views open with your next window."
            )
            detail = f"{wait} Until then, an upgrade to a Pro plan opens every page."
            return Lock("No page views left", detail, "Plans", "/plans")
        case LockReason.SIGN_IN:
            detail = (
                "New guests of your network have used today's free page views. "
                "Sign in or create a free account to read this page today."
            )
            return Lock("Sign in to view content", detail, "Sign in or register", register)
        case LockReason.ACCEPT_LICENCE:
            detail = (
                "This content quotes a licensed code set. It opens once you have accepted the terms of its licence."
            )
            return Lock(
                "Accept the licence terms to view content", detail, "Licence terms", "/terms#licensed-code-sets"
            )
        case LockReason.METERING_AWAY:
            detail = "We cannot look up your page views. Nothing was counted; please try again in a few minutes."
            return Lock("Closed for the moment", detail, "Try again", page_path)
        case _:
            return Lock("Not part of this view", "The reading policy of this site does not show this section.")


def official_words(official_text: OfficialText, system: str, terms: str) -> Lock | None:
    """How official text that is not shown can be seen; None where it is shown. ``terms`` is where they stand."""
    match official_text:
        case OfficialText.SHOWN:
            return None
        case OfficialText.SIGN_IN:
            detail = (
                f"The official {system} text is licensed. It is shown to readers who are signed in "
                "and have accepted the terms of its licence."
            )
            return Lock("Sign in to view the official text", detail, "Licence terms", terms)
        case OfficialText.ACCEPT_LICENCE:
            detail = (
                f"The official {system} text is licensed. It is shown once you have accepted the terms of its licence."
            )
            return Lock("Accept the licence terms to view the official text", detail, "Licence terms", terms)
        case OfficialText.NOT_COUNTABLE:
            detail = f"Each display of the official {system} text is recorded, which is not possible at the moment."
            return Lock("Closed for the moment", detail)
        case OfficialText.NEVER:
            return Lock("Not shown here", f"The operator of this site shows no official {system} text.")


@dataclass(frozen=True, slots=True)
class BannerWords:
    """What the banner says; the lead is set in bold."""

    lead: str
    rest: str
    action: str = ""
    href: str = ""
    warning: bool = False


def banner_words(banner: Banner, next_path: str) -> BannerWords:
    """The reader's standing in a sentence or two."""
    register = f"/register?next={quote(next_path, safe='')}"
    if banner.metering_away:
        return _away_words(banner)
    if banner.network_capped:
        lead = "New guests of your network have used today's free page views."
        return BannerWords(lead, "Sign in or register a free account to read on today.", "Register", register, True)
    match banner.tier:
        case Tier.GUEST:
            return _guest_words(banner, register)
        case Tier.FREE:
            return _free_words(banner)
        case Tier.PRO:
            return BannerWords("Pro plan.", "Code page views without limit.")
        case Tier.PARTNER:
            return _partner_words(banner)


def _away_words(banner: Banner) -> BannerWords:
    if banner.tier is Tier.PRO and banner.granted:
        return BannerWords("Pro plan.", "Code page views without limit.")
    lead = "We cannot look up your page views at the moment."
    if banner.granted:
        return BannerWords(lead, "You opened this page before, so it stays open.", warning=True)
    return BannerWords(lead, "Nothing was counted; please try again in a few minutes.", warning=True)


def _guest_words(banner: Banner, register: str) -> BannerWords:
    if banner.limit is None or banner.remaining is None:
        return BannerWords("You are reading as a guest.", "A free account opens more code pages.", "Register", register)
    lead = f"{count(banner.remaining, 'code page view')} remaining."
    rest = f"Guest accounts are limited to {count(banner.limit, 'page view')}."
    if banner.register_pages > 0:
        more = "view" if banner.register_pages == 1 else "views"
        rest += f" Register free account to get {banner.register_pages} more {more}."
    return BannerWords(lead, rest, "Register", register)


def _free_words(banner: Banner) -> BannerWords:
    if banner.limit is None or banner.remaining is None:
        return BannerWords("Free account.", "Code page views without limit.")
    lead = f"{banner.remaining:,} of {count(banner.limit, 'code page view')} remaining."
    if banner.window_end is None:
        return BannerWords(lead, "Your window starts with the first page that you open.")
    until = day(banner.window_end)
    if banner.remaining > 0:
        return BannerWords(lead, f"They last until {until} (UTC); pages that you have opened stay open until then.")
    rest = f"New page views open on {until} (UTC). Until then, an upgrade to a Pro plan opens every page."
    return BannerWords(lead, rest, "Plans", "/plans")


def _partner_words(banner: Banner) -> BannerWords:
    if banner.limit is None or banner.remaining is None:
        return BannerWords("Partner account.", "Code pages without limit.")
    lead = f"{banner.remaining:,} of {count(banner.limit, 'code page')} remaining this month."
    return BannerWords(lead, f"The quota renews on {day(banner.window_end)} (UTC)." if banner.window_end else "")
