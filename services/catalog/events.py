"""What catalog publishes (releases that answer from now on, codes that they change) and hears (deleted accounts)."""

from datetime import datetime

from codingahead.catalog.v1 import events_pb2
from codingahead.gateway.v1 import events_pb2 as gateway_events
from google.protobuf.timestamp_pb2 import Timestamp

from services.catalog.adapters.forgetting import forget
from shared.database import Connection
from shared.events.event import Event
from shared.events.failure import PermanentFailure

SOURCE = "/catalog"
RELEASE_PUBLISHED = "catalog.release-published"
CODE_CHANGED = "catalog.code-changed"
ACCOUNT_DELETED = "gateway.account-deleted"
GROUP = "catalog"
"""The group of effect consumers in which catalog hears."""

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


async def hear(conn: Connection, event: Event) -> None:
    """Honour one event, in the transaction given: reports no longer name a deleted account."""
    deleted = event.parse(gateway_events.AccountDeleted)
    if not deleted.account_id:
        raise PermanentFailure("the event names no account")
    await forget(conn, f"account:{deleted.account_id}")
