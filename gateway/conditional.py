"""What counts as a reading and what does not: HEAD, prefetch and 304 never do, and grant nothing."""

from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from codingahead.catalog.v1 import catalog_pb2

from gateway.auth.reader import Headers, Reader
from gateway.meter.decision import Outcome
from gateway.reading import Counted, Reading, ReadingRoom


class Tagged(Protocol):
    """An answer with an entity tag."""

    @property
    def etag(self) -> bytes:
        """The tag, with its quotes."""
        ...


Answer = TypeVar("Answer", bound=Tagged)


class Served(NamedTuple, Generic[Answer]):
    """How a request for a page is answered."""

    reading: Reading
    answer: Answer
    not_modified: bool = False
    refused_prefetch: bool = False
    """Whether a prefetch asked for a page that is not granted yet: it gets nothing, and costs nothing."""


class Asked(NamedTuple):
    """The headers that say what kind of request this is."""

    tags: bytes | None
    """If-None-Match."""
    prefetch: bool
    codings: bytes = b""
    """Accept-Encoding."""


def asked_of(headers: Headers) -> Asked:
    """Read the kind of a request from its headers."""
    tags = None
    prefetch = False
    codings = b""
    for name, value in headers:
        if name == b"if-none-match":
            tags = value if tags is None else tags + b"," + value
        elif name == b"accept-encoding":
            codings = value
        elif name in (b"sec-purpose", b"purpose", b"x-moz", b"x-purpose") and value.lower().startswith(
            (b"prefetch", b"preview")
        ):
            prefetch = True
    return Asked(tags, prefetch, codings)


async def serve_page(
    room: ReadingRoom,
    reader: Reader,
    code: catalog_pb2.Code,
    *,
    method: str,
    asked: Asked,
    draw: Callable[[Reading], Answer],
    teaser: bool = True,
) -> Served[Answer]:
    """Decide, count where the request counts, and draw the answer.

    Without `teaser` a reader who is over quota gets a refusal in place of the page, so that nothing is displayed.
    """
    if method == "HEAD" or asked.prefetch:
        reading = await room.read(reader, code, Counted.NO)
        answer = draw(reading)
        if asked.prefetch and not reading.decision.granted:
            return Served(reading, answer, refused_prefetch=True)
        return Served(reading, answer, not_modified=_unchanged(asked, reading, answer))
    if asked.tags is not None:
        reading = await room.read(reader, code, Counted.NO)
        answer = draw(reading)
        if _unchanged(asked, reading, answer):
            return Served(reading, answer, not_modified=True)
    reading = await room.read(reader, code, Counted.YES)
    if code.official.licence and (teaser or not reading.decision.refused):
        reading = await room.displayed(reading, code)
    return Served(reading, draw(reading))


def _unchanged(asked: Asked, reading: Reading, answer: Tagged) -> bool:
    """Whether the client holds this answer; a page that would be granted now is never the teaser that it holds."""
    would_be_granted = reading.decision.outcome is Outcome.NOT_ASKED and not reading.decision.metering_away
    return asked.tags is not None and not would_be_granted and matches(asked.tags, answer.etag)


def matches(tags: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match names the tag (weak comparison, RFC 9110 section 13.1.2)."""
    return tags.strip() == b"*" or etag in [tag.strip().removeprefix(b"W/") for tag in tags.split(b",")]
