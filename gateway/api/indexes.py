"""The API of the indexes of ICD-10-CM: main terms, terms below them, and where references lead."""

from enum import StrEnum
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2, index_pb2
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, create_model

from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.cursors import from_cursor, malformed, to_cursor
from gateway.platform import gateway_of, reader_of

router = APIRouter(prefix="/api/v1/indexes", tags=["Indexes"])


class IndexName(StrEnum):
    """The indexes of ICD-10-CM."""

    ALPHABETIC = "index"
    EXTERNAL_CAUSE = "external-cause"
    NEOPLASM = "neoplasm"
    DRUG = "drug"


Name = Annotated[IndexName, Path(description="The index.")]
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_Index: Any = model_of(index_pb2.LoadedIndex.DESCRIPTOR)
_Term: Any = model_of(index_pb2.IndexTerm.DESCRIPTOR)
_RELEASES: Any = (list[_Release], Field(description="The data this draws on."))
_LIST: dict[str, Any] = {
    "indexes": (list[_Index], Field(description="The indexes that are loaded, in the order of the book.")),
    "releases": _RELEASES,
}
_TERMS: dict[str, Any] = {
    "terms": (list[_Term], Field(description="Main terms in order.")),
    "next_cursor": NEXT_CURSOR,
    "releases": _RELEASES,
}
_ONE: dict[str, Any] = {
    "path": (list[_Term], Field(description="From the main term down to the one above it.")),
    "term": (_Term, Field(description="The term.")),
    "terms": (list[_Term], Field(description="The terms below it, in order.")),
    "only_direct": (bool, Field(description="Whether `terms` are only those directly below it.")),
    "releases": _RELEASES,
}
IndexList: type[ApiModel] = create_model("IndexList", __base__=ApiModel, **_LIST)
MainTerms: type[ApiModel] = create_model("MainTerms", __base__=ApiModel, **_TERMS)
OneTerm: type[ApiModel] = create_model("OneTerm", __base__=ApiModel, **_ONE)
_Reference: Any = model_of(index_pb2.GetReferencedTermResponse.DESCRIPTOR)


# HEAD is a route of its own, outside the document: one operation id belongs to one method.
@router.head("", response_model=IndexList, include_in_schema=False)
@router.get("", response_model=IndexList, summary="The indexes that are loaded")
async def list_indexes(request: Request) -> dict[str, Any]:
    """List the indexes with their letters and columns."""
    answer = await gateway_of(request).indexes.loaded()
    return {
        "indexes": [plain(each) for each in answer.indexes],
        "releases": [plain(release) for release in answer.releases],
    }


@router.head("/{name}", response_model=MainTerms, include_in_schema=False)
@router.get("/{name}", response_model=MainTerms, summary="Main terms of an index")
async def list_main_terms(
    request: Request,
    name: Name,
    begins: Annotated[
        str, Query(max_length=200, description="A letter, or how the terms begin; # for no letter.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="Terms on a page.")] = 100,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List main terms in the order of the book. Not counted as a page."""
    after = _place(cursor, name, begins) if cursor else 0
    answer = await gateway_of(request).indexes.main_terms(name, begins, limit, after)
    _count(request)
    onward = to_cursor(name, begins, answer.next_after) if answer.next_after else ""
    return {**_terms(answer), "next_cursor": onward}


@router.head("/{name}/terms/{ordinal}", response_model=OneTerm, include_in_schema=False)
@router.get("/{name}/terms/{ordinal}", response_model=OneTerm, summary="One term of an index")
async def one_term(
    request: Request,
    name: Name,
    ordinal: Annotated[int, Path(ge=1, le=2**31 - 1, description="The term's place in the index.")],
) -> dict[str, Any]:
    """A term with the path to it, its codes, and the terms below it. Not counted as a page."""
    answer = await gateway_of(request).indexes.term(name, ordinal)
    _count(request)
    return {
        "path": [plain(each) for each in answer.path],
        "term": plain(answer.term),
        "only_direct": answer.only_direct,
        **_terms(answer),
    }


@router.head("/{name}/reference", response_model=_Reference, include_in_schema=False)
@router.get("/{name}/reference", response_model=_Reference, summary="Where a reference of an index leads")
async def follow_reference(
    request: Request,
    name: Name,
    text: Annotated[str, Query(min_length=1, max_length=200, description="The reference as published.")],
) -> dict[str, Any]:
    """The term that names most of a "see" or "see also" reference, in whichever index it stands."""
    answer = await gateway_of(request).indexes.find(name, text)
    _count(request)
    return plain(answer)


def _terms(answer: index_pb2.ListMainTermsResponse | index_pb2.GetIndexTermResponse) -> dict[str, Any]:
    """Give the terms of an answer, and the data they come from."""
    return {
        "terms": [plain(each) for each in answer.terms],
        "releases": [plain(release) for release in answer.releases],
    }


def _place(cursor: str, name: str, begins: str) -> int:
    """Behind which term a page begins; a cursor holds for its own list alone."""
    index, beginning, after = from_cursor(cursor, str, str, int)
    if (index, beginning) != (name, begins):
        raise malformed()
    return int(after)


def _count(request: Request) -> None:
    if request.method != "HEAD":
        gateway_of(request).room.count(reader_of(request), "lookup")
