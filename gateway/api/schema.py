"""Contract messages as the API shows them: one pydantic model a message, and plain values for it.

The API's documents follow from the contracts, comments included, so that the two cannot drift apart. Enum values lose
their prefix ("excludes1"), dates are ISO 8601, absent fields are null.
"""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from pydantic import BaseModel, ConfigDict, Field, create_model

_SCALARS: dict[int, type] = {
    FieldDescriptor.CPPTYPE_STRING: str,
    FieldDescriptor.CPPTYPE_BOOL: bool,
    FieldDescriptor.CPPTYPE_INT32: int,
    FieldDescriptor.CPPTYPE_INT64: int,
}
_TIMESTAMP = "google.protobuf.Timestamp"
_DATE = "google.type.Date"


class ApiModel(BaseModel):
    """The base of the API's models."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@cache
def model_of(descriptor: Descriptor) -> type[ApiModel]:
    """Give the model of a message; every field is always present."""
    fields: dict[str, Any] = {field.name: (_type_of(field), Field()) for field in descriptor.fields}
    return cast("type[ApiModel]", create_model(descriptor.name, __base__=ApiModel, **fields))


def _type_of(field: FieldDescriptor) -> Any:
    if field.message_type is not None:
        inner = _message_type(field.message_type)
    elif field.enum_type is not None:
        inner = Literal[tuple(_enum_words(field.enum_type).values())]
    else:
        inner = _SCALARS[field.cpp_type]
    if field.is_repeated:
        return list[inner]  # type: ignore[valid-type]
    return inner | None if field.has_presence else inner


def _message_type(descriptor: Descriptor) -> Any:
    if descriptor.full_name == _TIMESTAMP:
        return datetime
    if descriptor.full_name == _DATE:
        return date
    return model_of(descriptor)


@cache
def _enum_words(descriptor: EnumDescriptor) -> dict[int, str]:
    """Words of an enum's values without their common prefix."""
    prefix = descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower().replace("_", "-") for value in descriptor.values}


def plain(message: Message) -> dict[str, Any]:
    """Give the values of a message in the form that its model describes, ready for JSON."""
    fields: Any = message.DESCRIPTOR.fields
    return {field.name: _value(message, field) for field in fields}


def _value(message: Message, field: FieldDescriptor) -> Any:
    value = getattr(message, field.name)
    if field.is_repeated:
        return [_single(item, field) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return _single(value, field)


def _single(value: Any, field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return _enum_words(field.enum_type)[value]
    if field.message_type is None:
        return value
    if field.message_type.full_name == _TIMESTAMP:
        return value.ToDatetime(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if field.message_type.full_name == _DATE:
        return f"{value.year:04}-{value.month or 1:02}-{value.day or 1:02}"
    return plain(value)
