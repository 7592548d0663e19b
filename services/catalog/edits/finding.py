"""What a rule finds on a claim, and what it says of itself when it could not look."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Outcome(StrEnum):
    """What becomes of the lines that a finding names."""

    DENIED = "denied"
    BYPASSED = "bypassed"
    """An edit stands, and a modifier on the claim sets it aside."""
    REVIEW = "review"
    """A person has to look at the record."""
    INFO = "info"


class Severity(StrEnum):
    """How pressing a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = {
    Outcome.DENIED: Severity.ERROR,
    Outcome.REVIEW: Severity.WARNING,
    Outcome.BYPASSED: Severity.INFO,
    Outcome.INFO: Severity.INFO,
}


class Kind(StrEnum):
    """The rules, by the names under which a claim is told what was asked."""

    PTP = "ptp"
    MUE = "mue"
    ADD_ON = "add_on"
    FEE_SCHEDULE = "fee_schedule"
    MODIFIER = "modifier"
    GLOBAL_PERIOD = "global_period"
    PLACE_OF_SERVICE = "place_of_service"
    PAYER = "payer"
    ICD10CM = "icd10cm"
    EXCLUDES1 = "excludes1"
    SEQUENCE = "sequence"
    LATERALITY = "laterality"
    SEX = "sex"
    AGE = "age"


class Finding(NamedTuple):
    """One thing that a rule found. A claim has dozens, and a named tuple is made fastest."""

    kind: Kind
    outcome: Outcome
    lines: tuple[int, ...]
    """The lines that the outcome is about, by position from 1: of a denied pair those of column 2."""
    code: str
    """The code that the outcome is about."""
    rule: str
    source: str
    """Where the rule stands."""
    edition: str
    """The data it was checked against."""
    message: str
    resolve: str
    other_lines: tuple[int, ...] = ()
    """The other lines that the rule looked at: of a pair those of column 1."""
    history_lines: tuple[int, ...] = ()
    """What was billed before for the same day and counts with the lines, by position in the history from 1."""
    diagnoses: tuple[int, ...] = ()
    """Diagnoses that the outcome is about, by position from 1."""
    column_1: str = ""
    column_2: str = ""
    indicator: str = ""
    value: int | None = None
    mai: int | None = None

    @property
    def severity(self) -> Severity:
        """How pressing it is."""
        return SEVERITIES[self.outcome]


class State(StrEnum):
    """Whether a rule could look."""

    CHECKED = "checked"
    NOT_CHECKED = "not_checked"
    """The claim lacks what the rule needs, or the data loaded does not reach back to the day."""
    NOT_LOADED = "not_loaded"
    """The table it looks into is not loaded here."""
    NOT_APPLICABLE = "not_applicable"
    """There is no such rule for this kind of claim."""


class Asked(NamedTuple):
    """What a rule was asked, and against which data; or why it could not look."""

    rule: Kind
    state: State
    edition: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """The answer on one claim."""

    id: str
    findings: tuple[Finding, ...]
    asked: tuple[Asked, ...]

    def rules(self, state: State) -> tuple[Kind, ...]:
        """The rules in a state, each once; one that could look on some days alone is in two."""
        return tuple(dict.fromkeys(asked.rule for asked in self.asked if asked.state is state))
