"""The form of our texts: what a YAML file of a family holds and what a source is.

Only shapes and checks of single values stand here. Reading a folder is `loading.py`, the facts drawn from
government tables are `fact_sheet.py`, and what a text must not sound like is `lint.py`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

System = Literal["cpt", "hcpcs"]
Relation = Literal["add-on", "primary", "companion", "neighbour", "alternative", "drug", "administration"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n]*$")]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
CodeText5 = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{5}$")]

HEADING_LIMIT = 90


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Frozen):
    """A public document that rules are cited from, under its key in a sources*.yaml file."""

    title: Line
    publisher: Line
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None
    edition: Line | None = None


class Statement(_Frozen):
    """A sentence or short paragraph; `source` names the document that says so and `at` the place in it."""

    text: Prose
    source: SourceKey | None = None
    at: Line | None = None

    @model_validator(mode="after")
    def _a_place_needs_its_document(self) -> "Statement":
        if self.at is not None and self.source is None:
            raise ValueError("'at' names a place, so 'source' must name the document")
        return self


class Rule(Statement):
    """A statement that binds somebody, and therefore always cites its source."""

    source: SourceKey = Field()


class ModifierRule(Rule):
    """When a modifier fits the code."""

    modifier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")]


class RelatedCode(_Frozen):
    """A code that a reader of this one also looks at, and how the two stand to each other."""

    system: System
    code: CodeText5
    relation: Relation
    text: Prose


class HistoryEvent(Rule):
    """Something that happened to the code on a known day."""

    date: date


class CodeText(_Frozen):
    """Everything we say about one code in our own words. None of it is official text."""

    system: System
    code: CodeText5
    heading: Annotated[Line, StringConstraints(max_length=HEADING_LIMIT)]
    summary: Prose
    report_when: tuple[Statement, ...] = Field(min_length=1)
    do_not_report: tuple[Rule, ...] = ()
    documentation: tuple[Statement, ...] = Field(min_length=1)
    billing: tuple[Rule, ...] = Field(min_length=1)
    modifiers: tuple[ModifierRule, ...] = ()
    related: tuple[RelatedCode, ...] = ()
    coverage: tuple[Rule, ...] = ()
    history: tuple[HistoryEvent, ...] = ()

    @model_validator(mode="after")
    def _system_matches_the_code(self) -> "CodeText":
        if system_of(self.code) != self.system:
            raise ValueError(f"{self.code} is a code of {system_of(self.code)}, not of {self.system}")
        return self

    @property
    def key(self) -> str:
        """System and code, e.g. "cpt/96365"."""
        return f"{self.system}/{self.code}"

    def fields_of_text(self) -> list[tuple[str, str]]:
        """Every piece of our prose with the name of its field, e.g. ("billing[0]", "...")."""
        pieces = [("heading", self.heading), ("summary", self.summary)]
        for name in ("report_when", "do_not_report", "documentation", "billing"):
            pieces += [(f"{name}[{i}]", s.text) for i, s in enumerate(getattr(self, name))]
        for name in ("modifiers", "related", "coverage", "history"):
            pieces += [(f"{name}[{i}]", s.text) for i, s in enumerate(getattr(self, name))]
        return pieces

    def citations(self) -> list[tuple[str, str]]:
        """Every source key that is cited, with the name of the field that cites it."""
        lists = ("report_when", "do_not_report", "documentation", "billing", "modifiers", "coverage", "history")
        return [
            (f"{name}[{i}]", statement.source)
            for name in lists
            for i, statement in enumerate(getattr(self, name))
            if statement.source is not None
        ]


class Family(_Frozen):
    """One file under texts/: codes that are browsed together, under a name of our own."""

    family: Line
    codes: tuple[CodeText, ...] = ()


def system_of(code: str) -> System:
    """CPT codes begin with a digit (some kinds end in a letter), HCPCS Level II codes with a letter."""
    return "cpt" if code[:1].isdigit() else "hcpcs"
