"""Spellings of a code that mean the same, and the names that fields of services have in addresses."""

from collections.abc import Mapping

from shared.errors import InvalidInput


def undotted(code: str) -> str:
    """Give the code in capitals without its dot; the blank in a chapter's name ("Chapter 1") is a hyphen."""
    return code.strip().upper().replace(".", "").replace(" ", "-")


def name_as_here(error: InvalidInput, names: Mapping[str, str]) -> None:
    """Have a service's error name its field as the caller of the gateway knows it."""
    field = error.metadata.get("field", "")
    if field in names:
        error.message = names[field] + error.message.removeprefix(field)
        error.metadata["field"] = names[field]
