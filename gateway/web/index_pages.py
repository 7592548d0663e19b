"""The indexes of ICD-10-CM as pages, walked as in the book. Not metered; a code is verified on its own page."""

from codingahead.catalog.v1 import index_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import gateway_of
from gateway.web.answers import page
from gateway.web.links import index_path, index_reference_path
from shared.errors import NotFound

router = APIRouter()
ON_A_PAGE = 200
INDEX_TITLES = {
    "index": "Alphabetic Index",
    "external-cause": "External Cause Index",
    "neoplasm": "Neoplasm Table",
    "drug": "Table of Drugs and Chemicals",
}


@router.api_route("/index", methods=["GET", "HEAD"])
async def indexes(request: Request) -> Response:
    """The indexes that are loaded."""
    answer = await gateway_of(request).indexes.loaded()
    values = {"title": "ICD-10-CM Index and Tables | Coding Ahead", "here": "browse", "answer": answer}
    return page(request, "pages/indexes.html", {**values, "titles": INDEX_TITLES}, canonical="/index")


@router.api_route("/index/{name}", methods=["GET", "HEAD"])
async def main_terms(request: Request, name: str, begins: str = "", after: int = 0) -> Response:
    """Main terms by letter, or by how they begin."""
    gateway = gateway_of(request)
    loaded = next((each for each in (await gateway.indexes.loaded()).indexes if each.name == name), None)
    if loaded is None:
        raise NotFound("INDEX_NOT_LOADED", f"The index “{name}” of ICD-10-CM is not loaded here.")
    asked = begins or loaded.letters[0]
    answer = await gateway.indexes.main_terms(name, asked, ON_A_PAGE, max(after, 0))
    values = {
        "title": f"{INDEX_TITLES[name]}: {asked[:40]} | Coding Ahead",
        "here": "browse",
        "index": loaded,
        "index_title": INDEX_TITLES[name],
        "asked": asked,
        "answer": answer,
        "rows": [_columns(term, loaded) for term in answer.terms],
        "more": f"{index_path(name, begins=asked)}&after={answer.next_after}" if answer.next_after else "",
        "noindex": bool(after),
    }
    return page(request, "pages/index_letter.html", values, canonical=index_path(name, begins=asked))


@router.api_route("/index/{name}/see", methods=["GET", "HEAD"])
async def reference(request: Request, name: str, text: str = "") -> Response:
    """Follow a reference to the term that names most of it."""
    found = await gateway_of(request).indexes.find(name, text)
    return RedirectResponse(index_path(found.index_name, found.ordinal), status_code=302)


@router.api_route("/index/{name}/{ordinal}", methods=["GET", "HEAD"])
async def term(request: Request, name: str, ordinal: int) -> Response:
    """A term: the path to it, its codes, and the terms below it."""
    gateway = gateway_of(request)
    answer = await gateway.indexes.term(name, ordinal)
    loaded = next(each for each in (await gateway.indexes.loaded()).indexes if each.name == name)
    path = [each.title for each in (*answer.path, answer.term)]
    values = {
        "title": f"{', '.join(path)[:120]} | {INDEX_TITLES[name]} | Coding Ahead",
        "here": "browse",
        "index": loaded,
        "index_title": INDEX_TITLES[name],
        "answer": answer,
        "first_letter": path[0][0].upper() if path[0][0].upper() in loaded.letters else "#",
        "own": _columns(answer.term, loaded),
        "rows": [_columns(each, loaded) for each in answer.terms],
    }
    return page(request, "pages/index_term.html", values, canonical=index_path(name, ordinal))


class Row:
    """A term with its codes by the columns of its table."""

    def __init__(self, term: pb.IndexTerm, columns: list[list[pb.IndexCode]], sees: list[tuple[str, str, str]]) -> None:
        """Take the term, its codes by column, and its references with their addresses."""
        self.term = term
        self.columns = columns
        self.sees = sees


def _columns(term: pb.IndexTerm, loaded: pb.LoadedIndex) -> Row:
    titles = list(loaded.columns) or [""]
    columns = [[code for code in term.codes if code.column_title == title] for title in titles]
    sees = [
        (words, text, index_reference_path(loaded.name, text))
        for words, texts in (("see", term.see), ("see also", term.see_also))
        for text in filter(None, texts.split("; "))
    ]
    return Row(term, columns, sees)
