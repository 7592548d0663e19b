"""What is found on claims, as the API answers it."""

from typing import Any, Literal

from codingahead.catalog.v1 import edits_pb2 as pb
from pydantic import Field

from gateway.api.claim_models import Claim
from gateway.api.schema import ApiModel

OutcomeWord = Literal["denied", "bypassed", "review", "info"]
SeverityWord = Literal["error", "warning", "info"]
StateWord = Literal["checked", "not_checked", "not_loaded", "not_applicable"]
STATES: tuple[StateWord, ...] = ("checked", "not_checked", "not_loaded", "not_applicable")


class FindingShown(ApiModel):
    """One thing that a rule found."""

    kind: str = Field(description="The rule: ptp, mue, add_on and so on, as in checked.", examples=["ptp"])
    severity: SeverityWord
    outcome: OutcomeWord = Field(
        description="denied; bypassed: an edit stands, and a modifier sets it aside; review: a person has to look."
    )
    lines: list[int] = Field(
        description="Positions, from 1, of the lines that the outcome is about; of a denied pair those of column 2, or "
        "those of column 1 where column 2 was billed before."
    )
    code: str | None = Field(description="The code that the outcome is about; null when it is about none.")
    column_1: str | None = Field(description="Column 1 of a pair: paid.")
    column_2: str | None = Field(description="Column 2 of a pair: denied, unless a modifier sets the edit aside.")
    indicator: str | None = Field(description="Modifier indicator of a pair: 0, no modifier helps; 1, one may.")
    value: int | None = Field(description="Most units of an MUE; null where none is published.")
    mai: int | None = Field(description="MUE adjudication indicator: 1 each line, 2 and 3 the sum of the day.")
    rule: str = Field(description="The rule in words.")
    source: str = Field(description="Where the rule stands.")
    edition: str = Field(description="The data it was checked against; says not current behind its last day.")
    message: str = Field(description="What was found.")
    resolve: str = Field(description="What would resolve it.")
    other_lines: list[int] = Field(description="The other lines that the rule looked at; of a pair those of column 1.")
    diagnoses: list[int] = Field(description="Positions, from 1, of the claim's diagnoses that it is about.")
    history_lines: list[int] = Field(
        description="Positions, from 1, of the history's lines of the same day that count with the lines."
    )


class AskedRule(ApiModel):
    """What a rule was asked, or why it could not look."""

    rule: str
    state: StateWord
    edition: str = Field(description="The data it looked into; empty when it could not.")
    because: str = Field(description="Why it could not look; empty when it did.")


class CheckedClaim(ApiModel):
    """The answer on one claim."""

    id: str | int | None = Field(description="Your name for it, as sent.")
    findings: list[FindingShown] = Field(description="The pressing ones first.")
    checked: list[str] = Field(description="Rules that looked; a claim without findings passed these.")
    not_checked: list[str] = Field(description="Rules that lacked something of the claim, or data for its days.")
    not_loaded: list[str] = Field(description="Rules whose table is not loaded here.")
    not_applicable: list[str] = Field(description="Rules that do not exist for this setting.")
    asked: list[AskedRule] = Field(description="Each rule with its edition, or why it could not look.")


class ClaimsChecked(ApiModel):
    """The answers, one a claim, in order."""

    claims: list[CheckedClaim]


_OUTCOMES = {v.number: v.name.removeprefix("FINDING_OUTCOME_").lower() for v in pb.FindingOutcome.DESCRIPTOR.values}
_SEVERITIES = {v.number: v.name.removeprefix("FINDING_SEVERITY_").lower() for v in pb.FindingSeverity.DESCRIPTOR.values}
_STATE_WORDS = {v.number: v.name.removeprefix("RULE_STATE_").lower() for v in pb.RuleState.DESCRIPTOR.values}


def answer_of(claim: Claim, checked: pb.CheckedClaim) -> dict[str, Any]:
    """The answer on a claim in plain values."""
    asked = [
        {"rule": a.rule, "state": _STATE_WORDS[a.state], "edition": a.edition, "because": a.because}
        for a in checked.asked
    ]
    by_state: dict[str, Any] = {
        state: list(dict.fromkeys(a["rule"] for a in asked if a["state"] == state)) for state in STATES
    }
    return {"id": claim.id, "findings": [_finding(found) for found in checked.findings], **by_state, "asked": asked}


def _finding(found: pb.Finding) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "severity": _SEVERITIES[found.severity],
        "outcome": _OUTCOMES[found.outcome],
        "lines": list(found.lines),
        "code": found.code or None,
        "column_1": found.column_1 if found.HasField("column_1") else None,
        "column_2": found.column_2 if found.HasField("column_2") else None,
        "indicator": found.indicator if found.HasField("indicator") else None,
        "value": found.value if found.HasField("value") else None,
        "mai": found.mai if found.HasField("mai") else None,
        "rule": found.rule,
        "source": found.source,
        "edition": found.edition,
        "message": found.message,
        "resolve": found.resolve,
        "other_lines": list(found.other_lines),
        "diagnoses": list(found.diagnoses),
        "history_lines": list(found.history_lines),
    }
