"""What the gateway does when it hears of accounts, in its one group of effect consumers."""

from collections.abc import Mapping

from shared.database import Connection
from shared.events.consumers import EffectHandler
from shared.events.event import Event

GROUP = "gateway"


class Effects:
    """Gives each event to whom its topic concerns."""

    def __init__(self, by_topic: Mapping[str, EffectHandler]) -> None:
        """Take who hears what."""
        self._by_topic = by_topic

    @property
    def topics(self) -> tuple[str, ...]:
        """What is heard."""
        return tuple(self._by_topic)

    async def hear(self, conn: Connection, event: Event) -> None:
        """Hear one event in the transaction given."""
        await self._by_topic[event.topic](conn, event)
