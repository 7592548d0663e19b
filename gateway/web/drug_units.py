"""The page that counts a dose of a drug in billing units, and what of single-dose containers is billed as thrown away.

The whole form is in the address, so that an answer can be shared and gone back to; nothing of it is kept.
"""

from http import HTTPStatus

from codingahead.catalog.v1 import catalog_pb2
from codingahead.catalog.v1 import drugs_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.drugs import asked
from gateway.platform import gateway_of
from gateway.spelling import service_day
from gateway.web.answers import page
from gateway.web.dose_form import DoseForm
from gateway.web.links import code_path
from gateway.web.sources import Sources
from shared.errors import InvalidInput

router = APIRouter()
DEFECTS = frozenset({"DOSE_INVALID", "DATE_MALFORMED"})


@router.api_route("/codes/hcpcs/{code}/units", methods=["GET", "HEAD"])
async def drug_units(code: str, request: Request) -> Response:
    """The form, and the dose in units with the lines that bill it."""
    form = DoseForm.of(request.query_params)
    drugs = gateway_of(request).drugs
    try:
        question = asked(
            code,
            dose=form.dose,
            measure=form.measure,
            container=form.container,
            vials=form.vials,
            day=service_day(form.date),
        )
        return _drawn(request, form, await drugs.units(question))
    except InvalidInput as defect:
        if defect.reason not in DEFECTS:
            raise
        blank = asked(code, dose="", measure="", container="", vials=(), day=None)
        return _drawn(request, form, await drugs.units(blank), defect=defect.message)


def _drawn(request: Request, form: DoseForm, answer: pb.GetDrugUnitsResponse, *, defect: str = "") -> Response:
    ref: catalog_pb2.CodeRef = answer.code
    path = code_path(ref.system, ref.display_code)
    values = {
        "title": f"{ref.display_code}: dose to billing units | Coding Ahead",
        "description": f"Counts a dose of HCPCS Level II {ref.display_code} in billing units, with JW and JZ.",
        "ref": ref,
        "path": path,
        "form": form,
        "answer": answer,
        "result": answer.result if answer.HasField("result") else None,
        "unit": answer.unit if answer.HasField("unit") else None,
        "defect": defect.partition(": ")[2] if defect else "",
        "sources": Sources(),
        "noindex": bool(form.dose),
    }
    status = HTTPStatus.BAD_REQUEST if defect else HTTPStatus.OK
    return page(request, "pages/drug_units.html", values, status=int(status), canonical=f"{path}/units")
