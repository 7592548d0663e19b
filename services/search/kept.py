"""What was made last, so that it need not be made again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")


class Kept(OrderedDict[Key, Made]):
    """Keeps so many things; when another comes the oldest goes, and never all at once: to let go of thousands takes
    longer than to answer.
    """

    def __init__(self, most: int) -> None:
        """Take how many are kept."""
        super().__init__()
        self._most = most

    def keep(self, key: Key, made: Made) -> Made:
        """Keep what was made, and give it."""
        if len(self) >= self._most and key not in self:
            self.popitem(last=False)
        self[key] = made
        return made
