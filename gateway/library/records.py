"""What a library holds, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from gateway.library.rules import CodeKey


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of favourites."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FolderOnList:
    """A folder with how much is in it."""

    folder: Folder
    position: int
    """Its place among the folders, from 0."""
    favourites: int


@dataclass(frozen=True, slots=True)
class Favourite:
    """A code that a reader keeps."""

    key: CodeKey
    folder: Folder | None
    """None for those in no folder."""
    position: int
    """Its place in the folder, from 0."""
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A private note on a code."""

    key: CodeKey
    text: str
    revision: int
    """Another one each time it is written; never used twice."""
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """A code page that was read, and when last."""

    key: CodeKey
    read_at: datetime


@dataclass(frozen=True, slots=True)
class LookUp:
    """What was looked up, as it was typed last, and when."""

    words: str
    looked_up_at: datetime
