"""What a row of an edition says of a code, for the code's days and history."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.catalog.records import ReleaseRecord
from services.catalog.systems import FINAL
from services.catalog.validity import Presence


def presence_of(edition: ReleaseRecord, row: Mapping[str, Any] | None) -> Presence:
    """An edition and its row of the code; None where it lacks the code.

    Codes of HCPCS Level II bear days of their own in the row's document: `added` and `terminated`.
    """
    body = row["body"] if row else {}
    return Presence(
        edition=edition.edition,
        begins=edition.effective_from,
        ends=edition.effective_to,
        held=row is not None,
        heading=row["heading"] if row else "",
        reportable=bool(row and row["reportable"]),
        first_day=_day(body.get("added")),
        last_day=_day(body.get("terminated")),
        final=edition.kind in FINAL,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
