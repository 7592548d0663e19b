"""What catalog publishes: releases that answer from now on, and the codes that they change. It consumes nothing."""

from datetime import datetime

from codingahead.catalog.v1 import events_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from shared.events.event import Event

SOURCE = "/catalog"
RELEASE_PUBLISHED = "catalog.release-published"
CODE_CHANGED = "catalog.code-changed"

CHANGE_KINDS = {
    "added": events_pb2.CODE_CHANGE_KIND_ADDED,
    "revised": events_pb2.CODE_CHANGE_KIND_REVISED,
    "deleted": events_pb2.CODE_CHANGE_KIND_DELETED,
}


def release_published(
    *,
    release_id: str,
    kind: str,
    setting: str,
    edition: str,
    systems: list[str],
    published_at: datetime,
    replaced: str,
    in_force: bool,
) -> Event:
    """A release answers; `replaced` is the one whose place it took, empty when it stands beside the others."""
    at = Timestamp()
    at.FromDatetime(published_at)
    message = events_pb2.ReleasePublished(
        release_id=release_id,
        kind=kind,
        edition=edition,
        systems=systems,
        published_at=at,
        replaced_release_id=replaced,
        setting=setting,
        in_force=in_force,
    )
    return Event.of(topic=RELEASE_PUBLISHED, key=kind, message=message, source=SOURCE, time=published_at)


def code_changed(*, system: str, code: str, change: str, release_id: str, at: datetime) -> Event:
    """One code was added, revised or deleted by a release."""
    message = events_pb2.CodeChanged(system=system, code=code, kind=CHANGE_KINDS[change], release_id=release_id)
    return Event.of(topic=CODE_CHANGED, key=f"{system}/{code}", message=message, source=SOURCE, time=at)
