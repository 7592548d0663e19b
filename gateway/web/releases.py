"""Releases in words: what a page draws on, in which edition, for which dates, said in as few lines as it takes."""

from collections.abc import Iterable
from dataclasses import dataclass

from codingahead.catalog.v1 import catalog_pb2

from gateway.web.words import calendar_span

_LEAST_FINGERPRINT = 8
"""Characters of a checksum by which an edition is known to name nothing else."""


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One line of a page's head: one release, or several of one publisher that go together."""

    words: str
    current: bool


def effective_words(release: catalog_pb2.DataRelease) -> str:
    """The dates for which a release holds."""
    return calendar_span(release.effective_from, release.effective_to) or "no dates stated"


def named(release: catalog_pb2.DataRelease) -> str:
    """A release by title and edition; an edition that is only a checksum is left to the table of releases."""
    fingerprint = release.checksum[:_LEAST_FINGERPRINT]
    tells = release.edition and not (fingerprint and fingerprint in release.edition)
    return f"{release.title}, {release.edition}" if tells else release.title


def release_lines(releases: Iterable[catalog_pb2.DataRelease]) -> list[ReleaseLine]:
    """The releases of a page, those with dates first; releases of one publisher, edition and dates share a line."""
    groups: dict[tuple[str, str, str, bool], list[catalog_pb2.DataRelease]] = {}
    for release in releases:
        dates = effective_words(release) if _dated(release) else ""
        groups.setdefault((release.publisher, release.edition, dates, release.current), []).append(release)
    lines = sorted(groups.items(), key=lambda group: group[0][2] == "")
    return [ReleaseLine(_line(key, group), key[3]) for key, group in lines]


def _line(key: tuple[str, str, str, bool], group: list[catalog_pb2.DataRelease]) -> str:
    publisher, edition, dates, _current = key
    alone = len(group) == 1
    subject = (
        named(group[0]) if alone else ", ".join(p for p in (f"{len(group)} data sets of {publisher}", edition) if p)
    )
    return f"{subject}, effective {dates}" if dates else subject


def _dated(release: catalog_pb2.DataRelease) -> bool:
    return release.HasField("effective_from") or release.HasField("effective_to")
