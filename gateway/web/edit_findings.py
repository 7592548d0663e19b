"""What the edit checker shows of a checked claim: its lines, the conflicts between codes, and rows of a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codingahead.catalog.v1 import edits_pb2 as pb

from gateway.web.claim_text import LineText
from gateway.web.csv_cells import harmless

MOST_IN_MATRIX = 30
OUTCOMES = {
    pb.FINDING_OUTCOME_DENIED: "denied",
    pb.FINDING_OUTCOME_REVIEW: "review",
    pb.FINDING_OUTCOME_BYPASSED: "bypassed",
    pb.FINDING_OUTCOME_INFO: "info",
}
"""Words by outcome, the pressing ones first."""
KINDS = {
    "ptp": "Procedure-to-procedure",
    "mue": "Medically unlikely units",
    "add_on": "Add-on codes",
    "fee_schedule": "Fee schedule status",
    "modifier": "Fee schedule modifiers",
    "global_period": "Global periods",
    "place_of_service": "Place of service",
    "payer": "Payer",
    "icd10cm": "Valid diagnoses",
    "excludes1": "Excludes1",
    "sequence": "Order of diagnoses",
    "laterality": "Side",
    "sex": "Sex",
    "age": "Age",
}
STATES = {
    pb.RULE_STATE_CHECKED: "checked",
    pb.RULE_STATE_NOT_CHECKED: "not checked",
    pb.RULE_STATE_NOT_LOADED: "not loaded",
    pb.RULE_STATE_NOT_APPLICABLE: "not applicable",
}
HEADINGS = (
    "line", "code", "units", "modifiers", "outcome", "rule", "finding", "resolve", "column 1", "column 2", "indicator",
    "MUE value", "MAI", "source", "edition",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with its words."""

    outcome: str
    kind: str
    message: str
    resolve: str
    rule: str
    source: str
    edition: str
    lines: tuple[int, ...]
    diagnoses: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with the worst outcome among its findings."""

    number: int
    line: LineText
    outcome: str
    """Empty where nothing was found."""
    findings: tuple[int, ...]
    """Positions of its findings in the list, from 1."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands between a code of column 1 and one of column 2."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Conflicts between codes: rows are denied beside the codes of the columns."""

    codes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


def shown_findings(checked: pb.CheckedClaim) -> list[ShownFinding]:
    """The findings in order."""
    return [
        ShownFinding(
            OUTCOMES[found.outcome], KINDS.get(found.kind, found.kind), found.message, found.resolve, found.rule,
            found.source, found.edition, tuple(found.lines), tuple(found.diagnoses),
        )
        for found in checked.findings
    ]  # fmt: skip


def shown_lines(lines: Sequence[LineText], findings: Sequence[ShownFinding]) -> list[ShownLine]:
    """The lines with what was found on them."""
    shown = []
    for number, line in enumerate(lines, 1):
        mine = [(place, found) for place, found in enumerate(findings, 1) if number in found.lines]
        worst = next((o for o in OUTCOMES.values() if any(found.outcome == o for _, found in mine)), "")
        shown.append(ShownLine(number, line, worst, tuple(place for place, _ in mine)))
    return shown


def counts(findings: Sequence[ShownFinding]) -> list[tuple[str, int]]:
    """How many findings have each outcome; none that nobody has."""
    return [(o, n) for o in OUTCOMES.values() if (n := sum(1 for found in findings if found.outcome == o))]


def matrix(checked: pb.CheckedClaim) -> Matrix | None:
    """The conflicts between codes; None where there is none, or where they are too many for a table."""
    pairs: dict[tuple[str, str], Cell] = {}
    for found in checked.findings:
        if found.kind == "ptp":
            pairs.setdefault((found.column_2, found.column_1), _cell(found))
    denied = tuple(dict.fromkeys(two for two, _ in pairs))
    paid = tuple(dict.fromkeys(one for _, one in pairs))
    if not pairs or max(len(denied), len(paid)) > MOST_IN_MATRIX:
        return None
    return Matrix(paid, tuple((two, tuple(pairs.get((two, one)) for one in paid)) for two in denied))


def _cell(found: pb.Finding) -> Cell:
    if found.outcome == pb.FINDING_OUTCOME_BYPASSED:
        return Cell("set aside", f"{found.column_2} is paid beside {found.column_1}: a modifier sets the edit aside")
    if found.indicator == "0":
        return Cell("0", f"{found.column_2} is denied beside {found.column_1}, and no modifier helps")
    return Cell("1", f"{found.column_2} is denied beside {found.column_1}, and a fitting modifier helps")


def as_csv(lines: Sequence[LineText], checked: pb.CheckedClaim) -> str:
    """The findings as CSV, a row for each line of each; lines without findings have a row too."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    for row in _rows(lines, checked):
        writer.writerow([harmless(str(cell)) for cell in row])
    return out.getvalue()


def _rows(lines: Sequence[LineText], checked: pb.CheckedClaim) -> Iterator[Sequence[object]]:
    told: set[int] = set()
    for found in checked.findings:
        for number in found.lines or (0,):
            line = lines[number - 1] if number else None
            told.add(number)
            yield (
                number or "", line.code if line else found.code, line.units if line else "",
                line.modifiers if line else "", OUTCOMES[found.outcome], found.rule, found.message, found.resolve,
                found.column_1, found.column_2, found.indicator, found.value if found.HasField("value") else "",
                found.mai if found.HasField("mai") else "", found.source, found.edition,
            )  # fmt: skip
    for number, line in enumerate(lines, 1):
        if number not in told:
            yield (number, line.code, line.units, line.modifiers, "nothing found", *[""] * (len(HEADINGS) - 5))
