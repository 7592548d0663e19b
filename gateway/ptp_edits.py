"""One code's procedure-to-procedure edits, as the API and the site ask catalog for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from codingahead.catalog.v1 import catalog_pb2 as pb

from gateway.catalog import Catalog
from gateway.spelling import name_as_here, service_day, undotted
from shared.dates import date_message
from shared.errors import InvalidInput


class Setting(StrEnum):
    """The settings whose edits Medicare publishes."""

    PRACTITIONER = "practitioner"
    OUTPATIENT = "outpatient"


SETTINGS = {Setting.PRACTITIONER: pb.SETTING_PRACTITIONER, Setting.OUTPATIENT: pb.SETTING_OUTPATIENT}


@dataclass(frozen=True, slots=True)
class EditQuery:
    """Which edits are asked for, as it came."""

    system: str
    code: str
    setting: Setting
    column: int
    """1 or 2; 0 for both."""
    with_code: str
    date: str
    limit: int
    cursor: str


async def edits_of(catalog: Catalog, query: EditQuery, names: Mapping[str, str]) -> pb.ListPtpEditsResponse:
    """A page of edits; `names` are those of fields as the caller knows them."""
    day = service_day(query.date)
    request = pb.ListPtpEditsRequest(
        system=query.system.lower(),
        code=undotted(query.code),
        setting=SETTINGS[query.setting],
        column=query.column,
        with_code=query.with_code.strip().upper(),
        date=date_message(day),
        page_size=query.limit,
        page_token=query.cursor,
    )
    try:
        return await catalog.ptp_edits(request)
    except InvalidInput as error:
        name_as_here(error, names)
        raise
