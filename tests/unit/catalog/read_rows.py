"""The rows of a reading, whole, for looking at them."""

from services.catalog.imports.importer import Reading
from services.catalog.rows import Blocks, Row


def rows_of(reading: Reading) -> list[Row]:
    """Every row object; an importer that gives blocks is read otherwise."""
    found: list[Row] = []
    for _, rows in reading.rows:
        assert not isinstance(rows, Blocks)
        found += rows
    return found
