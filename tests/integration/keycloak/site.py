"""The site's client without a site: signs people in over HTTP by the forms that Keycloak shows them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import lxml.html

from tests.integration.keycloak.realms import PASSWORD, TestRealm


@dataclass(frozen=True, slots=True)
class Form:
    """A form of Keycloak's pages."""

    action: str
    fields: dict[str, str]
    page: str

    @classmethod
    def of(cls, answer: httpx.Response) -> Form:
        """The one form of a page."""
        form = lxml.html.fromstring(answer.text, base_url=str(answer.url)).forms[0]
        fields = {name: value or "" for name, value in form.form_values()}
        return cls(str(answer.url.join(form.action)), fields, answer.text)


class Site:
    """One browser at the site's client."""

    def __init__(self, realm: TestRealm) -> None:
        """Take the realm; cookies are kept as a browser keeps them."""
        self.realm = realm
        self.http = httpx.Client(follow_redirects=False, timeout=20, event_hooks={"response": [self._trust]})
        self.callback = f"{realm.public_url}/sign-in/callback"
        self.password = PASSWORD
        self._verifier = secrets.token_urlsafe(48)

    def _trust(self, _: httpx.Response) -> None:
        """Send Secure cookies over the loopback address in plain text, as browsers do."""
        for cookie in self.http.cookies.jar:
            cookie.secure = False

    def ask(self, **changed: str) -> httpx.Response:
        """Ask for a code, as the site's sign-in does."""
        digest = hashlib.sha256(self._verifier.encode()).digest()
        query = {
            "client_id": "coding-ahead-web",
            "response_type": "code",
            "scope": "openid profile email",
            "redirect_uri": self.callback,
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **changed,
        }
        query = {name: value for name, value in query.items() if value}
        return self.http.get(f"{self.realm.issuer}/protocol/openid-connect/auth", params=query)

    def fill(self, page: httpx.Response, **values: str) -> httpx.Response:
        """Send a page's form; where Keycloak leads on to a page of its own, give that page."""
        form = Form.of(page)
        return self._on(self.http.post(form.action, data={**form.fields, **values}))

    def follow(self, link: httpx.URL | str) -> httpx.Response:
        """Open a link of Keycloak's, e.g. one in a mail."""
        return self._on(self.http.get(link))

    def _on(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect and answer.headers["location"].startswith(self.realm.issuer):
            answer = self.http.get(answer.headers["location"])
        return answer

    def sign_in(self, email: str) -> httpx.Response:
        """Name and password; gives what comes next."""
        return self.fill(self.ask(), username=email, password=PASSWORD)

    def change(self, action: str) -> httpx.Response:
        """Ask Keycloak for its form of a change at the account, e.g. UPDATE_PASSWORD."""
        return self._on(self.ask(kc_action=action))

    def tokens(self, answer: httpx.Response) -> dict[str, Any]:  # a token endpoint's answer
        """Exchange the code that an answer leads back with."""
        return self.exchange(answer, auth=self._auth)

    def exchange(self, answer: httpx.Response, *, auth: tuple[str, str]) -> dict[str, Any]:  # ditto
        """Exchange the code as a client with its secret."""
        assert answer.headers["location"].startswith(f"{self.callback}?"), answer.text
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        form = {"code": code, "redirect_uri": self.callback, "code_verifier": self._verifier}
        given: dict[str, Any] = self._post("token", auth, grant_type="authorization_code", **form).json()
        return given

    def sign_out(self, id_token: str) -> httpx.Response:
        """End the sign-on, as the site's sign-out does."""
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": f"{self.realm.public_url}/"}
        return self.http.get(f"{self.realm.issuer}/protocol/openid-connect/logout", params=query)

    def grant(self, **form: str) -> httpx.Response:
        """Ask the token endpoint as the site's client."""
        return self._post("token", self._auth, **form)

    @property
    def _auth(self) -> tuple[str, str]:
        return "coding-ahead-web", self.realm.secret_file.read_text().strip()

    def _post(self, endpoint: str, auth: tuple[str, str], **form: str) -> httpx.Response:
        return self.http.post(f"{self.realm.issuer}/protocol/openid-connect/{endpoint}", data=form, auth=auth)


def claims(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    part = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read
