"""What our texts say of a table is what the table says: unit edits, edits between codes, primaries and global days."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from services.catalog.content.fact_sheet import CodeFacts, FactSheet, FeeRow
from services.catalog.content.format import CodeText, Statement
from services.catalog.content.loading import Content, load_content

_CODE = re.compile(r"\b(?:[A-Z]\d{4}|\d{5})\b")
_UNITS = re.compile(r"\b(?:MUE|unit edit)\b[^.]*?\bis (\d+)")
_HOSPITAL_UNITS = re.compile(r"\band (?:for hospitals )?(\d+) for hospitals|\band for hospitals (\d+)")
_MAI = re.compile(r"\bwith MAI (\d)")
_NO_MODIFIER = re.compile(r"no modifier|cannot (?:be )?bypass")
_PRIMARIES = re.compile(r"add-on table (?:accepts|names)( only)? (.+?) as the (?:only )?primary service")
_GLOBAL_DAYS = re.compile(r"\b(0|10|90) global days\b")
_STATUS = re.compile(r"\bstatus (?:is )?([ABCINRTX])\b")
_DOSE = re.compile(
    r"([\d.,]+) (mg|mcg|g|mEq|units|ml|cc)\b(?: of the drug)?,?(?: which)? (?:is|are)(?: [\d.]+,?(?: which)?(?: and)?)?"
    r" (?:rounded up to |rounds up to )?([\d,]+) (?:billing )?units?\b"
)
TWO_DRUGS_TOGETHER = {"J9316", "J9298"}
_OF_A_MILLIGRAM = {"g": Decimal(1000), "mg": Decimal(1), "mcg": Decimal("0.001")}
_CHAPTERS_OF_NCCI = {
    "I": "ABCDEFGHIJKLMNOPRSTVW", "II": "ABCDE", "III": "ABCDEFGHIJKL", "IV": "ABCDEFGHI", "V": "ABCDEFGH",
    "VI": "ABCDEFGH", "VII": "ABCDEFGHI", "VIII": "ABCDEFGHI", "IX": "ABCDEFGH", "X": "ABCDEFGHIJKLMN",
    "XI": "ABCDEFGHIJKLMNOPQRSTUVW", "XII": "ABCDE", "XIII": "ABCDE",
}  # fmt: skip
"""Sections of the NCCI Policy Manual for Medicare 2026, by chapter."""
_PLACE_IN_NCCI = re.compile(r"ch\. ([IVX]+)(?:, sec\. ([A-Z])(?:\.\d+)?(?: and [A-Z]\.\d+)?(?: for [a-z ]+)?)?")


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content()


def statements(content: Content, source: str) -> Iterator[tuple[CodeText, Statement]]:
    """Every statement that cites a table, with the code it stands with."""
    for text in content.texts:
        code = text.code
        for field in (code.report_when, code.do_not_report, code.billing, code.modifiers, code.coverage):
            yield from ((code, statement) for statement in field if statement.source == source)


def facts_of(content: Content, code: CodeText) -> CodeFacts:
    facts = content.facts.of(code.system, code.code)
    assert facts is not None
    return facts


def fee_of(content: Content, code: CodeText) -> FeeRow:
    return facts_of(content, code).fees[0]


def units(content: Content, code: CodeText) -> dict[str, tuple[int, int]]:
    return {edit.setting: (edit.units, edit.mai) for edit in facts_of(content, code).mue}


def test_unit_edits_are_those_of_the_table(content: Content) -> None:
    wrong, checked = [], 0
    for code, statement in statements(content, "ncci-mue"):
        stated = _UNITS.search(statement.text)
        if stated is None:
            continue
        checked += 1
        edits = units(content, code)
        hospital = _HOSPITAL_UNITS.search(statement.text)
        right = edits["outpatient" if "hospital unit edit" in statement.text else "practitioner"][0] == int(stated[1])
        if hospital:
            right = right and edits["outpatient"][0] == int(hospital[1] or hospital[2])
        elif not re.search("practitioner|hospital", statement.text):  # said of both
            right = right and edits["outpatient"][0] == int(stated[1])
        if indicator := _MAI.search(statement.text):
            right = right and edits["practitioner"][1] == int(indicator[1])
        if not right:
            wrong.append((code.code, statement.text, edits))
    assert wrong == []
    assert checked > 200


def between(facts: FactSheet, one: str, other: str) -> dict[str, str]:
    """The modifier indicators of the edit between two codes, whichever stands in column 1, by setting."""
    pair = {one, other}
    return {edit.setting: edit.modifier_indicator for edit in facts.ptp if {edit.column_1, edit.column_2} == pair}


def test_edits_between_two_codes_are_those_of_the_table(content: Content) -> None:
    ours = {text.code.code for text in content.texts}
    wrong, checked = [], 0
    for code, statement in statements(content, "ncci-ptp"):
        for other in set(_CODE.findall(statement.text)) & ours - {code.code}:
            checked += 1
            edits = between(content.facts, code.code, other)
            if "no edit" in statement.text:
                right = not edits
            elif not _NO_MODIFIER.search(statement.text):
                right = bool(edits)
            elif "ractitioner" in statement.text:
                right = edits.get("practitioner") == "0"
            else:
                right = edits == {"practitioner": "0", "outpatient": "0"}
            if not right:
                wrong.append((code.code, other, statement.text, edits))
    assert wrong == []
    assert checked > 150


def test_primaries_of_an_add_on_are_those_of_the_table(content: Content) -> None:
    wrong, checked = [], 0
    for code, statement in statements(content, "ncci-add-on"):
        stated = _PRIMARIES.search(statement.text)
        if stated is None:
            continue
        checked += 1
        named = set(_CODE.findall(stated[2]))
        known = {relation.primary for relation in content.facts.add_on if relation.add_on == code.code}
        if named != known:
            wrong.append((code.code, statement.text, known))
    assert wrong == []
    assert checked > 10


def test_global_days_and_status_are_those_of_the_fee_schedule(content: Content) -> None:
    wrong, checked = [], 0
    for code, statement in statements(content, "mpfs"):
        fee = fee_of(content, code)
        stated = {"global_days": _GLOBAL_DAYS.search(statement.text), "status": _STATUS.search(statement.text)}
        expected = {
            "global_days": f"{int(stated['global_days'][1]):03}" if stated["global_days"] else None,
            "status": stated["status"][1] if stated["status"] else None,
        }
        if "no global days of its own" in statement.text:
            expected["global_days"] = "ZZZ"
        for name, value in expected.items():
            if value is not None:
                checked += 1
                if getattr(fee, name) != value:
                    wrong.append((code.code, statement.text, name, getattr(fee, name)))
    assert wrong == []
    assert checked > 80


def test_the_units_of_a_dose_follow_from_the_billing_unit(content: Content) -> None:
    wrong, checked = [], 0
    for text in content.texts:
        unit = facts_of(content, text.code).billing_unit
        if unit is None:
            continue
        for statement in text.code.billing:
            for dose, measure, stated in _DOSE.findall(statement.text.replace(" and 600 mg", "")):
                checked += 1
                amount = Decimal(dose.replace(",", "")) * _OF_A_MILLIGRAM.get(measure, 1)
                one = unit.amount * _OF_A_MILLIGRAM.get(unit.measure, 1)
                if text.code.code not in TWO_DRUGS_TOGETHER and math.ceil(amount / one) != int(stated.replace(",", "")):
                    wrong.append((text.code.code, statement.text, str(one)))
    assert wrong == []
    assert checked > 200


def test_places_in_the_ncci_manual_exist(content: Content) -> None:
    cited = {(code.code, statement.at) for code, statement in statements(content, "ncci-policy-manual")}
    cited |= {
        (code.code, rule.at)
        for part in content.claim_codes
        for code in part.codes
        for rule in (*code.report_when, *code.do_not_report, *code.billing)
        if rule.source == "ncci-policy-manual"
    }
    unknown = []
    for code, at in cited:
        place = _PLACE_IN_NCCI.fullmatch(at or "")
        if place is None or (place[2] or "A") not in _CHAPTERS_OF_NCCI.get(place[1], ""):
            unknown.append((code, at))
    assert unknown == []
    assert len(cited) > 200
