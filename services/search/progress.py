"""How far the building of an index is: the process that builds tells the service, and the service tells operators."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

EVERY_SECONDS = 0.5
Made = TypeVar("Made")


class Stage(StrEnum):
    """What is being done, in the order in which it is."""

    READING = "reading the catalog"
    TABLE = "making the table of codes"
    INDEXING = "indexing words"


@dataclass(frozen=True, slots=True)
class Progress:
    """So far it is."""

    stage: Stage
    done: int = 0
    """Entries."""
    of: int = 0
    """All of them; 0 while that is not known."""

    def line(self) -> str:
        """For the service."""
        return json.dumps({"stage": self.stage.name, "done": self.done, "of": self.of})

    @classmethod
    def read(cls, line: str) -> Progress | None:
        """What a line tells; None when it is no such line."""
        try:
            told = json.loads(line)
            return cls(Stage[told["stage"]], int(told["done"]), int(told["of"]))
        except (ValueError, LookupError, TypeError):
            return None

    def __str__(self) -> str:
        """In words, for operators."""
        if not self.done and not self.of:
            return str(self.stage)
        return f"{self.stage}, {self.done:,}{f' of {self.of:,}' if self.of else ''} entries"


def counted(
    things: Iterable[Made],
    stage: Stage,
    of: int,
    tell: Callable[[Progress], None],
    *,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Made]:
    """The things, telling now and then how many were taken."""
    told = now()
    tell(Progress(stage, 0, of))
    for number, thing in enumerate(things):
        if not number % 256 and now() - told > EVERY_SECONDS:
            told = now()
            tell(Progress(stage, number, of))
        yield thing
