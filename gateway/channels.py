"""The channels to the services, closed last."""

import asyncio

import grpc


class Channels:
    """Open channels as a part of the gateway."""

    name = "channels"

    def __init__(self, *channels: grpc.aio.Channel) -> None:
        """Take the channels; they connect when they are used first."""
        self._channels = channels

    async def start(self) -> None:
        """Do nothing: a channel connects by itself."""

    async def drain(self, grace: float) -> None:
        """Close every channel, after calls under way."""
        await asyncio.gather(*(channel.close(grace) for channel in self._channels))
