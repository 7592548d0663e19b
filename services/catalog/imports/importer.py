"""What an importer of one kind of file is, and what it may be told."""

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
        """The table whose rows are compared between releases: "code", "official_text" or "hcc"."""
        ...

    @property
    def files(self) -> str:
        """Which files it wants, for a person."""
        ...

    def read(self, paths: Sequence[Path], choices: Choices, defects: Defects, progress: Progress) -> Reading:
        """Begin to read; what is wrong goes to `defects`, and then the rows count for nothing."""
        ...
