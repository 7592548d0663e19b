"""A bounded memory for hot paths: it forgets what was put in longest ago, and is asked as a plain dictionary is."""

from collections import OrderedDict
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Newest(OrderedDict[Key, Value]):
    """The newest of what was put in.

    A look-up does not keep its entry alive, as in an LRU cache it would at several times the price: what is asked for
    still after all that time is put in anew.
    """

    def __init__(self, most: int) -> None:
        """Take how many entries are kept."""
        super().__init__()
        self._most = most

    def put(self, key: Key, value: Value) -> None:
        """Put an entry in, or anew."""
        self[key] = value
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)
