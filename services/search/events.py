"""What search hears of the catalog: releases that answer, and codes that they change."""

from codingahead.catalog.v1 import events_pb2

from services.search.indexing import Indexing
from shared.events.event import Event

RELEASE_PUBLISHED = "catalog.release-published"
CODE_CHANGED = "catalog.code-changed"
TOPICS = (RELEASE_PUBLISHED, CODE_CHANGED)
INDEXES = "icd10cm-index"
"""The kind of release whose paths lead to codes: none of its codes tells that another path leads to it."""


class Following:
    """Follows the events of the catalog for the index of this process."""

    def __init__(self, indexing: Indexing) -> None:
        """Take the index."""
        self._indexing = indexing

    async def hear(self, event: Event) -> None:
        """Have what an event tells of taken into the index.

        A release that takes the place of another tells of each code that it changes; any other may bring all its codes.
        """
        at = event.time.timestamp()
        if event.topic == CODE_CHANGED:
            changed = event.parse(events_pb2.CodeChanged)
            self._indexing.change((changed.system, changed.code), at)
        elif event.topic == RELEASE_PUBLISHED:
            published = event.parse(events_pb2.ReleasePublished)
            told_by_code = published.replaced_release_id and published.in_force and published.kind != INDEXES
            if published.systems and not told_by_code:
                self._indexing.rebuild(at)

    async def reset(self) -> None:
        """Events may have been missed."""
        self._indexing.doubt()
