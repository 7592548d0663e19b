"""Claims that were written by hand and looked up in the files of July 2024: what each of them has to be told.

A line is written as code, modifiers behind hyphens, units behind *, its day behind @ and its provider behind !; lines
of the history stand behind a bar. The claim's provider is A where a line names one. What is expected is written as
outcome, the positions of lines, and what the file says: of a pair its columns and indicator, of units value and MAI.
"""

import re
from dataclasses import dataclass
from datetime import date

from services.catalog.edits.claim import Claim, Line, PastLine, Setting
from services.catalog.edits.finding import Finding, Kind

DAY = date(2024, 7, 15)
_LINE = re.compile(r"(\w+)((?:-\w\w)*)(?:\*(\d+))?(?:@([\d-]+))?(?:!(\w))?")


@dataclass(frozen=True)
class Case:
    """A claim and what one rule says of it."""

    rule: Kind
    lines: str
    expected: tuple[str, ...]
    setting: str = "practitioner"
    day: date = DAY

    @property
    def name(self) -> str:
        """What it is called among tests."""
        return f"{self.rule} {self.setting[:3]} {self.day} {self.lines}"

    def claim(self) -> Claim:
        """The claim."""
        now, _, before = self.lines.partition(" | ")
        lines = tuple(self._line(number, text) for number, text in enumerate(now.split(), 1))
        provider = "A" if "!" in before else ""
        history = tuple(self._past(text) for text in before.split())
        return Claim("c", Setting(self.setting), self.day, lines, history=history, rendering_provider=provider)

    def _line(self, number: int, text: str) -> Line:
        code, modifiers, units, day, _ = _parts(text)
        first = day or self.day
        return Line(number, code, units, first, first, modifiers)

    def _past(self, text: str) -> PastLine:
        code, modifiers, units, day, provider = _parts(text)
        return PastLine(code, day or self.day, units, modifiers, provider)


def _parts(text: str) -> tuple[str, tuple[str, ...], int, date | None, str]:
    found = _LINE.fullmatch(text)
    assert found is not None, text
    code, modifiers, units, day, provider = found.groups()
    given = tuple(modifiers.split("-")[1:]) if modifiers else ()
    return code, given, int(units or 1), date.fromisoformat(day) if day else None, provider or ""


def said(finding: Finding) -> str:
    """A finding as cases write it."""
    lines = ",".join(map(str, finding.lines))
    more = {
        Kind.PTP: f" {finding.column_1}/{finding.column_2}/{finding.indicator}",
        Kind.MUE: f" {finding.code} {finding.value}/{finding.mai}",
    }.get(finding.kind, f" {finding.code}")
    return f"{finding.outcome} {lines}{more}"


