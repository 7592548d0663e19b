"""Spellings of a code that mean the same, and the names that fields of services have in addresses."""

from collections.abc import Mapping

from shared.errors import InvalidInput


def undotted(code: str) -> str:
    """Give the code in capitals without its dot; the blank in a chapter's name ("Chapter 1") is a hyphen."""
    return code.strip().upper().replace(".", "").replace(" ", "-")


def as_named_here(error: InvalidInput, names: Mapping[str, str]) -> InvalidInput:
    """Give a service's error with its field named as the caller of the gateway knows it."""
    field = error.metadata.get("field", "")
    if field not in names:
        return error
    message = names[field] + error.message.removeprefix(field)
    return InvalidInput(error.reason, message, metadata=error.metadata | {"field": names[field]})
