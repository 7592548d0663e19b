"""Diagnoses that do not go with the patient's sex or age, as far as titles and notes of ICD-10-CM say so.

ICD-10-CM Official Guidelines FY 2026, sections I.C.15.a and I.C.16.a; the Tabular List; ages of maternity, of children
and of adults as the Medicare Code Editor counts them. Its lists of codes are not loaded here, so a diagnosis without a
finding may still stand in one of them.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from services.catalog.edits.claim import Claim, Sex
from services.catalog.edits.diagnoses import Coded, Uncoded
from services.catalog.edits.diagnosis import MOST_WORKED_OUT, Diagnosis
from services.catalog.edits.diagnosis_finding import about
from services.catalog.edits.finding import Asked, Finding, Kind, Outcome, State

PERINATAL_DAYS = 28
CHILD_YEARS, BMI_ADULT_YEARS, BMI_CHILD_YEARS, ADULT_YEARS = 2, 20, 19, 18
MATERNITY_YEARS = (9, 64)
MOST_CHILD_YEARS, FEWEST_ADULT_YEARS = 17, 15
"""Of pediatric diagnoses, 0 to 17, and of adult ones, 15 to 124 (Definitions of Medicare Code Edits, age conflict)."""
_TABULAR = "ICD-10-CM Tabular List"
_CODE_EDITOR = "CMS, Definitions of Medicare Code Edits, age conflict"
_FEMALE_ORGANS = re.compile(
    r"\b(uterus|uterine|ovary|ovaries|ovarian|cervix uteri|vagina|vaginal|vulva|fallopian)\b", re.IGNORECASE
)
_MALE_ORGANS = re.compile(
    r"\b(prostate|prostatic|testis|testes|testicular|penis|scrotum|spermatic|epididymis)\b", re.IGNORECASE
)
_OF_RELATIVES_AND_GENES = ("P", "Z15", "Z80", "Z81", "Z82", "Z83", "Z84", "Z437")
"""Where an organ is named that need not be the patient's own: a mother's, a relative's, one made by surgery."""
_OF_CHILDREN, _OF_ADULTS = ("Z0012", "R6251"), ("Z000", "R627")
_OF_ABUSE = ("T74", "T76")
"""Titles that begin with the word child or adult (T74.02, T76.11)."""
_WORD = re.compile(r"\b(female|male)\b", re.IGNORECASE)
_OF_PREGNANCY = frozenset({"Z33", "Z34", "Z36", "Z39", "Z3A"})
"""Categories outside chapter 15 that are about the patient's own pregnancy, by their titles."""
_NOT_BY_WORDS = frozenset("VWXY")
_INDETERMINATE = "Q56"
_OF_AGE = re.compile(r"\b(age-related|senile)\b", re.IGNORECASE)


