"""Makes the event log's topics that are missing, as ``python -m shared.events topics create`` does."""

from shared.events.log import open_log
from shared.events.topics import load_topics

STOP_SECONDS = 5.0


async def create_topics(events_url: str) -> None:
    """Make the topics of deploy/kafka/topics.yaml on the log that a URL names."""
    log = open_log(events_url)
    await log.start()
    try:
        await log.create_topics(load_topics())
    finally:
        await log.drain(STOP_SECONDS)
