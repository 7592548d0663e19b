"""The gRPC servicer of drugs on claims: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import catalog_pb2, drugs_pb2_grpc
from codingahead.catalog.v1 import drugs_pb2 as pb

from services.catalog.codes import Codes
from services.catalog.drugs.amounts import dose_of, measured, vials_of
from services.catalog.drugs.billing_unit import BillingUnit
from services.catalog.drugs.measures import MEASURES, counted
from services.catalog.drugs.notes import notes
from services.catalog.drugs.units import JW, DrugUnits, drug_units
from services.catalog.messages import day_of, message_of
from shared.clock import Clock
from shared.rpc.context import current_principal

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.DrugsService"
NO_UNIT = (
    "The official descriptor of {code} names no single amount, so a dose cannot be counted in its units here. Read the"
    " descriptor and the payer's instructions."
)
SINGLE_DOSE = {pb.CONTAINER_SINGLE_DOSE: True, pb.CONTAINER_SEVERAL_DOSES: False}


class DrugsServicer(drugs_pb2_grpc.DrugsServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, codes: Codes[catalog_pb2.Code], clock: Clock) -> None:
        """Take what answers for codes, and the clock that says which day it is for doses without one."""
        self._codes = codes
        self._clock = clock

    async def GetDrugUnits(self, request: pb.GetDrugUnitsRequest, context: Context) -> pb.GetDrugUnitsResponse:
        """Count a dose."""
        current_principal()
        asked = day_of(request.date, "date") if request.HasField("date") else None
        day = asked or self._clock.now().date()
        page = await self._codes.page("hcpcs", request.code, asked)
        answer = pb.GetDrugUnitsResponse(code=_ref(page), releases=page.releases)
        if not page.billing.HasField("unit"):
            answer.absence = NO_UNIT.format(code=page.display_code)
            return answer
        answer.unit.CopyFrom(page.billing.unit)
        if request.dose.strip():
            answer.result.CopyFrom(_counted(request, _unit(page.billing.unit), page.display_code, day))
        return answer


def _counted(request: pb.GetDrugUnitsRequest, unit: BillingUnit, code: str, day: date) -> pb.DrugUnits:
    dose = dose_of(request.dose, request.measure, unit.measure)
    single_dose = SINGLE_DOSE.get(request.container)
    vials = vials_of(list(request.vials), request.measure, unit.measure) if single_dose else []
    result = drug_units(unit, dose, vials=vials, day=day)
    said = notes(unit, result, single_dose=single_dose, day=day)
    of = measured("measure", request.measure, unit.measure)
    return pb.DrugUnits(
        dose=counted(dose / of.size, of),
        exact=f"{round(result.exact, 6).normalize():f}",
        given=result.given,
        lines=_lines(result, code),
        opened=[pb.OpenedVials(count=each.count, size=each.words) for each in result.opened],
        least_waste=result.chosen,
        left=counted(result.left, unit.measure) if result.left else "",
        notes=[message_of(note) for note in said],
    )


def _lines(result: DrugUnits, code: str) -> list[pb.DrugLine]:
    return [
        pb.DrugLine(
            units=line.units,
            modifier=line.modifier,
            words=f"{code}{f'-{line.modifier}' if line.modifier else ''}: {line.units:,} "
            f"{'unit' if line.units == 1 else 'units'} {'thrown away' if line.modifier == JW else 'given'}",
        )
        for line in result.lines
    ]


def _unit(message: catalog_pb2.BillingUnit) -> BillingUnit:
    return BillingUnit(Decimal(message.amount), MEASURES[message.measure], message.up_to)


def _ref(page: catalog_pb2.Code) -> catalog_pb2.CodeRef:
    return catalog_pb2.CodeRef(
        system=page.system,
        code=page.code,
        display_code=page.display_code,
        heading=page.heading,
        reportable=page.reportable,
        has_page=True,
    )