def _pairs() -> list[Case]:
    nails = "11055/11720/1"
    cases = [
        Case(Kind.PTP, "11055 11720", (f"denied 2 {nails}",)),
        Case(Kind.PTP, "11720 11055", (f"denied 1 {nails}",)),
    ]
    for modifier in ("59", "XE", "XS", "XP", "XU"):
        cases += [
            Case(Kind.PTP, f"11055 11720-{modifier}", (f"bypassed 2 {nails}",)),
            Case(Kind.PTP, f"11055-{modifier} 11720", (f"bypassed 2 {nails}",)),
        ]
    cases += [Case(Kind.PTP, f"11055 11720-{modifier}", (f"bypassed 2 {nails}",)) for modifier in ("58", "78", "79")]
    never = ("22", "76", "77", "24", "25", "57", "91", "27", "50", "51", "LT", "ZZ")
    cases += [Case(Kind.PTP, f"11055 11720-{modifier}", (f"denied 2 {nails}",)) for modifier in never]
    knee, visit = "27447/29877/1", "20610/99213/1"
    for lines, outcome, pair in (
        ("27447-LT 29877-RT", "bypassed", knee), ("27447-LT 29877-LT", "denied", knee),
        ("27447 29877-RT", "denied", knee), ("27447-LT 29877-F5", "bypassed", knee),
        ("27447-LT 29877-F1", "denied", knee), ("27447-50 29877-RT", "denied", knee),
        ("20610 99213-25", "bypassed", visit), ("20610-25 99213", "denied", visit),
        ("20610 99213-57", "bypassed", visit), ("20610 99213-24", "bypassed", visit),
        ("80053 82310-91", "bypassed", "80053/82310/1"), ("80053 82310-25", "denied", "80053/82310/1"),
        ("43239 43235-59", "denied", "43239/43235/0"), ("33233 99348", "denied", "33233/99348/1"),
        ("99284 99283-27", "denied", "99284/99283/1"),
    ):  # fmt: skip
        cases.append(Case(Kind.PTP, lines, (f"{outcome} 2 {pair}",)))
    biopsy, other_way = "denied 2 11102/17000/1", "denied 1 17000/11102/1"
    colon, other_colon = "denied 2 44144/44160/1", "denied 1 44160/44144/1"
    return [
        *cases,
        Case(Kind.PTP, "99284 99283-27", ("bypassed 2 99284/99283/1",), "outpatient"),
        Case(Kind.PTP, "11055 11720", (), "dme"),
        Case(Kind.PTP, "11055 11720@2024-07-16", ()),
        Case(Kind.PTP, "11055 11720 11720-59", (f"denied 2 {nails}", f"bypassed 3 {nails}")),
        # several rows of a pair, rows that never applied, and both orders of one pair
        Case(Kind.PTP, "11102 17000", (biopsy,), day=date(2019, 12, 31)),
        Case(Kind.PTP, "11102 17000", (biopsy,), day=date(2020, 1, 1)),
        Case(Kind.PTP, "11102 17000", (biopsy, other_way), "outpatient", date(2019, 12, 31)),
        Case(Kind.PTP, "11102 17000", (biopsy,), "outpatient", date(2020, 1, 1)),
        Case(Kind.PTP, "44144 44160", (colon, other_colon), day=date(2007, 12, 31)),
        Case(Kind.PTP, "44144 44160", (colon,), day=date(2008, 1, 1)),
        Case(Kind.PTP, "29881 29877", ("denied 2 29881/29877/0",), day=date(2001, 12, 31)),
        Case(Kind.PTP, "95060 99343", ("denied 2 95060/99343/1",), day=date(2022, 12, 31)),
        Case(Kind.PTP, "95060 99343", (), day=date(2023, 1, 1)),
        Case(Kind.PTP, "80430 99292", (), day=date(2000, 10, 30)),
        Case(Kind.PTP, "0001A 0591T", ("denied 2 0001A/0591T/1",), day=date(2023, 12, 31)),
        Case(Kind.PTP, "0001A 0591T", (), day=date(2024, 1, 1)),
        Case(Kind.PTP, "11055 11720", (f"denied 2 {nails}",), day=date(2027, 1, 1)),
        # what was billed before for the day
        Case(Kind.PTP, "11720 | 11055", (f"denied 1 {nails}",)),
        Case(Kind.PTP, "11720 | 11055!B", ()),
        Case(Kind.PTP, "11055 | 11720", (f"review 1 {nails}",)),
        Case(Kind.PTP, "11720 | 11055@2024-07-14", ()),
    ]


def _units() -> list[Case]:
    no_value = "info 1 {} None/None"
    return [
        Case(Kind.MUE, "11720*2", ("denied 1 11720 1/2",)),
        Case(Kind.MUE, "11720 11720-59", ("denied 1,2 11720 1/2",)),
        Case(Kind.MUE, "11720 11720@2024-07-16", ()),
        Case(Kind.MUE, "11720 | 11720", ("denied 1 11720 1/2",)),
        Case(Kind.MUE, "11720 | 11720!B", ()),
        Case(Kind.MUE, "99213*3", ("review 1 99213 2/3",)),
        Case(Kind.MUE, "99213*2", ()),
        Case(Kind.MUE, "36415 36415 36415-76", ("review 1,2,3 36415 2/3",)),
        Case(Kind.MUE, "J7214*7501", ("denied 1 J7214 7500/1",)),
        Case(Kind.MUE, "J7214*7500 J7214-76*7500", ()),
        Case(Kind.MUE, "J7214*7500 J7214*7500", ("info 1,2 J7214 7500/1",)),
        Case(Kind.MUE, "A4253", ("review 1 A4253 0/3",)),
        Case(Kind.MUE, "97110*7", ("review 1 97110 6/3",)),
        Case(Kind.MUE, "97110*7", (), "outpatient"),
        Case(Kind.MUE, "E0114*2", ("denied 1 E0114 1/2",), "dme"),
        Case(Kind.MUE, "B4164*3", ("denied 1 B4164 2/1",), "dme"),
        Case(Kind.MUE, "99213*9", (no_value.format("99213"),), "dme"),
        Case(Kind.MUE, "ZZ123*9", (no_value.format("ZZ123"),)),
        Case(Kind.MUE, "11720*2", (), day=date(2024, 6, 30)),
        Case(Kind.MUE, "11720*2", ("denied 1 11720 1/2",), day=date(2026, 6, 30)),
    ]


