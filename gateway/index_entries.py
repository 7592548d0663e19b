"""The index entries that lead to an ICD-10-CM code, as the API and the site ask catalog for them."""

from collections.abc import Mapping

from codingahead.catalog.v1 import catalog_pb2 as pb

from gateway.catalog import Catalog
from gateway.spelling import name_as_here, service_day, undotted
from shared.dates import date_message
from shared.errors import InvalidInput


async def entries_of(
    catalog: Catalog, code: str, date: str, *, limit: int, cursor: str, names: Mapping[str, str]
) -> pb.ListIndexLeadsResponse:
    """A page of entries; `names` are those of fields as the caller knows them."""
    day = service_day(date)
    request = pb.ListIndexLeadsRequest(
        code=undotted(code),
        date=date_message(day),
        page_size=limit,
        page_token=cursor,
    )
    try:
        return await catalog.index_entries(request)
    except InvalidInput as error:
        name_as_here(error, names)
        raise
