"""A consumer with an effect, as a process of its own that may be killed: it counts page views by principal.

Run as `python -m tests.chaos.counting`, with DATABASE_URL and EVENTS_URL, until it is killed.
"""

from __future__ import annotations

import asyncio
import os

import psycopg
from codingahead.metering.v1.events_pb2 import PageViewed

from shared.database import Connection, Database
from shared.events import outbox
from shared.events.consumers import EffectConsumer
from shared.events.event import Event
from shared.events.log import open_log
from shared.events.topics import audit_topic, group_topics

GROUP = "page-view-counter"
TOPIC = "metering.page-viewed"


class _Execute:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def execute(self, sqltext: str) -> None:
        self._connection.execute(sqltext.encode())


async def prepare(database_url: str, events_url: str) -> None:
    """Make the consumer's tables and topics."""
    with psycopg.connect(database_url) as connection:
        outbox.create_tables(_Execute(connection))
        connection.execute("CREATE TABLE page_views (principal text PRIMARY KEY, views bigint NOT NULL)")
    log = open_log(events_url)
    await log.start()
    await log.create_topics([*group_topics(GROUP), audit_topic()])
    await log.drain(1)


async def count(conn: Connection, event: Event) -> None:
    """Count one view."""
    await conn.execute(
        "INSERT INTO page_views VALUES (%s, 1) ON CONFLICT (principal) DO UPDATE SET views = page_views.views + 1",
        (event.parse(PageViewed).principal,),
    )


async def _run() -> None:
    database, log = Database(os.environ["DATABASE_URL"]), open_log(os.environ["EVENTS_URL"])
    await database.open()
    await log.start()
    await EffectConsumer(log, database, group=GROUP, topics=[TOPIC], handle=count).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_run())
