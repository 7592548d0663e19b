"""What the Tabular List's XML says of a chapter, a section or a code, and where it says it."""

from dataclasses import dataclass, field

NOTE_KINDS = {
    "inclusionTerm": "inclusion",
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "codeFirst": "code_first",
    "useAdditionalCode": "use_additional",
    "codeAlso": "code_also",
    "notes": "note",
}
"""Elements that hold notes, and the names under which notes are kept."""


@dataclass(frozen=True, slots=True)
class NoteBlock:
    """Notes of one kind that stand together."""

    kind: str
    texts: tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """A chapter, section or code with what stands below it."""

    element: str
    """"chapter", "section" or "diag"."""
    line: int
    column: int
    placeholder: bool = False
    name: str = ""
    title: str = ""
    notes: list[NoteBlock] = field(default_factory=list)
    seven: tuple[tuple[str, str], ...] = ()
    """Seventh characters defined here, with their meanings."""
    seven_notes: list[str] = field(default_factory=list)
    children: list["Entry"] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The name without its dot."""
        return self.name.replace(".", "")
