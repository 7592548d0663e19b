"""What every page says of the reader's account in its header, and what its forms carry."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from gateway.auth.browser_secrets import masked
from gateway.auth.form_check import FIELD
from gateway.auth.reader import Reader


def next_query(path: str) -> str:
    """The query that leads back to a page after signing in; nothing where the page is the home page."""
    return f"?next={quote(path, safe='')}" if path not in ("", "/") else ""


def account_values(scope: Mapping[str, Any]) -> dict[str, object]:
    """The values of a page that depend on who reads: the account's name, the way back, the token of its forms."""
    reader: Reader | None = scope.get("reader")
    session = reader.session if reader is not None else None
    values: dict[str, object] = {"next_query": next_query(_page_of(scope))}
    if session is not None:

        def token() -> str:
            return masked(session.form_token)

        values |= {"account": session.name, "form_token": token, "form_field": lambda: token_field(token())}
    return values


def token_field(token: str) -> Markup:
    """The field of a form that carries a masked token."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)


def _page_of(scope: Mapping[str, Any]) -> str:
    """The address of the page that is read, with its query; signing in and out themselves lead home."""
    path: str = scope["path"]
    if scope["method"] not in ("GET", "HEAD") or path.startswith(("/sign-", "/register")):
        return "/"
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path
