"""The tree of codes: code systems, their roots, and the codes below a code. Open to all and not metered."""

from codingahead.catalog.v1 import catalog_pb2
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import gateway_of
from gateway.spelling import name_as_here, undotted
from gateway.web import links
from gateway.web.answers import page
from gateway.web.shown import listed
from shared.errors import InvalidInput

router = APIRouter()

_PAGE_SIZE = 200


@router.api_route("/browse", methods=["GET", "HEAD"])
async def code_systems(request: Request) -> Response:
    """The code systems that hold codes."""
    systems = await gateway_of(request).catalog.systems()
    values = {"title": "Browse codes | Coding Ahead", "here": "browse", "systems": systems}
    return page(request, "pages/systems.html", values, canonical="/browse")


@router.api_route("/codes", methods=["GET", "HEAD"])
async def codes() -> Response:
    """The addresses of code pages, cut back to their beginning, lead to the tree."""
    return RedirectResponse("/browse", status_code=308)


@router.api_route("/browse/{system}", methods=["GET", "HEAD"])
async def roots(system: str, request: Request, after: str = "") -> Response:
    """The first level of a code system."""
    return await _level(request, system, "", after)


@router.api_route("/browse/{system}/{code}", methods=["GET", "HEAD"])
async def below(system: str, code: str, request: Request, after: str = "") -> Response:
    """The codes directly below a code; a code with none below it leads to its page."""
    return await _level(request, system, undotted(code), after)


async def _level(request: Request, system: str, code: str, after: str) -> Response:
    try:
        answer = await gateway_of(request).catalog.children(system.lower(), code, _PAGE_SIZE, after)
    except InvalidInput as error:
        name_as_here(error, {"page_token": "after"})
        raise
    parent = answer.parent if answer.HasField("parent") else None
    canonical = links.browse_ref(parent) if parent else links.browse_path(system.lower())
    if parent is not None and not answer.codes and parent.has_page:
        return RedirectResponse(links.ref_path(parent), status_code=308)
    if canonical != request.url.path:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(canonical + query, status_code=308)
    return _drawn(request, system.lower(), listed(answer), canonical, first=not after)


def _drawn(
    request: Request, system: str, answer: catalog_pb2.ListCodesResponse, canonical: str, *, first: bool
) -> Response:
    parent = answer.parent if answer.HasField("parent") else None
    name = links.system_name(system)
    heading = f"{name} {parent.display_code}" if parent else name
    crumbs = [("Codes", "/browse"), (name, links.browse_path(system) if parent else "")]
    crumbs += [(ref.display_code or ref.code, links.browse_ref(ref)) for ref in answer.ancestors]
    if parent:
        crumbs.append((parent.display_code or parent.code, ""))
    values = {
        "title": f"Browse {heading} | Coding Ahead",
        "here": "browse",
        "system": system,
        "heading": heading,
        "crumbs": crumbs,
        "parent": parent,
        "answer": answer,
        "more": f"{canonical}?after={answer.next_page_token}" if answer.next_page_token else "",
        "first": first,
    }
    return page(request, "pages/level.html", values, canonical=canonical)
