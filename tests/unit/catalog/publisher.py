"""A publisher's site on this machine: files and pages by path, and what goes wrong with them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Offer:
    """What stands at a path, and what goes wrong with the next answers."""

    content: bytes
    kind: str = "application/zip"
    cuts: list[int] = field(default_factory=list)
    """The next answers end after so many bytes, one each."""
    failures: list[int] = field(default_factory=list)
    """The next answers have these statuses."""
    with_length: bool = True
    ranges: str = "right"
    """"ignored": every answer is the whole file; "moved": parts begin elsewhere than was asked for, once."""
    leads_to: str = ""
    """Where it redirects to."""

    @property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'

    def refusal(self, if_none_match: str) -> tuple[int, str] | None:
        """The status of an answer without the file, and where it leads; None when the file is given."""
        if self.failures:
            return self.failures.pop(0), ""
        if self.leads_to:
            return 302, self.leads_to
        return (304, "") if if_none_match == self.tag else None

    def part(self, wanted: str, if_range: str) -> tuple[int, bool]:
        """Where the answer to a Range begins, and whether it is a part."""
        if not wanted or if_range != self.tag or self.ranges == "ignored":
            return 0, False
        moved, self.ranges = self.ranges == "moved", "right"
        return int(wanted.removeprefix("bytes=").rstrip("-")) + (1_000 if moved else 0), True


@dataclass
class Publisher:
    """The site."""

    offers: dict[str, Offer] = field(default_factory=dict)
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    """Path with its query, Range, and the status of each answer."""
    url: str = ""

    def statuses(self) -> list[int]:
        """The statuses of all answers."""
        return [status for _, _, status in self.asked]


def _handler(publisher: Publisher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            offer = publisher.offers.get(self.path.partition("?")[0])
            refused = offer.refusal(self.headers.get("If-None-Match", "")) if offer else (404, "")
            if refused:
                self._refuse(*refused)
            elif offer:
                self._give(offer)

        def _refuse(self, status: int, location: str = "") -> None:
            publisher.asked.append((self.path, self.headers.get("Range", ""), status))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def _give(self, offer: Offer) -> None:
            wanted = self.headers.get("Range", "")
            begin, part = offer.part(wanted, self.headers.get("If-Range", ""))
            body = offer.content[begin:] if part else offer.content
            publisher.asked.append((self.path, wanted, 206 if part else 200))
            self.send_response(206 if part else 200)
            if part:
                self.send_header("Content-Range", f"bytes {begin}-{len(offer.content) - 1}/{len(offer.content)}")
            self.send_header("Content-Type", offer.kind)
            self.send_header("ETag", offer.tag)
            if offer.with_length:
                self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[: offer.cuts.pop(0)] if offer.cuts else body)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def publishing(publisher: Publisher) -> Iterator[Publisher]:
    """Serve it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(publisher))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    publisher.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
