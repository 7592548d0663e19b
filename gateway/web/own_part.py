"""What of a code page speaks to its reader: the account in the header, the standing, and what the reader keeps.

Drawn parts are kept, as most readings look the same; one that shows a private note never is. The token of a session's
forms goes in at the last moment. The part is sent uncompressed (gateway/compression.py).
"""

from hashlib import sha256
from typing import NamedTuple

from markupsafe import Markup

from gateway.auth.browser_secrets import masked
from gateway.auth.keeper import SessionStanding
from gateway.library.beside import Beside
from gateway.library.rules import LONGEST_NOTE
from gateway.pages import HeldCode
from gateway.view import Banner
from gateway.web.account_part import token_field
from gateway.web.drawing import draw
from gateway.web.render import render_account, render_banner
from shared.newest import Newest

KEPT_PARTS = 20_000
_TOKEN_PLACE = Markup("<!--form-token-->")


class OwnPart(NamedTuple):
    """The reader's own part of a page, from the account in the header to what is kept."""

    body: bytes
    tag: bytes
    """Its part of the page's ETag."""
    private: bool = False
    """Whether it shows a private note."""


class _Drawn(NamedTuple):
    whole: OwnPart
    """As it is without a session."""
    pieces: list[bytes]
    """What stands around the places of the token."""


class OwnParts:
    """Draws them."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: Newest[tuple[Banner, str, str, Beside | None], _Drawn] = Newest(KEPT_PARTS)

    def of(
        self,
        held: HeldCode,
        banner: Banner,
        between: bytes,
        *,
        session: SessionStanding | None,
        beside: Beside | None,
    ) -> OwnPart:
        """Give the own part of a page; `between` is what is the same for all between account and banner.

        `beside` is what the reader keeps on the code; None for readers who keep nothing anywhere: guests and programs.
        """
        account = session.name if session is not None else ""
        private = beside is not None and beside.note is not None
        key = (banner, held.address, account, beside)
        drawn = None if private else self._kept.get(key)
        if drawn is None:
            drawn = _draw(held, banner, between, account, beside)
            if not private:
                self._kept.put(key, drawn)
        if session is None or beside is None:
            return drawn.whole
        # A page that the browser kept goes on for the same session alone: another one's forms carry another token.
        token = masked(session.form_token).encode()
        return OwnPart(token.join(drawn.pieces), drawn.whole.tag + session.id_hash[:4].hex().encode(), private)


def _draw(held: HeldCode, banner: Banner, between: bytes, account: str, beside: Beside | None) -> _Drawn:
    body = render_account(account, held.address) + between + render_banner(banner, held.address)
    if beside is not None:
        body += _panel(held, beside)
    pieces = body.split(_TOKEN_PLACE.encode())
    tag = sha256(body).hexdigest()[:8].encode()
    return _Drawn(OwnPart(b"".join(pieces), tag, beside is not None and beside.note is not None), pieces)


def _panel(held: HeldCode, beside: Beside) -> bytes:
    return draw(
        "own_panel.html",
        {
            "beside": beside,
            "path": held.address,
            "name": f"{held.code.system}/{held.code.code}",
            "longest_note": LONGEST_NOTE,
            "form_field": lambda: token_field(_TOKEN_PLACE),
        },
    ).encode()
