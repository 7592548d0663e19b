"""Fetches sources into a folder, which keeps a list of what it holds: address, checksum, size and when."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from services.catalog.fetching.download import Downloader, Fetched
from services.catalog.fetching.finding import find
from services.catalog.fetching.sources import Source
from shared.clock import Clock
from shared.errors import FailedPrecondition, InvalidInput

LIST = "fetched.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a source."""

    source: Source
    paths: tuple[Path, ...]
    """Its files, of the newest edition."""
    new: int
    """How many of them were not there before."""


class Fetching:
    """Fetches into one folder."""

    def __init__(self, folder: Path, downloader: Downloader, clock: Clock, tell: Callable[[str], None]) -> None:
        """Take the folder, what downloads, the time, and what is told in sentences."""
        self._folder = folder
        self._downloader = downloader
        self._clock = clock
        self._tell = tell

    def fetch(self, source: Source, licence_accepted_by: str = "") -> Outcome:
        """Fetch a source's newest files; raises as `Downloader.file` and `find` do, and leaves no half file in place.

        FailedPrecondition as well when the source is a page to visit, or nobody accepts its publisher's terms.
        """
        if source.visit:
            raise FailedPrecondition(
                "PAGE_TO_VISIT", f"{source.name}: visit {source.visit}, save the file and import it by hand."
            )
        if source.licensed and not licence_accepted_by.strip():
            raise FailedPrecondition(
                "LICENCE_NOT_ACCEPTED",
                f"{source.name}: the AMA's terms stand before these files (see {source.page}); say who accepts them"
                " with --accept-licence-by NAME.",
            )
        folder = self._folder / source.name
        folder.mkdir(parents=True, exist_ok=True)
        before = {fetched.address: fetched for fetched in self._listed(folder)}
        paths, new = [], 0
        for address in find(source, self._downloader.page):
            known = self._unspoilt(before.get(address))
            fetched = self._downloader.file(address, folder / _name(address), source.largest, known)
            if source.sha256 and fetched.sha256 != source.sha256:
                fetched.path.unlink(missing_ok=True)
                raise InvalidInput(
                    "CHECKSUM_WRONG",
                    f"{address} has SHA-256 {fetched.sha256}, and {source.sha256} is right: it was not kept.",
                )
            if fetched is not known:
                new += 1
                self._list(folder, fetched, licence_accepted_by if source.licensed else "")
            paths.append(fetched.path)
        return Outcome(source, tuple(paths), new)

    def _unspoilt(self, known: Fetched | None) -> Fetched | None:
        """A file that is listed, when it is still what was fetched."""
        if known is None or not known.path.is_file():
            return None
        with known.path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == known.sha256:
                return known
        self._tell(f"{known.path.name} is not what was fetched (its SHA-256 differs): it is fetched again.")
        return None

    @staticmethod
    def _listed(folder: Path) -> list[Fetched]:
        return [
            Fetched(folder / str(each["name"]), each["address"], each["sha256"], each["size"], each["validator"])
            for each in _read(folder)
        ]

    def _list(self, folder: Path, fetched: Fetched, accepted_by: str) -> None:
        others = [each for each in _read(folder) if each["name"] != fetched.path.name]
        entry: dict[str, object] = {
            "name": fetched.path.name,
            "address": fetched.address,
            "sha256": fetched.sha256,
            "size": fetched.size,
            "validator": fetched.validator,
            "fetched_at": self._clock.now().isoformat(timespec="seconds"),
        }
        if accepted_by:
            entry["licence_accepted_by"] = accepted_by
        fresh = folder / f"{LIST}.new"
        fresh.write_text(json.dumps([*others, entry], indent=2) + "\n")
        fresh.replace(folder / LIST)


def _read(folder: Path) -> list[dict[str, Any]]:
    try:
        entries: list[dict[str, Any]] = json.loads((folder / LIST).read_text())
    except FileNotFoundError:
        return []
    except ValueError as error:
        raise InvalidInput("LIST_WRONG", f"{folder / LIST} is no list of fetched files ({error}); remove it.") from None
    return entries


def _name(address: str) -> str:
    """A file's name, without folders, as its address ends."""
    name = unquote(urlsplit(address).path).rpartition("/")[2]
    if not name or name.startswith(".") or any(c in name for c in "\\:\0"):
        raise InvalidInput("FILE_NAME_WRONG", f"{address} names no file.")
    return name
