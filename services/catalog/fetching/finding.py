"""Finds the newest files on a publisher's page by the form of their links."""

import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urljoin, urlsplit, urlunsplit

from services.catalog.fetching.sources import Source
from shared.errors import FailedPrecondition

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
           "november", "december")  # fmt: skip
Place = tuple[int, int]


class _Links(HTMLParser):
    """Gathers where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def find(source: Source, read: Callable[[str], str]) -> list[str]:
    """The addresses of a source's newest files; `read` gives the text of a page.

    Raises:
        FailedPrecondition: a page has no such link any more.

    """
    if source.addresses:
        return list(source.addresses)
    page = source.page
    for number, pattern in enumerate(source.links):
        found = _newest(_links_of(read(page), page), re.compile(pattern, re.IGNORECASE))
        if not found:
            raise FailedPrecondition(
                "LAYOUT_CHANGED",
                f"{source.name}: {page} links to no file as it used to; its layout changed. Visit the page, and import"
                " what it offers by hand.",
            )
        if number == len(source.links) - 1:
            return [_accepted(address, source.accepted) for address in found]
        page = found[0]
    return []


def _links_of(text: str, page: str) -> list[str]:
    """Where a page's links lead, whole; a link to the terms before a file counts as one to the file."""
    reader = _Links()
    reader.feed(text)
    leads = []
    for link in reader.found:
        address = urljoin(page, link)
        parts = urlsplit(address)
        file = parse_qs(parts.query).get("file", [""])[0]
        if "/license/" in parts.path and file.startswith("/"):
            address = urljoin(page, file)
        if urlsplit(address).netloc == urlsplit(page).netloc:  # files lie with their publisher
            leads.append(address)
    return leads


def _newest(links: Iterable[str], pattern: re.Pattern[str]) -> list[str]:
    """Of the links of a form those of the newest edition; of each of its parts one, an update before the original."""
    editions: dict[Place, dict[str, str]] = {}
    for link in links:
        match = pattern.fullmatch(unquote(urlsplit(link).path))
        if match is None:
            continue
        groups = match.groupdict()
        parts = editions.setdefault(_place(groups), {})
        part = groups.get("part") or ""
        parts[part] = max(parts.get(part, ""), link, key=_weight)
    return [link for _, link in sorted(editions[max(editions)].items())] if editions else []


def _place(groups: dict[str, str | None]) -> Place:
    year = int(groups.get("year") or 0)
    quarter, month = groups.get("quarter") or "", (groups.get("month") or "").lower()
    if month:
        return year, _MONTHS.index(month) + 1
    within = "abcd".find(quarter.lower()) + 1 if quarter.isalpha() else int(quarter or 0)
    return year, within


def _weight(link: str) -> tuple[int, str]:
    return len(link) if "updated" in link.lower() else 0, link


def _accepted(address: str, query: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=query)) if query else address
