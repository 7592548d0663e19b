"""Makes messages of the contract out of the domain's answers: classes and fields of both bear the same names."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from codingahead.catalog.v1 import catalog_pb2 as pb
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from services.catalog import answers
from services.catalog.records import ExportedCode
from shared.errors import InvalidInput

REVISION_LENGTH = 32
_ORIGINS = {True: pb.TEXT_ORIGIN_OFFICIAL, False: pb.TEXT_ORIGIN_OURS}
_NAMES = {
    kind: tuple(field.name for field in fields(kind))
    for kind in vars(answers).values()
    if isinstance(kind, type) and is_dataclass(kind)
}
"""The fields of every kind of answer."""


def message_of(answer: Any) -> Any:
    """The message of an answer, by the name of its class."""
    return _message(answer, {})


def page_of(code: answers.Code) -> pb.Code:
    """The message of a page, with its revision: a digest of everything else in it."""
    message: pb.Code = message_of(code)
    message.revision = hashlib.sha256(message.SerializeToString(deterministic=True)).hexdigest()[:REVISION_LENGTH]
    return message


def day_of(message: Date, field: str) -> date:
    """The day of a message; InvalidInput for one that is no whole day."""
    try:
        return date(message.year, message.month, message.day)
    except ValueError:
        raise InvalidInput(
            "DATE_MALFORMED",
            f"{field}: {message.year}-{message.month}-{message.day} is no day; year, month and day are expected.",
            metadata={"field": field},
        ) from None


def exported(batch: Iterable[ExportedCode]) -> pb.ExportCodesResponse:
    """A part of an export; made without the detour of answers, for there are a hundred thousand codes."""
    part = pb.ExportCodesResponse()
    moments: dict[datetime, Timestamp] = {}
    for each in batch:
        at = moments.get(each.changed_at)
        if at is None:
            moments[each.changed_at] = at = _value(each.changed_at, {})
        part.codes.add(
            ref=pb.CodeRef(
                system=each.system,
                code=each.code,
                display_code=each.display,
                heading=pb.Heading(text=each.heading, origin=_ORIGINS[each.official]),
                reportable=each.reportable,
                has_children=each.has_children,
                has_page=True,
            ),
            changed_at=at,
        )
    return part


def _message(answer: Any, made: dict[int, Message]) -> Message:
    """An answer stands in a page often (a code in many edits), so each is made once; the page keeps it alive."""
    found = made.get(id(answer))
    if found is None:
        kind = type(answer)
        values = {name: value for name in _NAMES[kind] if (value := getattr(answer, name))}
        found = getattr(pb, kind.__name__)(**{name: _value(value, made) for name, value in values.items()})
        made[id(answer)] = found
    return found


def _value(value: Any, made: dict[int, Message]) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return [_value(each, made) for each in value]
    if isinstance(value, datetime):
        at = Timestamp()
        at.FromDatetime(value.astimezone(UTC))
        return at
    if isinstance(value, date):
        return Date(year=value.year, month=value.month, day=value.day)
    return _message(value, made)
