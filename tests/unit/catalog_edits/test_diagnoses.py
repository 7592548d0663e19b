"""Diagnoses of claims against the Tabular List of April 2026, which an installed package carries."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from services.catalog.editions import Editions
from services.catalog.edits.checker import check
from services.catalog.edits.claim import Claim, Line, Patient, Setting, Sex
from services.catalog.edits.diagnoses import DiagnosisBook
from services.catalog.edits.finding import CheckedClaim, Finding, Kind, Outcome, State
from services.catalog.edits.shelf import Shelf
from services.catalog.records import Conversion, ReleaseRecord
from tests.unit.catalog_edits.small_tables import findings, release, state
from tests.unit.catalog_edits.tabular_list import Elsewhere, table

DAY = date(2026, 5, 4)
NOBODY = Patient()
NOWHERE: Mapping[str, tuple[Conversion, ...]] = MappingProxyType({})


def edition(kind: str, begins: date, ends: date) -> ReleaseRecord:
    """A release of ICD-10-CM."""
    values = {name: getattr(release(kind), name) for name in ReleaseRecord.__slots__}
    return ReleaseRecord(**values | {"id": f"{kind}-{begins}", "effective_from": begins, "effective_to": ends})


TABULAR = edition("icd10cm-tabular", date(2026, 4, 1), date(2026, 9, 30))
OLDER = edition("icd10cm-order", date(2024, 10, 1), date(2025, 9, 30))
CONVERSIONS = edition("icd10cm-conversion", date(2016, 10, 1), date(2026, 9, 30))


def shelf_of(*releases: ReleaseRecord) -> Shelf:
    """The list as each edition; a conversion table is loaded."""
    tables = {r.id: table(with_notes=r.kind == "icd10cm-tabular") for r in releases}
    return Shelf(Editions((*releases, CONVERSIONS)), tables)


async def asked(
    *codes: str, day: date = DAY, patient: Patient = NOBODY, elsewhere: Mapping[str, tuple[Conversion, ...]] = NOWHERE,
    releases: Collection[ReleaseRecord] = (TABULAR,),
) -> CheckedClaim:  # fmt: skip
    """A claim with diagnoses, to the first of which its only line points."""
    line = Line(1, "99213", 1, day, day, diagnoses=(1,) if codes else ())
    claim = Claim("c", Setting.OUTPATIENT, day, (line,), codes, patient)
    shelf = shelf_of(*releases)
    (coded,) = await DiagnosisBook(Elsewhere(elsewhere)).of([claim], shelf)
    return check(claim, shelf, coded)


async def found(kind: Kind, *codes: str, **more: object) -> list[Finding]:
    """What one rule finds."""
    return findings(await asked(*codes, **more), kind)  # type: ignore[arg-type]


async def test_valid_codes_pass_and_say_what_was_asked() -> None:
    answer = await asked("E119", "I10")
    assert not findings(answer, Kind.ICD10CM)
    assert state(answer, Kind.ICD10CM) == {State.CHECKED}


async def test_a_header_is_denied() -> None:
    (finding,) = await found(Kind.ICD10CM, "E11")
    assert (finding.outcome, finding.code, finding.diagnoses, finding.lines) == (Outcome.DENIED, "E11", (1,), (1,))
    assert "header" in finding.message


async def test_a_missing_seventh_character_is_named_with_those_there_are() -> None:
    (finding,) = await found(Kind.ICD10CM, "S52521")
    assert finding.outcome is Outcome.DENIED
    assert "seventh character is missing" in finding.message
    assert "A (initial encounter for closed fracture)" in finding.resolve


async def test_a_wrong_seventh_character_is_denied() -> None:
    (finding,) = await found(Kind.ICD10CM, "S52521Z")
    assert finding.outcome is Outcome.DENIED
    assert "Z is not one of the seventh characters of S52.521" in finding.message


async def test_a_seventh_character_without_its_placeholders_is_put_right() -> None:
    (finding,) = await found(Kind.ICD10CM, "S020A")
    assert finding.outcome is Outcome.DENIED
    assert "S02.0XXA" in finding.resolve


async def test_too_many_characters_lead_to_the_complete_code() -> None:
    (finding,) = await found(Kind.ICD10CM, "I10X")
    assert "I10 is complete" in finding.message


async def test_a_deleted_code_names_its_last_day_and_its_successors() -> None:
    conversions = (Conversion("Z99991", date(2025, 10, 1), "Z99.99"), Conversion("Z99992", date(2025, 10, 1), "Z99.99"))
    (finding,) = await found(
        Kind.ICD10CM, "Z9999", elsewhere={"Z9999": conversions}, releases=(TABULAR, OLDER), day=DAY
    )
    assert finding.outcome is Outcome.DENIED
    assert "its last day was 2025-09-30" in finding.message
    assert "Z99.991, Z99.992" in finding.resolve


async def test_a_code_that_was_divided_was_complete_before() -> None:
    conversions = (Conversion("G35A", date(2025, 10, 1), "G35"), Conversion("G35B0", date(2025, 10, 1), "G35"))
    (finding,) = await found(Kind.ICD10CM, "G35", elsewhere={"G35": conversions}, releases=(TABULAR, OLDER))
    assert "header" in finding.message
    assert "2025-09-30" in finding.message
    assert "G35.A, G35.B0" in finding.resolve


async def test_a_code_that_begins_later_is_not_valid_yet() -> None:
    later = edition("icd10cm-order", date(2026, 10, 1), date(2027, 9, 30))
    (finding,) = await found(Kind.ICD10CM, "Z9999", elsewhere={"Z9999": ()}, releases=(TABULAR, later))
    assert "its first day is 2026-10-01" in finding.message


async def test_between_two_editions_nobody_says_that_a_code_of_the_later_one_was_not_valid() -> None:
    later = edition("icd10cm-order", date(2027, 10, 1), date(2028, 9, 30))
    for day, outcome, words in (
        (date(2026, 9, 30), Outcome.DENIED, "its first day is 2027-10-01"),
        (date(2026, 10, 1), Outcome.REVIEW, "the edition that ended on 2026-09-30, and can by the one that begins on"),
    ):
        (finding,) = await found(Kind.ICD10CM, "Z9999", elsewhere={"Z9999": ()}, releases=(TABULAR, later), day=day)
        assert finding.outcome is outcome
        assert words in finding.message


async def test_what_is_no_code_at_all_is_denied() -> None:
    assert (await found(Kind.ICD10CM, "XYZ"))[0].outcome is Outcome.DENIED


async def test_the_same_code_twice_is_for_review() -> None:
    (finding,) = await found(Kind.ICD10CM, "I10", "I10")
    assert (finding.outcome, finding.diagnoses) == (Outcome.REVIEW, (2,))


async def test_excludes1_is_found_from_both_sides_as_review() -> None:
    for pair in (("F458", "G4763"), ("G4763", "F458")):  # the example of the Guidelines, I.A.12.a
        (finding,) = [f for f in await found(Kind.EXCLUDES1, *pair) if f.outcome is Outcome.REVIEW]
        assert finding.diagnoses == (1, 2)
        assert "unrelated" in finding.resolve


async def test_excludes1_is_inherited() -> None:
    (finding,) = [f for f in await found(Kind.EXCLUDES1, "E119", "E109") if f.outcome is Outcome.REVIEW]
    assert "of E11, which E11.9 inherits" in finding.message or "of E10, which E10.9 inherits" in finding.message


async def test_what_excludes2_names_may_stand_together() -> None:
    assert not [f for f in await found(Kind.EXCLUDES1, "J209", "J449") if f.outcome is Outcome.REVIEW]


async def test_a_note_without_a_code_is_shown_and_not_tested() -> None:
    shown = [f for f in await found(Kind.EXCLUDES1, "E3430", "I10") if f.outcome is Outcome.INFO]
    assert any("was not tested" in finding.message for finding in shown)


async def test_a_manifestation_is_never_first() -> None:
    for code in ("F0280", "H42", "M9050", "D631"):
        denied = [f for f in await found(Kind.SEQUENCE, code, "I10") if f.outcome is Outcome.DENIED]
        assert bool(denied) is (code != "D631"), code
    assert not [f for f in await found(Kind.SEQUENCE, "G20A1", "F0280") if f.outcome is Outcome.DENIED]


async def test_a_category_of_manifestations_asks_for_a_look_at_what_is_first() -> None:
    (finding,) = [f for f in await found(Kind.SEQUENCE, "G731", "C3490") if f.outcome is Outcome.REVIEW]
    assert "G73" in finding.message


async def test_a_cause_of_diseases_elsewhere_is_no_manifestation() -> None:
    assert not [f for f in await found(Kind.SEQUENCE, "B9561", "I10") if f.outcome is Outcome.DENIED]


async def test_an_external_cause_is_never_first() -> None:
    (finding,) = [f for f in await found(Kind.SEQUENCE, "W010XXA", "S020XXA") if f.outcome is Outcome.DENIED]
    assert "external cause" in finding.message


async def test_an_underdosing_is_never_first() -> None:
    (finding,) = [f for f in await found(Kind.SEQUENCE, "T45516A", "I2699") if f.outcome is Outcome.DENIED]
    assert "too little of a drug" in finding.message
    assert finding.diagnoses == (1,)
    assert not [f for f in await found(Kind.SEQUENCE, "I2699", "T45516A") if f.outcome is Outcome.DENIED]


async def test_code_first_of_drugs_is_asked_for_adverse_effects_alone() -> None:
    for code, told in (("T45515A", True), ("T45511A", False), ("T45516A", False)):
        asked_for = [f for f in await found(Kind.SEQUENCE, code) if "“Code first" in f.message]
        assert bool(asked_for) is told, code


async def test_code_first_and_use_additional_are_told_until_answered() -> None:
    heart_failure = "I50.-"
    asked_for = [f for f in await found(Kind.SEQUENCE, "I130", "N1830") if heart_failure in f.message]
    assert [(f.outcome, f.diagnoses) for f in asked_for] == [(Outcome.INFO, (1,))]
    assert not [f for f in await found(Kind.SEQUENCE, "I130", "I5030") if heart_failure in f.message]
    influenza = "J10.0-"
    for codes, told in ((("J189", "J1000"), True), (("J1000", "J189"), False)):
        messages = [f.message for f in await found(Kind.SEQUENCE, *codes)]
        assert any("“Code first, if applicable" in m and influenza in m for m in messages) is told


async def test_an_unspecified_side_beside_sided_codes_is_for_review() -> None:
    for code in ("M25569", "C50919", "S52509A", "H2510", "G8190", "M5430"):
        (finding,) = await found(Kind.LATERALITY, code)
        assert finding.outcome is Outcome.REVIEW, code
    for code in ("M25561", "E119", "S52501A", "J189", "H2589"):
        assert not await found(Kind.LATERALITY, code), code


async def test_the_patients_sex_is_compared_with_titles() -> None:
    woman, man = Patient(Sex.FEMALE), Patient(Sex.MALE)
    for code, patient, odd in (
        ("N401", woman, True), ("N401", man, False), ("O0900", man, True), ("C50911", man, True),
        ("D259", man, True), ("Z1273", man, True), ("Z8041", man, False), ("A1814", woman, True), ("P036", man, False),
        ("C50921", man, False), ("Z3400", man, True), ("I10", man, False), ("Y0701", woman, False),
    ):  # fmt: skip
        assert bool(await found(Kind.SEX, code, patient=patient)) is odd, code


async def test_the_patients_age_is_compared_with_titles_and_notes() -> None:
    def aged(years: int) -> Patient:
        return Patient(birth_date=date(DAY.year - years, 1, 1))

    for code, years, odd in (
        ("Z3800", 1, True), ("P0739", 1, True), ("Z6830", 12, True), ("Z6830", 40, False), ("Z6854", 40, True),
        ("Z6854", 12, False), ("M810", 10, True), ("M810", 70, False), ("Z00110", 1, True), ("I10", 1, False),
        ("O80", 8, True), ("O80", 30, False), ("O80", 65, True), ("Z3400", 70, True), ("Z00121", 18, True),
        ("Z00121", 17, False), ("Z0000", 14, True), ("Z0000", 15, False), ("R6251", 40, True), ("R627", 10, True),
    ):  # fmt: skip
        assert bool(await found(Kind.AGE, code, patient=aged(years))) is odd, (code, years)


async def test_each_edition_that_a_claims_days_reach_is_asked() -> None:
    days = (date(2025, 9, 30), DAY)
    lines = tuple(Line(n, "99213", 1, day, day, diagnoses=(1,)) for n, day in enumerate(days, 1))
    claim = Claim("c", Setting.OUTPATIENT, days[0], lines, ("E11",))
    shelf = shelf_of(OLDER, TABULAR)
    (coded,) = await DiagnosisBook(Elsewhere()).of([claim], shelf)
    answer = check(claim, shelf, coded)
    assert len({a.edition for a in answer.asked if a.rule is Kind.ICD10CM}) == 2
    assert len({f.edition for f in findings(answer, Kind.ICD10CM)}) == 2


async def test_without_sex_and_birth_date_these_rules_say_so() -> None:
    answer = await asked("I10")
    assert state(answer, Kind.SEX) == state(answer, Kind.AGE) == {State.NOT_CHECKED}


async def test_without_diagnoses_without_an_edition_and_before_it_nothing_is_checked() -> None:
    assert state(await asked(), Kind.ICD10CM) == {State.NOT_CHECKED}
    assert state(await asked("I10", releases=()), Kind.ICD10CM) == {State.NOT_LOADED}
    early = await asked("I10", day=date(2025, 12, 1))
    assert state(early, Kind.EXCLUDES1) == {State.NOT_CHECKED}
    assert "later days" in next(a.because for a in early.asked if a.rule is Kind.ICD10CM)


async def test_an_edition_without_notes_leaves_the_notes_unloaded() -> None:
    answer = await asked("E119", "E109", day=date(2025, 1, 1), releases=(TABULAR, OLDER))
    assert state(answer, Kind.ICD10CM) == {State.CHECKED}
    assert state(answer, Kind.EXCLUDES1) == {State.NOT_LOADED}
    assert state(answer, Kind.SEQUENCE) == {State.CHECKED, State.NOT_LOADED}
