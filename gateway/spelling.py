"""Spellings of a code that mean the same: dotted or not, any case."""


def undotted(code: str) -> str:
    """Give the code in capitals without its dot."""
    return code.strip().upper().replace(".", "")
