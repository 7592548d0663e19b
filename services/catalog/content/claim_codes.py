"""The form of claim-codes/*.yaml: modifiers and places of service, official or in our own words, each with a source."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from services.catalog.content.format import HEADING_LIMIT, Line, Prose, Rule, SourceKey


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimCode(_Frozen):
    """A modifier or a place of service. Text is official, or a summary of ours; never both."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2}$")]
    official: bool = False
    """Whether heading and description are the publisher's own words, which must be in the public domain."""
    heading: Line
    description: Prose | None = None
    """The official text, where it says more than the heading."""
    summary: Prose | None = None
    """Our words."""
    added: date | None = None
    """Its first day, where it is known."""
    source: SourceKey
    at: Line | None = None
    report_when: tuple[Rule, ...] = ()
    do_not_report: tuple[Rule, ...] = ()
    billing: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _words_of_one_party(self) -> "ClaimCode":
        if self.official and self.summary:
            raise ValueError("an official entry has no summary of ours; leave out one of the two")
        if not self.official and (self.description or not self.summary):
            raise ValueError("an entry in our words has a summary and no description")
        if not self.official and len(self.heading) > HEADING_LIMIT:
            raise ValueError(f"a heading of ours has at most {HEADING_LIMIT} characters")
        return self

    def citations(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Every source key that is cited, with the path to it."""
        cited: list[tuple[tuple[str | int, ...], str]] = [(("source",), self.source)]
        for name in ("report_when", "do_not_report", "billing"):
            cited += [((name, number, "source"), rule.source) for number, rule in enumerate(getattr(self, name))]
        return cited


class ClaimCodes(_Frozen):
    """One file: codes of one system that are browsed together."""

    system: Literal["modifier", "pos"]
    group: Line | None = None
    """The name of the group; without one its codes stand at the top."""
    codes: tuple[ClaimCode, ...]
