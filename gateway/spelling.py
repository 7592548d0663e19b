"""Spellings of a code that mean the same: dotted or not, any case."""


def undotted(code: str) -> str:
    """Give the code in capitals without its dot; the blank in a chapter's name ("Chapter 1") is a hyphen."""
    return code.strip().upper().replace(".", "").replace(" ", "-")
