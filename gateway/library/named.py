"""The names of the codes in a library: asked of catalog each time, for a library keeps only which codes they are."""

from collections.abc import Sequence

from codingahead.catalog.v1 import catalog_pb2

from gateway.catalog import Catalog
from gateway.library.rules import CodeKey
from gateway.web.shown import without_licensed_names
from shared.errors import DeadlineExceeded, Unavailable

MOST_AT_ONCE = 2_000


async def named(catalog: Catalog, keys: Sequence[CodeKey]) -> dict[CodeKey, catalog_pb2.CodeRef]:
    """Give codes by their keys; one that does not exist any more, or while catalog is away, without a name."""
    wanted = list(dict.fromkeys(keys))
    refs: list[catalog_pb2.CodeRef] = []
    try:
        for start in range(0, len(wanted), MOST_AT_ONCE):
            refs += await catalog.named(wanted[start : start + MOST_AT_ONCE])
    except (Unavailable, DeadlineExceeded):
        refs = [catalog_pb2.CodeRef(system=key.system, code=key.code, display_code=key.code) for key in wanted]
    return dict(zip(wanted, without_licensed_names(refs), strict=True))
