"""How lists of the API go page by page: `limit` bounds a page, and its `next_cursor` is the `cursor` of the next."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

LONGEST_CURSOR = 500

Cursor = Annotated[str, Query(max_length=LONGEST_CURSOR, description="next_cursor of the page before.")]
NextCursor = Annotated[str, Field(description="The cursor of the next page; empty at the end.")]
NEXT_CURSOR: Any = (NextCursor, ...)
"""The same as a field of a model that is created."""
