"""The add-on code edits of one release in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

MOST_KEPT = 1_000
"""Add-on codes of days whose lists stay; when there are more, they are made anew."""


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


class Listed(NamedTuple):
    """An add-on code on a day."""

    type: int
    """Of several types the least strict: type 1 alone can deny."""
    primaries: frozenset[str]
    """The primary codes that CMS lists."""
    in_order: Sequence[str]
    """The same in order."""


class AddOnTable:
    """The rows of a release by add-on code."""

    def __init__(self, edits: Iterable[AddOnEdit]) -> None:
        """Take the rows."""
        rows: dict[str, list[AddOnEdit]] = {}
        for edit in edits:
            rows.setdefault(edit.add_on, []).append(edit)
        self._rows: Mapping[str, Sequence[AddOnEdit]] = rows
        self._kept: dict[tuple[str, date], Listed | None] = {}

    def __len__(self) -> int:
        """How many add-on codes it holds."""
        return len(self._rows)

    def add_ons(self, codes: Iterable[str]) -> Sequence[str]:
        """Those of some codes that are add-on codes on some day, each once."""
        return [code for code in dict.fromkeys(codes) if code in self._rows]

    def of(self, code: str, day: date) -> Listed | None:
        """What is listed of an add-on code on a day; None where it is none."""
        rows = self._rows.get(code)
        if rows is None:
            return None
        if (code, day) not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[code, day] = _listed([row for row in rows if row.applies(day)])
        return self._kept[code, day]


def _listed(rows: Sequence[AddOnEdit]) -> Listed | None:
    if not rows:
        return None
    primaries = frozenset(row.primary for row in rows if row.primary)
    return Listed(max(row.type for row in rows), primaries, sorted(primaries))
