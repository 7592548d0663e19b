"""Claims and answers between the contract's messages and the domain's values."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from codingahead.catalog.v1 import edits_pb2 as pb
from google.type.date_pb2 import Date

from services.catalog.edits.claim import Claim, Line, PastLine, Patient, Setting, Sex
from services.catalog.edits.finding import Asked, CheckedClaim, Finding, Outcome, Severity, State
from services.catalog.edits.problems import Place, Problems
from services.catalog.edits.settling import Settling
from shared.errors import InvalidInput

MOST_CLAIMS = 200
MOST_LINES = 5_000
_SETTINGS: dict[int, Setting] = {
    pb.CLAIM_SETTING_PRACTITIONER: Setting.PRACTITIONER,
    pb.CLAIM_SETTING_OUTPATIENT: Setting.OUTPATIENT,
    pb.CLAIM_SETTING_DME: Setting.DME,
}
_SEXES: dict[int, Sex] = {pb.SEX_FEMALE: Sex.FEMALE, pb.SEX_MALE: Sex.MALE}
_OUTCOMES = {outcome: pb.FindingOutcome.Value(f"FINDING_OUTCOME_{outcome.name}") for outcome in Outcome}
_SEVERITIES = {severity: pb.FindingSeverity.Value(f"FINDING_SEVERITY_{severity.name}") for severity in Severity}
_STATES = {state: pb.RuleState.Value(f"RULE_STATE_{state.name}") for state in State}
Choice = TypeVar("Choice")


def claims_of(messages: Sequence[pb.Claim], today: date) -> list[Claim]:
    """The claims of a call; InvalidInput names every defect with its claim, line and field."""
    lines = sum(len(message.lines) for message in messages)
    if len(messages) > MOST_CLAIMS or lines > MOST_LINES:
        raise InvalidInput(
            "CLAIMS_TOO_MANY",
            f"claims: {len(messages)} with {lines} lines are more than one call takes; {MOST_CLAIMS} with {MOST_LINES} "
            "lines are the most.",
        )
    problems = Problems()
    reading = _Reading(problems, today)
    claims = [reading.claim(message, Place(number, message.id)) for number, message in enumerate(messages)]
    problems.refuse()
    return claims


class _Reading:
    def __init__(self, problems: Problems, today: date) -> None:
        self._problems, self._today = problems, today
        self._settling = Settling(problems)

    def claim(self, message: pb.Claim, place: Place) -> Claim:
        day = self._day(message, "date", place) or self._first_day(message) or self._today
        claim = Claim(
            id=message.id,
            setting=self._setting(message, place),
            day=day,
            lines=tuple(
                self._line(line, day, place.of_line(number), number) for number, line in enumerate(message.lines, 1)
            ),
            diagnoses=tuple(message.diagnoses),
            patient=Patient(_SEXES.get(message.patient.sex), self._day(message.patient, "birth_date", place)),
            place_of_service=message.place_of_service,
            rendering_provider=message.rendering_provider,
            payer=message.payer,
            history=tuple(
                self._past(past, day, place.of_line(number, past=True))
                for number, past in enumerate(message.history, 1)
            ),
        )
        return self._settling.claim(claim, place)

    def _first_day(self, message: pb.Claim) -> date | None:
        """The first day of a claim that names none itself and all of whose lines have their own."""
        days = [line.date for line in message.lines if line.HasField("date")]
        if not days or len(days) < len(message.lines):
            return None
        first = min(days, key=lambda day: (day.year, day.month, day.day))
        try:
            return date(first.year, first.month, first.day)
        except ValueError:
            return None  # told with its line

    def _setting(self, message: pb.Claim, place: Place) -> Setting:
        setting = _SETTINGS.get(message.setting)
        if setting is None:
            self._problems.add(place, "setting", "practitioner, outpatient or dme is expected.")
            return Setting.PRACTITIONER
        return setting

    def _line(self, message: pb.ClaimLine, day: date, place: Place, number: int) -> Line:
        begins = self._day(message, "date", place) or day
        return Line(
            number=number,
            code=message.code,
            units=message.units,
            begins=begins,
            ends=self._day(message, "date_to", place) or begins,
            modifiers=tuple(message.modifiers),
            diagnoses=tuple(message.diagnoses),
        )

    def _past(self, message: pb.PastLine, day: date, place: Place) -> PastLine:
        past = self._day(message, "date", place)
        if past is None and not message.HasField("date"):
            self._problems.add(place, "date", "it is missing; a service billed before has a day.")
        return PastLine(
            message.code, past or day, message.units or 1, tuple(message.modifiers), message.rendering_provider
        )

    def _day(
        self, message: pb.Claim | pb.ClaimLine | pb.PastLine | pb.Patient, field: str, place: Place
    ) -> date | None:
        if not message.HasField(field):  # type: ignore[arg-type]  # the name is one of the message's
            return None
        given: Date = getattr(message, field)
        try:
            return date(given.year, given.month, given.day)
        except ValueError:
            self._problems.add(place, field, f"{given.year:04}-{given.month:02}-{given.day:02} is no day.")
            return None


def answer_of(claim: CheckedClaim) -> pb.CheckedClaim:
    """The message of an answer."""
    return pb.CheckedClaim(
        id=claim.id,
        findings=[_finding(finding) for finding in claim.findings],
        asked=[_asked(asked) for asked in claim.asked],
    )


def _asked(asked: Asked) -> pb.AskedRule:
    return pb.AskedRule(rule=asked.rule, state=_STATES[asked.state], edition=asked.edition, because=asked.because)


def _finding(finding: Finding) -> pb.Finding:
    return pb.Finding(
        kind=finding.kind,
        severity=_SEVERITIES[finding.severity],
        outcome=_OUTCOMES[finding.outcome],
        lines=finding.lines,
        code=finding.code,
        column_1=finding.column_1 or None,
        column_2=finding.column_2 or None,
        indicator=finding.indicator or None,
        value=finding.value,
        mai=finding.mai,
        rule=finding.rule,
        source=finding.source,
        edition=finding.edition,
        message=finding.message,
        resolve=finding.resolve,
        other_lines=finding.other_lines,
        diagnoses=finding.diagnoses,
        history_lines=finding.history_lines,
    )
