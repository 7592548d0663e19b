"""The channel to catalog as a part of the service."""

import grpc


class Channel:
    """Closes the channel when the service stops; it connects when it is used first."""

    name = "catalog channel"

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Take the channel."""
        self._channel = channel

    async def start(self) -> None:
        """Connect when it is used first."""

    async def drain(self, grace: float) -> None:
        """Close it."""
        await self._channel.close(grace)
