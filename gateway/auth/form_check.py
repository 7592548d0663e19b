"""Writes of a signed-in browser carry the token of its session: in a field of the form, or in a header for scripts.

It stands beside the Origin check and the cookie's SameSite=Lax, so that no single slip lets a foreign page write. Every
route is held to it before it is reached; none has to remember.
"""

from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from gateway.auth.browser_secrets import unmasks
from gateway.auth.keeper import SessionStanding
from gateway.form_stream import Field, FormReader, Part
from shared.errors import Denied

FIELD = "form_token"
HEADER = b"x-form-token"
STREAMED = frozenset({"/operator/imports", "/api/v1/operator/imports"})
"""Forms that are too large to be held: their token stands in the first field and is checked before the rest comes."""
LONGEST_WAY_TO_TOKEN = 16_384
ORIGIN_ALONE = frozenset({"/appearance", "/sign-out"})
"""Their forms stand in the header of every page, also of those kept for all readers, where no token can stand; what
they do is to change a colour and to end the reader's own session."""


async def with_form_token(scope: Scope, receive: Receive, session: SessionStanding) -> Receive:
    """Check a write's token and give its body anew; Denied without the right token."""
    if scope["path"] in ORIGIN_ALONE:
        return receive
    for name, value in scope["headers"]:
        if name == HEADER:
            _check(value.decode("latin-1"), session)
            return receive
    if scope["path"] in STREAMED:
        return await _with_token_ahead(scope, receive, session)
    body = await _whole(receive)
    async with Request(scope, _given_again(body)).form() as form:
        _check(str(form.get(FIELD, "")), session)
    return _given_again(body)


def _check(sent: str, session: SessionStanding) -> None:
    if not unmasks(sent, session.form_token):
        raise Denied(
            "FORM_TOKEN_WRONG",
            "This form does not belong to your present sign-in: open its page again and send it from there."
            " A script sends the token of the page in the header X-Form-Token.",
        )


async def _with_token_ahead(scope: Scope, receive: Receive, session: SessionStanding) -> Receive:
    """Read a form up to its first field, check that, and give the form anew, with what is still to come."""
    reader = FormReader(Request(scope).headers.get("content-type", ""))
    ahead: list[Message] = []
    read = 0
    found: list[Part] = []
    while not found and read <= LONGEST_WAY_TO_TOKEN:
        message = await receive()
        if message["type"] != "http.request":
            raise Denied("FORM_CUT_OFF", "The form did not arrive whole: send it again.")
        ahead.append(message)
        read += len(message.get("body", b""))
        found = reader.feed(message.get("body", b""))
        if not message.get("more_body", False):
            break
    first = found[0] if found else None
    _check(first.value if isinstance(first, Field) and first.name == FIELD else "", session)
    ahead.reverse()

    async def rest() -> Message:
        return ahead.pop() if ahead else await receive()

    return rest


async def _whole(receive: Receive) -> bytes:
    """Read a body, which the door has bounded."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Denied("FORM_CUT_OFF", "The form did not arrive whole: send it again.")
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _given_again(body: bytes) -> Receive:
    """A body as it came, once; the connection's end afterwards."""
    messages: list[Message] = [{"type": "http.disconnect"}, {"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if len(messages) > 1 else messages[0]

    return receive
