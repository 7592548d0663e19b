"""Answers in one piece: head and body leave together, where the server offers it.

ASGI sends head and body as two messages. They become two system calls and two packets, and the server looks at every
header again. The hot route knows its whole answer beforehand, and its headers are its own; it sends one message of the
type below. It goes past what stands between the door and the server, so a layer there takes the offer out of the scope.
"""

from collections.abc import Awaitable, Callable, Sequence

from starlette.types import Message, Scope, Send

WHOLE = "gateway.whole"
OFFER = "gateway.whole"
"""The extension under which the server offers to write a status, a header and a body at once."""

RawHeaders = list[tuple[bytes, bytes]]
Body = Sequence[bytes]
"""The parts of a body, which are put together once, behind the head: pages are large."""
Write = Callable[[int, RawHeaders, Body], Awaitable[None]]


def whole(status: int, headers: RawHeaders, body: Body) -> Message:
    """Give the message of an answer: names in lower case, values without line breaks, content-length among them."""
    return {"type": WHOLE, "status": status, "headers": headers, "body": body}


async def send_whole(scope: Scope, message: Message, send: Send) -> None:
    """Send it in one piece where the server offers it, otherwise as ASGI's two messages."""
    write: Write | None = scope.get("extensions", {}).get(OFFER)
    if write is not None:
        await write(message["status"], message["headers"], message["body"])
        return
    await send({"type": "http.response.start", "status": message["status"], "headers": message["headers"]})
    await send({"type": "http.response.body", "body": b"".join(message["body"])})


def without_offer(scope: Scope) -> Scope:
    """Give the scope for a layer that must see every message."""
    offered = scope.get("extensions", {})
    return {**scope, "extensions": {name: offer for name, offer in offered.items() if name != OFFER}}
