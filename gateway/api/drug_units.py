"""The API of drugs on claims: a dose becomes billing units, and what is thrown away becomes a line."""

from enum import StrEnum
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2
from codingahead.catalog.v1 import drugs_pb2 as pb
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, create_model

from gateway.api.schema import ApiModel, model_of, plain
from gateway.drugs import asked
from gateway.platform import gateway_of
from gateway.spelling import service_day

router = APIRouter(prefix="/api/v1", tags=["Drug units"])

_Unit: Any = model_of(catalog_pb2.BillingUnit.DESCRIPTOR)
_Result: Any = model_of(pb.DrugUnits.DESCRIPTOR)
_Ref: Any = model_of(catalog_pb2.CodeRef.DESCRIPTOR)
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_FIELDS: dict[str, Any] = {
    "code": (_Ref, Field(description="The code.")),
    "unit": (_Unit | None, Field(description="Its billing unit; null when the descriptor names no single amount.")),
    "absence": (str, Field(description="Why there is no unit; empty when there is one.")),
    "result": (_Result | None, Field(description="The dose in units; null when none was asked for.")),
    "releases": (list[_Release], Field(description="The data the answer draws on.")),
}
DrugUnitsAnswer: type[ApiModel] = create_model("DrugUnitsAnswer", __base__=ApiModel, **_FIELDS)


class Container(StrEnum):
    """How a drug is packed, by its label."""

    SINGLE_DOSE = "single-dose"
    SEVERAL_DOSES = "several-doses"


DrugCode = Annotated[str, Path(min_length=1, max_length=20, description="HCPCS Level II code.", examples=["J0129"])]
Dose = Annotated[str, Query(max_length=40, description="The amount given; empty for the unit alone.", examples=["750"])]
MeasureName = Annotated[str, Query(max_length=40, description="What the dose is measured in.", examples=["mg"])]
Packed = Annotated[Container | None, Query(description="How the drug is packed, by its label.")]
Sizes = Annotated[
    list[str],
    Query(
        max_length=6,
        description="What one single-dose container holds, `250 mg`, or how many were opened, `2 x 100 mg`.",
        examples=[["250 mg"]],
    ),
]


@router.head("/codes/hcpcs/{code}/units", response_model=DrugUnitsAnswer, include_in_schema=False)
@router.get("/codes/hcpcs/{code}/units", response_model=DrugUnitsAnswer, summary="A dose in billing units")
async def drug_units(
    request: Request,
    code: DrugCode,
    *,
    dose: Dose = "",
    measure: MeasureName = "",
    container: Packed = None,
    vial: Sizes = [],  # noqa: B006 - FastAPI gives each call its own
    date: Annotated[str, Query(max_length=20, description="The day of service; today when empty.")] = "",
) -> dict[str, Any]:
    """Count a dose of a drug in units of its code, with the lines for what of single-dose containers is thrown away.

    Only sizes are given: the containers that leave least are chosen. Not counted as a page.
    """
    day = service_day(date)
    question = asked(code, dose=dose, measure=measure, container=container or "", vials=vial, day=day)
    answer = await gateway_of(request).drugs.units(question)
    return {
        "code": plain(answer.code),
        "unit": plain(answer.unit) if answer.HasField("unit") else None,
        "absence": answer.absence,
        "result": plain(answer.result) if answer.HasField("result") else None,
        "releases": [plain(release) for release in answer.releases],
    }
