"""Makes the event log's topics that are missing, as ``python -m shared.events topics create`` does."""

from deploy.local.problems import Problem
from deploy.local.servers import Servers
from shared.errors import Unavailable
from shared.events.log import open_log
from shared.events.topics import load_topics

STOP_SECONDS = 5.0


async def create_topics(servers: Servers) -> None:
    """Make the topics of deploy/kafka/topics.yaml on the servers' event log; Problem when it does not answer."""
    log = open_log(servers.events_url)
    await log.start()
    try:
        await log.create_topics(load_topics())
    except Unavailable as error:
        raise Problem(servers.events_away) from error
    finally:
        await log.drain(STOP_SECONDS)
