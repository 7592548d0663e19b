"""The application: the API and the site behind the door."""

from collections.abc import Mapping

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from gateway.api import (
    code_edits,
    codes,
    drug_units,
    edits,
    favourites,
    history,
    imports,
    index_entries,
    indexes,
    keys,
    meter,
    notes,
    operator,
    procedure_builder,
    releases,
    search,
    zero_hits,
)
from gateway.api.document import ApiApplication, operation_id
from gateway.api.problem_answers import problem_answers
from gateway.compressed_answers import CompressedAnswers
from gateway.door import Door
from gateway.errors import on_domain_error, on_failure, on_http_exception, on_invalid_request
from gateway.fhir.code_system_routes import router as code_systems
from gateway.fhir.routes import router as fhir
from gateway.fhir.value_set_routes import router as value_sets
from gateway.gate import Gate
from gateway.idempotency import IdempotentCalls
from gateway.platform import Gateway, gateway_of
from gateway.tagged_answers import TaggedAnswers
from gateway.tracing import Traced
from gateway.web.code_pages import CodePages
from gateway.web.routes import router as site
from shared.errors import DomainError

DESCRIPTION = """Code pages for ICD-10-CM, HCPCS Level II and CPT as JSON.

Without a credential a call acts as the guest of its cookie, or as a new guest whose cookie is set. A credential that is
present and not valid is refused with 401. A code that is granted anew counts as one page view; reading it again in the
window is free. Errors are problem details (RFC 9457) with stable types.
"""


def create_app(gateway: Gateway, mounts: Mapping[str, ASGIApp]) -> ASGIApp:
    """Make the ASGI application of a gateway; `mounts` are applications of others by the prefix of their paths."""
    gate = Gate()
    app = ApiApplication(
        title="Coding Ahead",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        dependencies=[Depends(gate)],
    )
    app.issuer = gateway.settings.oidc_issuer
    app.state.gateway = gateway
    app.add_middleware(IdempotentCalls, answers=gateway.answers)
    app.add_middleware(TaggedAnswers)
    app.add_middleware(CompressedAnswers)
    app.add_exception_handler(Exception, on_failure)
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    routes_of(app)
    gate.learn(iter_route_contexts(app.routes))
    door = Door(
        app,
        CodePages(gateway.pages, gateway.room, gateway.library),
        settings=gateway.settings,
        readers=gateway.readers,
        bursts=gateway.bursts,
        cors=gateway.cors,
        mounts=mounts,
    )
    return Traced(door) if gateway.settings.otlp_endpoint else door


def routes_of(app: FastAPI) -> None:
    """Give the application its routes."""
    lists = (index_entries, procedure_builder, search)
    own = (keys, favourites, notes, history)
    for api in (
        codes,
        code_edits,
        *lists,
        drug_units,
        edits,
        indexes,
        meter,
        *own,
        releases,
        operator,
        imports,
        zero_hits,
    ):
        app.include_router(api.router, responses=problem_answers())
    app.include_router(site, include_in_schema=False)
    app.include_router(fhir, include_in_schema=False)
    app.include_router(code_systems, include_in_schema=False)
    app.include_router(value_sets, include_in_schema=False)
    app.add_route("/healthz", _alive, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_route("/readyz", _ready, methods=["GET", "HEAD"], include_in_schema=False)


async def _alive(_request: object) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(request: Request) -> Response:
    if gateway_of(request).ready():
        return PlainTextResponse("ready\n")
    return PlainTextResponse("not ready\n", status_code=503)
