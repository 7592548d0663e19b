"""Claims as callers of the API send them."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from gateway.api.schema import ApiModel

MOST_LINES = 999
_BASIC_DATE = re.compile(r"\d{8}", re.ASCII)


def _as_text(value: object) -> object:
    """A number where a text is meant: spreadsheets and programs send codes and ids so."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_number(value: object) -> object:
    """True is no number of units, though programs count it as one."""
    return None if isinstance(value, bool) else value


def _as_list(value: object) -> object:
    return [] if value is None else value


def _as_day(value: object) -> object:
    """A day as 2024-07-15, or 20240715 as in X12; numbers are no days."""
    if isinstance(value, date) or value is None:
        return value
    text = value.strip() if isinstance(value, str) else ""
    if _BASIC_DATE.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise ValueError("a day is written as YYYY-MM-DD, such as 2024-07-15")
    return text


def _as_pointer(value: object) -> object:
    """The letter of the paper form as a number: A is 1."""
    if isinstance(value, str) and re.fullmatch(r"[A-Z]", value.strip().upper(), re.ASCII):
        return ord(value.strip().upper()) - ord("A") + 1
    return value


def _as_sex(value: object) -> object:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    return {"f": "female", "m": "male", "u": None, "unknown": None, "": None}.get(word, word)


def _as_word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Code = Annotated[
    str,
    Field(
        min_length=1,
        max_length=20,
        pattern=r"^[\s!-~]*[A-Za-z0-9][\s!-~]*$",
        description="In any case, with or without a dot and blanks. A code that does not exist is told by findings.",
    ),
    BeforeValidator(_as_text),
]
Modifier = Annotated[
    str,
    Field(pattern=r"^\s*([0-9A-Za-z]{2})?\s*$", max_length=20, description="Two letters or digits; blank for none."),
    BeforeValidator(_as_text),
]
Modifiers = Annotated[
    list[Modifier], Field(default=[], max_length=8, description="Modifiers of the line."), BeforeValidator(_as_list)
]
Pointers = Annotated[
    list[Annotated[int, Field(ge=1, le=50), BeforeValidator(_as_pointer)]],
    Field(
        default=[],
        max_length=12,
        description="Positions of the claim's diagnoses, from 1; the letters of the paper form (A for 1) do as well.",
    ),
    BeforeValidator(_as_list),
]
Units = Annotated[int, Field(default=1, ge=1, le=9_999_999, description="Whole units."), BeforeValidator(_as_number)]
Day = Annotated[date, BeforeValidator(_as_day)]
Text = Annotated[str, Field(max_length=100), BeforeValidator(_as_text)]


class ClaimLine(ApiModel):
    """A service line."""

    code: Code
    units: Units
    modifiers: Modifiers
    diagnoses: Pointers
    date: Day | None = Field(default=None, description="First day of service; the claim's date when it is left out.")
    date_to: Day | None = Field(default=None, description="Last day of service; the first one when it is left out.")


class PastLine(ApiModel):
    """A service billed before, for the same patient.

    One of the same day and provider counts with the lines for pairs and units; global periods are counted from
    operations.
    """

    code: Code
    date: Day = Field(description="Its day of service.")
    date_to: Day | None = Field(default=None, description="As on a service line; the period is counted from the date.")
    units: Units
    modifiers: Modifiers
    diagnoses: Pointers
    rendering_provider: Text | None = Field(default=None, description="The claim's own provider when it is left out.")


class Patient(ApiModel):
    """What rules ask of a patient. Send nothing that names one."""

    sex: Annotated[Literal["female", "male"] | None, BeforeValidator(_as_sex)] = Field(
        default=None, description="As claims carry it; F and M do as well."
    )
    birth_date: Day | None = Field(default=None)


class Claim(ApiModel):
    """What one provider bills for one patient."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "A-17",
                    "setting": "practitioner",
                    "date": "2024-07-15",
                    "diagnoses": ["E11.9", "L84"],
                    "lines": [
                        {"code": "11055", "units": 1, "modifiers": ["T1"], "diagnoses": [2]},
                        {"code": "11720", "units": 1, "modifiers": ["59"], "diagnoses": [1, 2]},
                    ],
                }
            ]
        }
    )

    id: Annotated[str, Field(max_length=100)] | int | None = Field(
        default=None, description="Your name for it; it comes back. Send nothing of a patient."
    )
    setting: Annotated[Literal["practitioner", "outpatient", "dme"], BeforeValidator(_as_word)] = Field(
        description="Whose files apply: practitioners and ambulatory surgical centers, outpatient hospitals, suppliers."
    )
    date: Day | None = Field(
        default=None,
        description="Day of service. When it is left out, the first day of lines that all have their own; else today "
        "(UTC).",
    )
    diagnoses: Annotated[list[Code], BeforeValidator(_as_list)] = Field(
        default=[], max_length=50, description="ICD-10-CM codes, the first-listed one first."
    )
    lines: list[ClaimLine] = Field(min_length=1, max_length=MOST_LINES)
    patient: Patient | None = None
    place_of_service: Annotated[str | None, BeforeValidator(_as_text)] = Field(
        default=None, pattern=r"^\s*([0-9]{2})?\s*$", description="CMS place of service, two digits."
    )
    rendering_provider: Text | None = Field(default=None, description="Who furnished the services.")
    payer: Text | None = Field(default=None, description="Who is to pay; Medicare when it is left out.")
    history: Annotated[list[PastLine], BeforeValidator(_as_list)] = Field(
        default=[], max_length=999, description="Services billed before, for the same patient."
    )


class ClaimsToCheck(ApiModel):
    """Claims to be checked, each by itself."""

    claims: list[Claim] = Field(min_length=1, max_length=10_000)


def schemas() -> dict[str, Any]:
    """Give the schemas of what is sent, for the API's document: the body is read piece by piece, past the framework."""
    schema = ClaimsToCheck.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "ClaimsToCheck": schema}
