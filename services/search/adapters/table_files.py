"""Tables of codes as files, a folder a generation: what one process built, another takes up, also after a restart."""

from __future__ import annotations

import hashlib
import json
import mmap
import shutil
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import structlog

from services.search.entry import Release
from services.search.shelf import Columns, Phrases, Shelf, Spots
from shared.errors import Unavailable

ARRAYS, ENTRIES, REST = "arrays.npz", "entries.bin", "rest.json"
PACKAGE = Path(__file__).parents[1]

_log = structlog.get_logger(__name__)


class TableFiles:
    """The tables in a folder; one process owns it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is made when it is missing."""
        self._folder = folder

    def save(self, shelf: Shelf, state: str) -> None:
        """Keep a table and the state of the catalog that it is of, whole or not at all.

        Unavailable, in a sentence, when the folder cannot be written or its disk is full.
        """
        try:
            self._save(shelf, state)
        except OSError as error:
            raise Unavailable(
                "INDEX_NOT_BUILT", f"No table can be kept in {self._folder}: {error.strerror}."
            ) from error

    def _save(self, shelf: Shelf, state: str) -> None:
        place = self._folder / shelf.generation
        partial = place.with_suffix(".partial")
        for left in (place, *self._folder.glob("*.partial")):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        partial.mkdir(parents=True)
        np.savez(partial / ARRAYS, allow_pickle=False, **_arrays(shelf))
        (partial / ENTRIES).write_bytes(shelf.packed)
        rest = {
            "made_by": version(),
            "state": state,
            "built_at": shelf.built_at,
            "ordered": shelf.ordered,
            "vocabulary": list(shelf.vocabulary),
            "releases": [_packed(release) for release in shelf.releases.values()],
        }
        (partial / REST).write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")
        partial.rename(place)

    def load(self, generation: str) -> tuple[Shelf, str] | None:
        """Give a table and its state; None when there is none that is whole and made by this version of search."""
        place = self._folder / generation
        if not generation or not (place / REST).is_file():
            return None
        try:
            rest = json.loads((place / REST).read_text(encoding="utf-8"))
            return (_shelf(generation, place, rest), rest["state"]) if rest["made_by"] == version() else None
        except (OSError, ValueError, LookupError, EOFError, BadZipFile) as error:
            _log.warning("the kept table cannot be read and is made anew", generation=generation, error=str(error))
            return None

    def answers_at_once(self) -> bool:
        """Whether the table that was kept last was made by this version, so that a start need not make another one."""
        try:
            rest = json.loads((self._folder / self.newest() / REST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return bool(rest.get("made_by") == version())

    def newest(self) -> str:
        """The generation that was kept last; empty when there is none."""
        return max((place.name for place in self._folder.glob("*") if not place.suffix), default="")

    def keep_only(self, generation: str) -> None:
        """Remove the others; all of them when none is named."""
        for place in self._folder.glob("*"):
            if place.name != generation:
                shutil.rmtree(place, ignore_errors=True)


def _arrays(shelf: Shelf) -> dict[str, Any]:
    phrases, columns, spots = shelf.phrases, shelf.columns, shelf.spots
    return {
        "offsets": shelf.offsets,
        "frequency": shelf.frequency,
        "terms": phrases.terms,
        "starts": phrases.starts,
        "kinds": phrases.kinds,
        "texts": phrases.texts,
        "first": phrases.first,
        "begins": spots.begins,
        "ends": spots.ends,
        "spotted": spots.first,
        "system": columns.system,
        "billable": columns.billable,
        "first_day": columns.first_day,
        "last_day": columns.last_day,
        "alive": columns.alive,
        "above": columns.above,
    }


def _shelf(generation: str, place: Path, rest: dict[str, Any]) -> Shelf:
    with np.load(place / ARRAYS, allow_pickle=False) as stored:
        of = {name: stored[name] for name in stored.files}
    releases = [_release(values) for values in rest["releases"]]
    return Shelf(
        generation=generation,
        releases={release.id: release for release in releases},
        packed=_mapped(place / ENTRIES),
        offsets=of["offsets"],
        phrases=Phrases(of["terms"], of["starts"], of["kinds"], of["texts"], of["first"]),
        spots=Spots(of["begins"], of["ends"], of["spotted"]),
        columns=Columns(of["system"], of["billable"], of["first_day"], of["last_day"], of["alive"], of["above"]),
        vocabulary=rest["vocabulary"],
        ordered=rest["ordered"],
        frequency=of["frequency"],
        built_at=rest["built_at"],
    )


def _mapped(file: Path) -> bytes | memoryview:
    """The bytes of a file, read as they are needed; they stay readable when the file is removed."""
    if not file.stat().st_size:
        return b""
    with file.open("rb") as opened:
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))


def _packed(release: Release) -> list[str | None]:
    begins, ends = (day.isoformat() if day else None for day in (release.effective_from, release.effective_to))
    return [release.id, release.kind, release.title, release.edition, begins, ends]


def _release(values: list[Any]) -> Release:
    *texts, begins, ends = values
    return Release(*texts, *(date.fromisoformat(day) if day else None for day in (begins, ends)))


@cache
def version() -> str:
    """A digest of the code that makes tables: another reading of words makes another table."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in {".py", ".csv", ".tsv"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()
