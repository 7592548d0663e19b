"""What is wrong with an import file: each defect says where it stands and what would be right."""

from dataclasses import dataclass, field

from shared.errors import InvalidInput

MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong."""

    file: str
    line: int
    column: int
    """1-based."""
    what: str
    """What is wrong and what would be right, a sentence."""

    def __str__(self) -> str:
        """File, place and sentence on one line."""
        return f"{self.file}, line {self.line}, column {self.column}: {self.what}"


@dataclass(slots=True)
class Defects:
    """The defects of one import: the first hundred and the count of all."""

    kept: list[Defect] = field(default_factory=list)
    count: int = 0

    def add(self, file: str, line: int, column: int, what: str) -> None:
        """Note a defect."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Defect(file, line, column, what))

    def refuse(self) -> None:
        """Raise ImportRefused when there is any defect."""
        if self.count:
            raise ImportRefused(self)


class ImportRefused(InvalidInput):
    """An import that changes nothing, because its files are not right."""

    def __init__(self, defects: Defects) -> None:
        """Take the defects, at least one."""
        first = defects.kept[0]
        others = f" {defects.count - 1} more defects were found." if defects.count > 1 else ""
        super().__init__(
            "IMPORT_DEFECTS",
            f"Nothing was imported. {first}{others}",
            metadata={"defects": str(defects.count)},
        )
        self.defects = defects
