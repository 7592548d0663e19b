"""The table of visual impairment that stands in category H54, as notes: a sentence a row, in the table's own words."""

from dataclasses import dataclass, field

INSIDE = {
    "visualImpairment": {"visCategory"},
    "visCategory": {"heading", "value", "visRange"},
    "visRange": {"heading", "visMax", "visMin"},
    "visMax": {"heading", "value"},
    "visMin": {"heading", "value"},
}
"""The table's elements, and what may stand in each. Its first row holds headings only."""


@dataclass(slots=True)
class VisualTable:
    """A table on its way in."""

    rows: list["_Row"] = field(default_factory=list)

    def begin_row(self) -> None:
        """Begin a category."""
        self.rows.append(_Row())

    def add(self, parent: str, value: str) -> None:
        """Take a value: the category's own, or one end of an acuity in one of its notations."""
        row = self.rows[-1]
        if parent == "visMax":
            row.below.append(value)
        elif parent == "visMin":
            row.from_.append(value)
        else:
            row.category = value

    def notes(self) -> tuple[str, ...]:
        """A sentence for each row that is not the headings'."""
        return tuple(row.sentence() for row in self.rows if row.category)


@dataclass(slots=True)
class _Row:
    category: str = ""
    below: list[str] = field(default_factory=list)
    from_: list[str] = field(default_factory=list)

    def sentence(self) -> str:
        name = f"Category of visual impairment {self.category}"
        if not self.from_:
            return f"{name}: {_either(self.below)}"
        return (
            f"{name}, visual acuity with best possible correction: maximum less than {_either(self.below)}; "
            f"minimum equal to or better than {_either(self.from_)}"
        )


def _either(values: list[str]) -> str:
    return " or ".join([", ".join(values[:-1]), values[-1]] if len(values) > 1 else values)