def _add_ons() -> list[Case]:
    return [
        Case(Kind.ADD_ON, lines, expected, setting)
        for lines, expected, setting in (
            ("99292", ("denied 1 99292",), "practitioner"), ("99292", ("denied 1 99292",), "outpatient"),
            ("99292 99291", (), "practitioner"), ("64484 99291", ("denied 1 64484",), "practitioner"),
            ("64484 64484*2", ("denied 1,2 64484",), "practitioner"),
            ("44955 44950", ("review 1 44955",), "practitioner"),
            ("88311", ("review 1 88311",), "practitioner"), ("88311 88304", (), "practitioner"),
            ("99292 | 99291", ("review 1 99292",), "practitioner"),
            ("99292 | 99291!B", ("denied 1 99292",), "practitioner"),
            ("99292 | 99291@2024-07-14", ("denied 1 99292",), "practitioner"),
            ("99292 99291@2024-07-14", ("review 1 99292",), "practitioner"),
        )
    ]  # fmt: skip


def _fees() -> list[Case]:
    statuses = (
        ("A9270", "denied"), ("99374", "denied"), ("A5126", "denied"), ("S0500", "denied"), ("36415", "info"),
        ("J1100", "info"), ("G4008", "info"), ("00100", "info"), ("0873T", "review"), ("11055", "review"),
        ("99213", ""), ("36598", ""),
    )  # fmt: skip
    modifiers = (
        ("93010-26", "denied"), ("93005-TC", "denied"), ("93000-26", "denied"), ("99213-TC", "denied"),
        ("71046-26", ""), ("71046-TC", ""), ("20610-50", ""), ("11055-50", "review"), ("77067-50", "review"),
        ("99213-51", "review"), ("43235-51", ""), ("27447-62", "review"), ("20610-62", "denied"),
        ("33510-62", "denied"), ("62270-66", "denied"), ("27447-80", ""), ("66984-80", "denied"),
        ("17000-80", "denied"), ("69990-80", ""), ("A4890-80", "review"),
    )  # fmt: skip
    cases = [
        Case(kind, line, (f"{outcome} 1 {line[:5]}",) if outcome else ())
        for kind, lines in ((Kind.FEE_SCHEDULE, statuses), (Kind.MODIFIER, modifiers))
        for line, outcome in lines
    ]
    return [
        *cases,
        Case(Kind.FEE_SCHEDULE, "36598 99213", ("info 1 36598",)),
        Case(Kind.FEE_SCHEDULE, "A9270", (), "outpatient"),
        Case(Kind.MODIFIER, "99213-TC", (), "outpatient"),
    ]


def _periods() -> list[Case]:
    return [
        Case(Kind.GLOBAL_PERIOD, lines, (f"{outcome} 1 {lines[:5]}",) if outcome else ())
        for lines, outcome in (
            ("99213 | 27447@2024-06-15", "denied"), ("99213-24 | 27447@2024-06-15", "bypassed"),
            ("99213-25 | 27447@2024-06-15", "denied"), ("99213 | 27447@2024-04-16", "denied"),
            ("99213 | 27447@2024-04-15", ""), ("99213 | 27447@2024-06-15!B", ""),
            ("99213 | 27447@2024-07-16", "denied"), ("99213-57 | 27447@2024-07-16", "bypassed"),
            ("99213 | 27447@2024-07-17", ""), ("99213 | 27447-54@2024-06-15", ""),
            ("20610 | 27447@2024-06-15", "denied"), ("20610-58 | 27447@2024-06-15", "bypassed"),
            ("20610-78 | 27447@2024-06-15", "bypassed"), ("20610-79 | 27447@2024-06-15", "bypassed"),
            ("71046 | 27447@2024-06-15", ""), ("99213 | 17000@2024-07-05", "denied"),
            ("99213 | 17000@2024-07-04", ""), ("99213 | 20610@2024-07-15", "denied"),
            ("99213-25 | 20610@2024-07-15", "bypassed"), ("99213 | 20610@2024-07-14", ""),
        )
    ]  # fmt: skip


CASES = [*_pairs(), *_units(), *_add_ons(), *_fees(), *_periods()]