def check_sex(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Compare the patient's sex with the titles."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.SEX)
        return
    sex = claim.patient.sex
    if sex is None:
        yield Asked(Kind.SEX, State.NOT_CHECKED, because="The claim does not say the patient's sex.")
        return
    yield Asked(Kind.SEX, State.CHECKED, coded.edition)
    for number, diagnosis in coded.reportable:
        named, why, section = sex_of(diagnosis)
        if named is not None and named is not sex:
            yield about(
                claim, coded, [number], diagnosis, kind=Kind.SEX, outcome=Outcome.REVIEW, section=section,
                source="" if section else _TABULAR, rule="ICD-10-CM, sex",
                message=f"{diagnosis.display} is for {named} patients ({why}), and the claim says {sex}.",
                resolve="Correct the diagnosis or the sex; condition code 45 or modifier KX tells a payer where both "
                "are right.",
            )  # fmt: skip


@lru_cache(maxsize=MOST_WORKED_OUT)
def sex_of(diagnosis: Diagnosis) -> tuple[Sex | None, str, str]:
    """The sex that a diagnosis is for, why, and the section of the Guidelines that says so; None for both."""
    code = diagnosis.code
    if code[0] == "O":
        return Sex.FEMALE, "chapter 15 is for the maternal record", "I.C.15.a.2"
    if code[:3] in _OF_PREGNANCY:
        return Sex.FEMALE, "it tells of the patient's own pregnancy", ""
    if code[0] in _NOT_BY_WORDS or code.startswith(_INDETERMINATE):
        return None, "", ""
    for place in diagnosis.places():
        words = {word.lower() for word in _WORD.findall(place.heading)} or _sexes_of_organs(code, place.heading)
        if len(words) == 1 and place.kind != "chapter":
            return Sex(words.pop()), f"“{place.heading}”", ""
        if words:
            return None, "", ""
    return None, "", ""


def _sexes_of_organs(code: str, title: str) -> set[str]:
    """The sexes whose organs a title names."""
    if code.startswith(_OF_RELATIVES_AND_GENES):
        return set()
    organs = ((Sex.FEMALE, _FEMALE_ORGANS), (Sex.MALE, _MALE_ORGANS))
    return {sex.value for sex, named in organs if named.search(title)}


def check_age(claim: Claim, coded: Coded | Uncoded) -> Iterator[Finding | Asked]:
    """Compare the patient's age on the day of service with titles and notes."""
    if isinstance(coded, Uncoded):
        yield coded.asked(Kind.AGE)
        return
    born = claim.patient.birth_date
    if born is None:
        yield Asked(Kind.AGE, State.NOT_CHECKED, because="The claim does not say the patient's day of birth.")
        return
    yield Asked(Kind.AGE, State.CHECKED, coded.edition)
    for number, diagnosis in coded.reportable:
        for message, section in _age(diagnosis, years_between(born, coded.day), (coded.day - born).days):
            yield about(
                claim, coded, [number], diagnosis, kind=Kind.AGE, outcome=Outcome.REVIEW, section=section,
                source="" if section.startswith("I") else section or _TABULAR, rule="ICD-10-CM, age",
                message=f"{diagnosis.display}: {message}",
                resolve="Correct the diagnosis or the day of birth, or see that the record supports both.",
            )  # fmt: skip


def years_between(born: date, day: date) -> int:
    """Whole years of age on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _age(diagnosis: Diagnosis, years: int, days: int) -> Iterator[tuple[str, str]]:
    code = diagnosis.code
    title = diagnosis.place.heading if diagnosis.place is not None else ""
    patient = f"the patient is {years} years old" if years >= CHILD_YEARS else f"the patient is {days} days old"
    if code[0] == "O" and days <= PERINATAL_DAYS:
        yield f"chapter 15 is never for the newborn's record, and {patient}.", "I.C.15.a.2"
    elif code[0] == "P" and days > PERINATAL_DAYS:
        yield (
            f"the condition began in the perinatal period, and {patient}: it may be coded while it is still present.",
            "I.C.16.a.1",
        )
    elif code.startswith("Z38") and days > PERINATAL_DAYS:
        yield f"it is assigned once, to a newborn at the time of birth, and {patient}.", "I.C.16.a.2"
    elif code.startswith("Z0011") and days > PERINATAL_DAYS:
        yield f"it is for newborns up to {PERINATAL_DAYS} days old, and {patient}.", ""
    elif code.startswith("Z685"):
        if not CHILD_YEARS <= years <= BMI_CHILD_YEARS:
            yield f"BMI pediatric codes are for persons {CHILD_YEARS} to {BMI_CHILD_YEARS} years old; {patient}.", ""
    elif code.startswith("Z68") and years < BMI_ADULT_YEARS:
        yield f"BMI adult codes are for persons {BMI_ADULT_YEARS} years of age or older; {patient}.", ""
    elif _OF_AGE.search(title) and years < ADULT_YEARS:
        yield f"its title says “{title}”, and {patient}.", ""
    else:
        yield from _by_code_editor(diagnosis.code, title, years, patient)


def _by_code_editor(code: str, title: str, years: int, patient: str) -> Iterator[tuple[str, str]]:
    """Diagnoses of maternity, of children and of adults, as the Medicare Code Editor counts years."""
    child = code.startswith(_OF_CHILDREN) or (code.startswith(_OF_ABUSE) and title.startswith("Child "))
    adult = code.startswith(_OF_ADULTS) or (code.startswith(_OF_ABUSE) and title.startswith("Adult "))
    first, last = MATERNITY_YEARS
    if (code[0] == "O" or code[:3] in _OF_PREGNANCY) and not first <= years <= last:
        yield f"diagnoses of maternity are for ages {first} to {last}, and {patient}.", _CODE_EDITOR
    elif child and years > MOST_CHILD_YEARS:
        yield f"it is for children up to {MOST_CHILD_YEARS} years old, and {patient}.", _CODE_EDITOR
    elif adult and years < FEWEST_ADULT_YEARS:
        yield f"it is for adults, from {FEWEST_ADULT_YEARS} years of age on, and {patient}.", _CODE_EDITOR
