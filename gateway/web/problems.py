"""What the API's problems mean: one page for each type, at the address that the type is."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.problem_types import TYPES, described
from gateway.web.answers import page

router = APIRouter()


@router.api_route("/problems", methods=["GET", "HEAD"])
async def problem_list(request: Request) -> Response:
    """All kinds of problem."""
    values = {"title": "Problems of the API | Coding Ahead", "kinds": list(TYPES.values()), "one": False}
    return page(request, "pages/problems.html", values, canonical="/problems")


@router.api_route("/problems/{name}", methods=["GET", "HEAD"])
async def one_problem(name: str, request: Request) -> Response:
    """One kind of problem."""
    kind = described(name)
    values = {"title": f"{kind.reason} | Coding Ahead", "kinds": [kind], "one": True, "noindex": True}
    return page(request, "pages/problems.html", values, canonical=kind.path)
