"""The API of releases: which there are, and what one changes against another."""

from collections.abc import Sequence
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2, releases_pb2
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, create_model

from gateway.api.paging import NEXT_CURSOR, Cursor
from gateway.api.schema import ApiModel, model_of, plain
from gateway.cursors import from_cursor, malformed, to_cursor
from gateway.platform import gateway_of, reader_of
from gateway.spelling import name_as_here
from shared.errors import InvalidInput

router = APIRouter(prefix="/api/v1/releases", tags=["Releases"])

ReleaseId = Annotated[str, Path(min_length=1, max_length=120, description="The id of a release.")]
_Release: Any = model_of(catalog_pb2.DataRelease.DESCRIPTOR)
_Difference: Any = model_of(releases_pb2.CodeDifference.DESCRIPTOR)
_LIST: dict[str, Any] = {
    "releases": (list[_Release], Field(description="The releases, the last imported first.")),
    "next_cursor": NEXT_CURSOR,
}
_CHANGES: dict[str, Any] = {
    "old_release": (_Release, Field(description="The release that is compared with.")),
    "new_release": (_Release, Field(description="The release that is compared.")),
    "added": (int, Field(description="Codes that are new in the new release.")),
    "deleted": (int, Field(description="Codes that are no longer in it.")),
    "revised": (int, Field(description="Codes of which something else is said in it.")),
    "differences": (list[_Difference], Field(description="The codes, in order of system and code.")),
    "next_cursor": NEXT_CURSOR,
}
ReleaseList: type[ApiModel] = create_model("ReleaseList", __base__=ApiModel, **_LIST)
ReleaseChanges: type[ApiModel] = create_model("ReleaseChanges", __base__=ApiModel, **_CHANGES)


@router.head("", response_model=ReleaseList, include_in_schema=False)
@router.get("", response_model=ReleaseList, summary="The releases")
async def list_releases(
    request: Request,
    *,
    kind: Annotated[str, Query(max_length=40, description='One kind alone, e.g. "icd10cm-order".')] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Releases on a page.")] = 200,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List every release that is kept, with its days, its setting and whether it answers."""
    releases = await gateway_of(request).catalog.releases(kind)
    begin = _behind(cursor, [release.release_id for release in releases]) if cursor else 0
    page = releases[begin : begin + limit]
    more = begin + limit < len(releases)
    return {
        "releases": [plain(release) for release in page],
        "next_cursor": to_cursor(page[-1].release_id) if more else "",
    }


def _behind(cursor: str, ids: Sequence[str]) -> int:
    """Where the page behind the release of a cursor begins; releases that were imported since stand before it."""
    (last,) = from_cursor(cursor, str)
    if last not in ids:
        raise malformed()
    return ids.index(str(last)) + 1


@router.head("/{old}/changes/{new}", response_model=ReleaseChanges, include_in_schema=False)
@router.get("/{old}/changes/{new}", response_model=ReleaseChanges, summary="What one release changes against another")
async def list_changes(
    request: Request,
    old: ReleaseId,
    new: ReleaseId,
    *,
    change: Annotated[str, Query(max_length=10, description="added, deleted or revised codes alone.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="Codes on a page.")] = 100,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """List the codes that were added, deleted and revised between two releases of one kind. Not counted as a page."""
    asked = releases_pb2.CompareReleasesRequest(
        old_release_id=old, new_release_id=new, change=change, page_size=limit, page_token=cursor
    )
    try:
        found = await gateway_of(request).releases.compare(asked, reader_of(request).principal)
    except InvalidInput as error:
        name_as_here(error, {"page_token": "cursor"})
        raise
    return {
        "old_release": plain(found.old_release),
        "new_release": plain(found.new_release),
        "added": found.added,
        "deleted": found.deleted,
        "revised": found.revised,
        "differences": [plain(difference) for difference in found.differences],
        "next_cursor": found.next_page_token,
    }
