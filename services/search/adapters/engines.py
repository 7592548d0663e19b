"""The engine that a URL names."""

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from services.search.engine import Engine
from shared.errors import CannotStart
from shared.service import Part


class EnginePart(Engine, Part, Protocol):
    """An engine as a part of the service."""


def open_engine(url: str) -> EnginePart:
    """The engine of SEARCH_ENGINE_URL, not started; CannotStart says what is wrong with the URL."""
    parts = urlsplit(url)
    if parts.scheme == "tantivy" and not parts.netloc and parts.path.startswith("/"):
        from services.search.adapters.tantivy_engine import TantivyEngine  # noqa: PLC0415 - only the chosen one's library

        return TantivyEngine(Path(unquote(parts.path)))
    if parts.scheme in {"http", "https"}:
        from services.search.adapters.elasticsearch_address import Address  # noqa: PLC0415 - as above
        from services.search.adapters.elasticsearch_engine import ElasticsearchEngine  # noqa: PLC0415 - as above

        return ElasticsearchEngine(Address.read(url))
    raise CannotStart(
        f"SEARCH_ENGINE_URL is wrong: tantivy:///folder or http://host:9200/alias is expected, not {parts.scheme}://…."
    )
