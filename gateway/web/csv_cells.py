"""Cells of CSV files that people open in a spreadsheet."""

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell
