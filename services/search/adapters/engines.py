"""The engine that a URL names."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.search.adapters.tantivy_engine import TantivyEngine
from shared.errors import CannotStart


def open_engine(url: str) -> TantivyEngine:
    """The engine of SEARCH_ENGINE_URL, not started; CannotStart says what is wrong with the URL."""
    parts = urlsplit(url)
    if parts.scheme == "tantivy" and not parts.netloc and parts.path.startswith("/"):
        return TantivyEngine(Path(unquote(parts.path)))
    raise CannotStart(f"SEARCH_ENGINE_URL is wrong: tantivy:///folder is expected, not {parts.scheme}://….")
