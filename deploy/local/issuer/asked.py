"""A request as the issuer's handlers see it, read whole before a thread works on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request
from starlette.datastructures import FormData, QueryParams
from starlette.formparsers import MultiPartException
from starlette.requests import Request

if TYPE_CHECKING:
    from deploy.local.issuer.grants import Grant
    from deploy.local.issuer.sign_ons import Person


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: QueryParams
    query_text: str
    form: Mapping[str, str]
    """The first value of each field."""
    form_lists: Mapping[str, list[str]]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    peer: str

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters of a protocol request: of the address, and without any there, of the form."""
        return dict(self.query) if self.query else self.form

    @property
    def param_lists(self) -> Mapping[str, list[str]]:
        """All values of each parameter."""
        return {name: self.query.getlist(name) for name in self.query} if self.query else self.form_lists


async def read(request: Request) -> Asked:
    """Read a request with its form; files in forms are left out."""
    form = await _form(request) if request.method == "POST" else FormData()
    lists: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            lists.setdefault(name, []).append(value.replace("\0", ""))  # PostgreSQL keeps no such character
    return Asked(
        method=request.method,
        path=request.url.path,
        query=QueryParams([(name, value.replace("\0", "")) for name, value in request.query_params.multi_items()]),
        query_text=request.url.query,
        form={name: values[0] for name, values in lists.items()},
        form_lists=lists,
        headers=request.headers,
        cookies=request.cookies,
        peer=request.client.host if request.client else "",
    )


async def _form(request: Request) -> FormData:
    """The form of a request; one that cannot be read has no fields, and is refused for what it lacks."""
    try:
        return await request.form()
    except MultiPartException:
        return FormData()


class Payload(OAuth2Payload):  # type: ignore[misc]  # the library has no types
    """Parameters, for the protocol library."""

    def __init__(self, params: Mapping[str, str], lists: Mapping[str, list[str]]) -> None:
        """Take the first and all values of each."""
        self._params = params
        self._lists = lists

    @property
    def data(self) -> Mapping[str, str]:
        """The first value of each."""
        return self._params

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        """All values of each."""
        return self._lists


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]  # the library has no types
    """A request, for the protocol library."""

    user: "Person | None"
    authorization_code: "Grant | None"
    refresh_token: "Grant | None"

    def __init__(self, asked: Asked, public_url: str) -> None:
        """Take the request and the origin by which it came; a Host header is not believed."""
        super().__init__(asked.method, f"{public_url}{asked.path}", headers=asked.headers)
        self._asked = asked
        # The token endpoint reads its form alone: a secret in an address ends up in logs (RFC 6749, 2.3.1).
        own = asked.path.endswith(("/token", "/revoke"))
        self.payload = Payload(asked.form if own else asked.params, asked.form_lists if own else asked.param_lists)

    @property
    def args(self) -> Mapping[str, Any]:
        """The parameters of the address."""
        return dict(self._asked.query)

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of the form."""
        return self._asked.form
