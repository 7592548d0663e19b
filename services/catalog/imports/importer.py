"""What an importer of one kind of file is, and what it may be told."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from services.catalog.imports.defects import Defects
from services.catalog.rows import Edition, Rows


class Progress(Protocol):
    """Is told how far a step has come."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Say that `done` of `total` (bytes, rows or files) of a step are done; total 0 when it is not known."""
        ...


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator says about an import; a value that the file states itself may be left out."""

    edition: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    licence_accepted_by: str = ""
    setting: str = ""


@dataclass(frozen=True, slots=True)
class FilePattern:
    """How a kind's files are called, as published, by which they are found in a folder and told from each other."""

    name: re.Pattern[str]
    """Of the whole name, whatever its case. What its groups match is the same in all files of one import."""
    setting: str = ""
    """The setting that a file of this name is for."""

    def match(self, name: str) -> tuple[str, ...] | None:
        """What the files of one import have in common, in lower case; None when the name is not of this pattern."""
        found = self.name.fullmatch(name.lower())
        return tuple(group or "" for group in found.groups()) if found else None


def called(name: str, setting: str = "") -> FilePattern:
    """A pattern from a regular expression in lower case; ASCII digits and letters only."""
    return FilePattern(re.compile(name, re.ASCII), setting)


@dataclass(slots=True)
class Reading:
    """One import's files on their way in. `edition` is known when all rows have been read."""

    rows: Rows
    edition: Callable[[], Edition]


class Importer(Protocol):
    """Reads files of one kind into rows."""

    @property
    def kind(self) -> str:
        """The kind's name on the command line."""
        ...

    @property
    def title(self) -> str:
        """The name of its releases for readers."""
        ...

    @property
    def publisher(self) -> str:
        """Who publishes the files."""
        ...

    @property
    def systems(self) -> tuple[str, ...]:
        """Code systems whose pages its releases change."""
        ...

    @property
    def subject(self) -> str:
        """The table by which its releases are compared, one of `rows.SUBJECTS`."""
        ...

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that the kind has releases for, each a slot of its own; empty where it has none."""
        ...

    @property
    def recognised(self) -> tuple[FilePattern, ...]:
        """How its files are called; the first pattern that fits counts."""
        ...

    @property
    def files(self) -> str:
        """Which files it wants, for a person."""
        ...

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read; what is wrong goes to `defects`, and then the rows count for nothing."""
        ...
