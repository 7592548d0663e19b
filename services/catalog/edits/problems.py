"""What is wrong with claims that cannot be checked: every defect with its claim, line and field."""

import json
from dataclasses import dataclass

from services.catalog.systems import printable
from shared.errors import InvalidInput

MOST_KEPT = 10
"""They travel in the trailers of a call, which hold little."""
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A claim among those of a call, or one of its lines."""

    claim: int
    """Its position, from 0, as programs count."""
    id: str
    line: int = 0
    """The line's position from 1; 0 for the claim itself."""
    past: bool = False
    """Whether the line is one of the history."""

    def of_line(self, line: int, *, past: bool = False) -> "Place":
        """A line of the claim."""
        return Place(self.claim, self.id, line, past)

    def where(self, field: str) -> str:
        """The path of a field in the call."""
        line = f".{'history' if self.past else 'lines'}.{self.line - 1}" if self.line else ""
        return f"claims.{self.claim}{line}.{field}"

    def words(self) -> str:
        """The place for a person."""
        name = f'claim {self.claim + 1} ("{printable(self.id, LONGEST_ID)}")' if self.id else f"claim {self.claim + 1}"
        if not self.line:
            return name
        return f"{name}, {'history line' if self.past else 'line'} {self.line}"


class Problems:
    """Gathers defects; the first ones are kept."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: list[dict[str, str]] = []
        self._count = 0

    def add(self, place: Place, field: str, what: str) -> None:
        """Note a defect; `what` says what is wrong and what would be right."""
        self._count += 1
        if len(self._kept) < MOST_KEPT:
            self._kept.append({"where": place.where(field), "what": f"{place.words()}, {field}: {what}"})

    def refuse(self) -> None:
        """Raise InvalidInput when there was a defect; metadata `defects` lists them as JSON."""
        if not self._count:
            return
        more = f" And {self._count - len(self._kept)} more." if self._count > len(self._kept) else ""
        raise InvalidInput(
            "CLAIM_INVALID",
            " ".join(defect["what"] for defect in self._kept) + more,
            metadata={"defects": json.dumps(self._kept, ensure_ascii=False)},
        )
