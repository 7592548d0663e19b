"""The add-on code edits of one release in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class AddOnEdit(NamedTuple):
    """A row: an add-on code and one of its primary codes; no primary where the contractor defines them."""

    add_on: str
    primary: str | None
    type: int
    begins: date | None
    """None where the file gives no effective dates."""
    ends: date | None

    def applies(self, day: date) -> bool:
        """Whether it applies on a day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


class AddOnTable:
    """The rows of a release by add-on code."""

    def __init__(self, edits: Iterable[AddOnEdit]) -> None:
        """Take the rows."""
        rows: dict[str, list[AddOnEdit]] = {}
        for edit in edits:
            rows.setdefault(edit.add_on, []).append(edit)
        self._rows: Mapping[str, Sequence[AddOnEdit]] = rows

    def __len__(self) -> int:
        """How many add-on codes it holds."""
        return len(self._rows)

    def of(self, code: str, day: date) -> tuple[int, frozenset[str]] | None:
        """The type of an add-on code and its listed primary codes on a day; None where it is none.

        Of several types the least strict counts: type 1 alone can deny.
        """
        of_code = self._rows.get(code)
        rows = [row for row in of_code if row.applies(day)] if of_code else ()
        if not rows:
            return None
        return max(row.type for row in rows), frozenset(row.primary for row in rows if row.primary)
