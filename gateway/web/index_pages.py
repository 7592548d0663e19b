"""The indexes of ICD-10-CM as pages, walked as in the book. Not metered; a code is verified on its own page."""

import re
from urllib.parse import urlencode

from codingahead.catalog.v1 import index_pb2 as pb
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.platform import Gateway, gateway_of
from gateway.web.answers import page
from gateway.web.links import index_path, index_reference_path
from shared.errors import NotFound

router = APIRouter()
ON_A_PAGE = 200
LONGEST_SOUGHT = 200
LONGEST_PLACE = 10
_CODES_NAMED = re.compile(r"(?:categor(?:y|ies) )?([A-Z]\d[0-9A-Z](?:-[A-Z]\d[0-9A-Z])?)(?![\w.])")
_BY_WHAT = re.compile(r",? by (?:site|type)\b.*$", re.IGNORECASE)
"""How to choose among the terms below, at the end of a reference, which is no part of a term's name."""
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
    loaded = {index.name for index in answer.indexes}
    values = {
        "title": "ICD-10-CM Index and Tables | Coding Ahead",
        "here": "browse",
        "answer": answer,
        "titles": INDEX_TITLES,
        "missing": [f"the {title}" for name, title in INDEX_TITLES.items() if name not in loaded],
    }
    return page(request, "pages/indexes.html", values, canonical="/index")


@router.api_route("/index/{name}", methods=["GET", "HEAD"])
async def main_terms(request: Request, name: str, begins: str = "", after: str = "") -> Response:
    """Main terms by letter, or by how they begin."""
    gateway = gateway_of(request)
    loaded = await _loaded(gateway, name)
    asked = begins.strip() or loaded.letters[0]
    answer = await gateway.indexes.main_terms(name, asked, ON_A_PAGE, _place(after) if after else 0)
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
    """Follow a reference to the term that names most of it; the page there says when it does not name all of it."""
    gateway = gateway_of(request)
    await _loaded(gateway, name)
    if not text.strip():
        raise NotFound("INDEX_TERM_NOT_FOUND", "The address names no term: follow a reference of the index.")
    found = await gateway.indexes.find(name, _BY_WHAT.sub("", text) or text)
    path = index_path(found.index_name, found.ordinal)
    sought = "" if found.whole or not found.ordinal else f"?{urlencode({'sought': text})}"
    return RedirectResponse(path + sought, status_code=302)


@router.api_route("/index/{name}/{ordinal}", methods=["GET", "HEAD"])
async def term(request: Request, name: str, ordinal: str, sought: str = "") -> Response:
    """A term: the path to it, its codes, and the terms below it."""
    gateway = gateway_of(request)
    loaded = await _loaded(gateway, name)
    place = _place(ordinal)
    answer = await gateway.indexes.term(name, place)
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
        "sought": sought[:LONGEST_SOUGHT],
        "noindex": bool(sought),
    }
    return page(request, "pages/index_term.html", values, canonical=index_path(name, place))


async def _loaded(gateway: Gateway, name: str) -> pb.LoadedIndex:
    """Give an index that is loaded. NotFound for another one."""
    for each in (await gateway.indexes.loaded()).indexes:
        if each.name == name:
            return each
    raise NotFound("INDEX_NOT_LOADED", f"The index “{name[:40]}” of ICD-10-CM is not loaded here.")


def _place(text: str) -> int:
    """The place of a term in an address. NotFound for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_PLACE):
        raise NotFound("INDEX_TERM_NOT_FOUND", f"“{text[:40]}” is no place of a term in an index.")
    return int(text)


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
        (words, text, _leading(loaded.name, text))
        for words, texts in (("see", term.see), ("see also", term.see_also))
        for text in filter(None, texts.split("; "))
    ]
    return Row(term, columns, sees)


def _leading(name: str, text: str) -> str:
    """Where a reference is followed: to a term, or to the codes that it names, e.g. "X71-X83 with 7th character S"."""
    codes = _CODES_NAMED.match(text)
    return f"/search?{urlencode({'q': codes[1], 'system': 'icd10cm'})}" if codes else index_reference_path(name, text)
