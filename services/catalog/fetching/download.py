"""Downloads one file: goes on where it was cut off, tries again while the publisher is away, and checks what came."""

import contextlib
import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import httpx

from services.catalog.imports.archives import member_names
from shared.errors import DomainError, FailedPrecondition, InvalidInput, NotFound, Unavailable

ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LARGEST_PAGE = 8 * 1024 * 1024
CHUNK = 256 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=15.0)
AGENT = "coding-ahead-catalog (official files of code sets; python-httpx)"
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[str, int, int], None]
Answer = TypeVar("Answer")


class _Interrupted(Exception):
    """The file did not come whole this time; what came stays."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is there, whole."""

    path: Path
    address: str
    sha256: str
    size: int
    validator: str
    """What the publisher calls this version of it; empty where it gives no name."""


class Downloader:
    """Downloads over HTTP; a client of its own, closed at the end."""

    def __init__(self, progress: Progress, pause: Callable[[float], None] = time.sleep) -> None:
        """Take what is told how far a file is, and how to wait."""
        self._progress = progress
        self._pause = pause
        self._client = httpx.Client(
            timeout=TIMEOUT, follow_redirects=True, max_redirects=5,
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        )  # fmt: skip

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def page(self, address: str) -> str:
        """The text of a page; raises as `file` does."""

        def attempt() -> str:
            with self._answer(address, {}) as answer:
                _check_status(answer, address)
                body = b""
                for chunk in answer.iter_bytes(CHUNK):
                    body += chunk
                    if len(body) > LARGEST_PAGE:
                        raise InvalidInput("FILE_TOO_LARGE", f"{address} is larger than a page should be.")
                return body.decode("utf-8", "replace")

        return self._until_it_works(address, attempt)

    def file(self, address: str, to: Path, largest: int, known: Fetched | None = None) -> Fetched:
        """Download a file beside `to`, and put it there when it is whole; `known` is left alone when it is current.

        Raises:
            NotFound: there is nothing at the address.
            Unavailable: the publisher does not answer, or not whole, after several tries; the next call goes on.
            InvalidInput: something else came than the file, or more than `largest` bytes.

        """
        part = to.with_name(to.name + ".part")
        fetched = self._until_it_works(address, lambda: self._attempt(address, part, largest, known))
        if fetched is known and known is not None:
            return known
        try:
            _check_content(part, to, address)
        except DomainError:
            _remove(part)
            raise
        size, digest = part.stat().st_size, _sha256(part)
        part.replace(to)
        _remove(part)
        return Fetched(to, address, digest, size, fetched.validator if fetched else "")

    def _attempt(self, address: str, part: Path, largest: int, known: Fetched | None) -> Fetched | None:
        """One try: gives `known` when it is current, else a note of what came."""
        begun, validator = _begun(part, address)
        headers = {"Range": f"bytes={begun}-", "If-Range": validator} if begun else {}
        if known is not None and known.validator and not begun:
            name = "If-None-Match" if known.validator.startswith('"') else "If-Modified-Since"
            headers[name] = known.validator
        with self._answer(address, headers) as answer:
            if answer.status_code == 304 and known is not None:
                return known
            if answer.status_code == 416:
                _remove(part)
                raise _Interrupted("the publisher has another file by now")
            _check_status(answer, address)
            _check_type(answer, address)
            if answer.status_code == 206 and not _continues(answer, begun):
                _remove(part)  # what comes belongs elsewhere in the file
                raise _Interrupted("the publisher sends another part of the file than was asked for")
            at = begun if answer.status_code == 206 else 0
            validator = _validator(answer)
            total = _length(answer, at)
            if total > largest:
                raise _too_large(address, largest)
            _note(part, address, validator)
            with part.open("ab" if at else "wb") as file:
                self._take(answer, file, (at, total, largest), address)
        return Fetched(part, address, "", part.stat().st_size, validator)

    def _take(self, answer: httpx.Response, file: IO[bytes], sizes: tuple[int, int, int], address: str) -> None:
        at, total, largest = sizes
        for chunk in answer.iter_raw():
            at += len(chunk)
            if at > largest:
                raise _too_large(address, largest)
            file.write(chunk)
            self._progress(address.rpartition("/")[2].partition("?")[0], at, total)
        if total and at != total:
            raise _Interrupted(f"it ended after {at:,} of {total:,} bytes")

    @contextlib.contextmanager
    def _answer(self, address: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        try:
            with self._client.stream("GET", address, headers=headers) as answer:
                yield answer
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise InvalidInput("SOURCES_WRONG", f"{address} is no address: {error}.") from error
        except httpx.TooManyRedirects as error:
            raise FailedPrecondition(
                "FETCH_REFUSED",
                f"{address} leads from one address to the next without end; visit the publisher's site.",
            ) from error
        except httpx.TransportError as error:
            raise _Interrupted(str(error) or type(error).__name__) from error

    def _until_it_works(self, address: str, attempt: Callable[[], Answer]) -> Answer:
        pause = FIRST_PAUSE_SECONDS
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return attempt()
            except _Interrupted as error:
                if not left:
                    raise Unavailable(
                        "PUBLISHER_AWAY",
                        f"{address} did not come whole in {ATTEMPTS} tries: {error}. Fetch again later; it goes on"
                        " where it was cut off.",
                    ) from None
                self._pause(min(max(error.pause, pause * random.uniform(0.8, 1.2)), LONGEST_PAUSE_SECONDS))  # noqa: S311
                pause *= 2
        raise AssertionError("the last try answers or raises")


def _too_large(address: str, largest: int) -> InvalidInput:
    return InvalidInput("FILE_TOO_LARGE", f"{address} has more than {largest:,} bytes, which are expected at most.")


def _check_status(answer: httpx.Response, address: str) -> None:
    status = answer.status_code
    if address.startswith("https:") and answer.url.scheme != "https":
        raise FailedPrecondition(
            "FETCH_REFUSED", f"{address} leads to {answer.url}, where nobody vouches for the file."
        )
    if status in (404, 410):
        raise NotFound(
            "FILE_NOT_FOUND", f"There is nothing at {address} ({status}): the publisher moved it. Visit its site."
        )
    if status in _AGAIN:
        after = answer.headers.get("retry-after", "")
        raise _Interrupted(f"the publisher answers {status}", float(after) if after.isdigit() else 0.0)
    if status not in (200, 206):
        raise FailedPrecondition("FETCH_REFUSED", f"{address} answers {status}; visit the publisher's site.")


def _check_type(answer: httpx.Response, address: str) -> None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise _no_file(address)


def _check_content(part: Path, to: Path, address: str) -> None:
    """See that an archive is one, and whole."""
    with part.open("rb") as file:
        begins = file.read(512).lstrip().lower()
    if begins.startswith((b"<!doctype html", b"<html")):
        raise _no_file(address)
    if to.suffix.lower() == ".zip":
        whole = part.with_name(to.name + ".part.zip")
        part.rename(whole)
        try:
            member_names(whole)
        except InvalidInput as error:
            raise InvalidInput(
                "ARCHIVE_BROKEN", f"What {address} gives is no whole zip archive: {error.message}"
            ) from error
        finally:
            whole.rename(part)


def _no_file(address: str) -> InvalidInput:
    return InvalidInput(
        "CONTENT_WRONG",
        f"{address} answers with a page instead of the file: the publisher may ask for its terms first, or moved it."
        " Visit it in a browser.",
    )


def _continues(answer: httpx.Response, begun: int) -> bool:
    return str(answer.headers.get("content-range", "")).startswith(f"bytes {begun}-")


def _length(answer: httpx.Response, at: int) -> int:
    """How many bytes the whole file has; 0 where nobody says."""
    length = answer.headers.get("content-length", "")
    return at + int(length) if length.isdigit() else 0


def _validator(answer: httpx.Response) -> str:
    tag = str(answer.headers.get("etag", ""))
    return tag if tag.startswith('"') else str(answer.headers.get("last-modified", ""))  # a weak tag names no bytes


def _note(part: Path, address: str, validator: str) -> None:
    part.with_name(part.name + ".json").write_text(json.dumps({"address": address, "validator": validator}))


def _begun(part: Path, address: str) -> tuple[int, str]:
    """How many bytes are here of the file that the address has, and what the publisher called it."""
    try:
        note = json.loads(part.with_name(part.name + ".json").read_text())
        if note["address"] == address and note["validator"]:
            return part.stat().st_size, str(note["validator"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _remove(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".json").unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
