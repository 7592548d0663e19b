"""One request under work: the transaction, the tokens of forms, cookies, pages, and what is sent after the commit."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from deploy.local.issuer import grants, letters, sign_ons
from deploy.local.issuer.accounts import Tx
from deploy.local.issuer.asked import Asked
from deploy.local.issuer.protocol import Protocol
from deploy.local.issuer.secret_values import new_secret
from deploy.local.issuer.settings import IssuerSettings
from deploy.local.issuer.sign_ons import Person, SignOn
from deploy.local.issuer.signing import SigningKeys
from deploy.local.issuer.tokens import Tokens
from gateway.web import assets
from shared.errors import Denied
from shared.mail import Mail

SIGN_ON_COOKIE = "issuer-sign-on"
FORM_COOKIE = "issuer-form"
STEP_COOKIE = "issuer-step"

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class LogoutNotice:
    """A logout token to be sent to a client after the commit."""

    address: str
    token: str


@dataclass
class Visit:
    """What a handler works with."""

    asked: Asked
    tx: Tx
    settings: IssuerSettings
    keys: SigningKeys
    tokens: Tokens
    form_key: bytes
    mails: int = 0
    """How many it has queued."""
    notices: list[LogoutNotice] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies to set; an empty value takes one away."""

    @property
    def protocol(self) -> Protocol:
        """The protocol's endpoints on this transaction."""
        return Protocol(self.tx, self.settings, self.keys, self.tokens)

    def person(self) -> Person | None:
        """Who has signed on in this browser."""
        cookie = self.asked.cookies.get(SIGN_ON_COOKIE)
        return sign_ons.of_cookie(self.tx, cookie) if cookie else None

    def path(self, rest: str, *, without: str = "") -> str:
        """An address of the issuer, with the query of this one but for a parameter."""
        query = self.asked.query_text
        if without in self.asked.query:
            query = urlencode([part for part in self.asked.query.multi_items() if part[0] != without])
        return f"{self.settings.base}/{rest}{'?' if query else ''}{query}"

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """Draw a page; its forms carry a token that only this browser's cookie fits."""
        cookie = self.asked.cookies.get(FORM_COOKIE) or self.cookies.setdefault(FORM_COOKIE, new_secret())
        known = {"asset": assets.load().url, "form_token": self._form_token(cookie), "base": self.settings.base}
        body = _templates.get_template(template).render(known | values)
        return HTMLResponse(body, status, {"Cache-Control": "no-store"})

    def error_page(self, status: int, sentence: str) -> Response:
        """Draw a page that says what is wrong."""
        return self.page("error.html", status, title="This did not work", sentence=sentence)

    def redirect(self, address: str) -> Response:
        """Lead on."""
        return RedirectResponse(address, 303, {"Cache-Control": "no-store"})

    def check_form(self) -> None:
        """Raise Denied for a form that no page of ours in this browser has made."""
        cookie = self.asked.cookies.get(FORM_COOKIE, "")
        origin = self.asked.headers.get("origin", self.settings.public_url)
        token = self.asked.form.get("form_token", "")
        fits = hmac.compare_digest(token.encode(), self._form_token(cookie).encode())
        if not cookie or not fits or origin != self.settings.public_url:
            raise Denied(
                "FORM_FOREIGN", "This form was open too long or came from elsewhere: go back and send it again."
            )

    def write(self, mail: Mail | None) -> None:
        """Have a mail go out when the transaction has committed."""
        letters.queue(self.tx, mail)
        self.mails += 1

    def end(self, ended: SignOn | None) -> None:
        """Tell the clients of a sign-on that it has ended."""
        if ended is not None:
            self.notices += [
                LogoutNotice(address, self.tokens.logout_token(client, ended))
                for client, address in grants.told_of_logout(self.tx, ended.id)
            ]

    def finish(self, response: Response) -> Response:
        """Set the cookies."""
        for name, value in self.cookies.items():
            response.set_cookie(
                name, value, max_age=None if value else 0, path=self.settings.base, httponly=True, samesite="lax",
                secure=self.settings.public_url.startswith("https://"),
            )  # fmt: skip
        return response

    def _form_token(self, cookie: str) -> str:
        return hmac.digest(self.form_key, cookie.encode(), hashlib.sha256).hex()


def texts(form: Mapping[str, str], *names: str) -> list[str]:
    """Give fields of a form without blanks around them."""
    return [form.get(name, "").strip() for name in names]
