"""Makes messages of the contract out of the domain's answers: classes and fields of both bear the same names."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from codingahead.catalog.v1 import catalog_pb2 as pb
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
    message = getattr(pb, type(answer).__name__)()
    _write(answer, message, {})
    return message


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
            moments[each.changed_at] = at = Timestamp()
            _write_time(each.changed_at, at)
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


def _write(answer: Any, message: Any, written: dict[int, bytes]) -> None:
    """Write an answer into its message in place: composing messages out of messages would copy each of them.

    A code stands in a page often (in many edits), so each is written once; the page keeps it alive.
    """
    known = written.get(id(answer))
    if known is not None:
        message.MergeFromString(known)
        return
    for name in _NAMES[type(answer)]:
        value = getattr(answer, name)
        if not value:
            continue
        if isinstance(value, str | int):
            setattr(message, name, value)
        elif isinstance(value, tuple):
            _write_all(value, getattr(message, name), written)
        elif isinstance(value, date):
            _write_time(value, getattr(message, name))
        else:
            part = getattr(message, name)
            part.SetInParent()
            _write(value, part, written)
    if isinstance(answer, answers.CodeRef):
        written[id(answer)] = message.SerializeToString()


def _write_all(values: tuple[Any, ...], messages: Any, written: dict[int, bytes]) -> None:
    if isinstance(values[0], str | int):
        messages.extend(values)
        return
    for value in values:
        _write(value, messages.add(), written)


def _write_time(value: date, message: Any) -> None:
    if isinstance(value, datetime):
        message.FromDatetime(value.astimezone(UTC))
    else:
        message.year, message.month, message.day = value.year, value.month, value.day
