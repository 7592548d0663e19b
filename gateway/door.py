"""What happens around every request: limits on its size, who reads, bursts, the Origin check, errors, security headers.

One plain ASGI layer, because the hot route passes through it.
"""

import itertools
import secrets
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.edits import PATH as CLAIMS_PATH
from gateway.api.endings import SCOPE
from gateway.auth.form_check import STREAMED, with_form_token
from gateway.auth.origin import check_origin, origin_of
from gateway.auth.reader import Reader, Readers
from gateway.burst import Bursts
from gateway.catalog_releases import OPERATOR
from gateway.cors import API_PREFIX, Cors, opened
from gateway.errors import answer_error, answer_failure, answer_status
from gateway.rights import CODES_READ, check, reads_by_post
from gateway.settings import Settings
from gateway.whole_answers import WHOLE, send_whole
from shared.errors import DomainError, InvalidInput
from shared.telemetry import request_id

UNITS_PAGE = "/units"
"""A page beside the page of a code, which is not metered."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
READING_METHODS = frozenset({"GET", "HEAD"})
BACK_CHANNEL = "/sign-out/back-channel"
READERLESS = ("/static/", "/healthz", "/readyz", "/robots.txt", "/sitemap", "/favicon.ico", BACK_CHANNEL)
"""Paths that do not care who asks, and set no cookie: caches may keep them for everybody."""
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'{asked}; form-action 'self'{issuer}; base-uri 'none'; frame-ancestors 'none'"
)
API_DOCS = "/api/docs"
"""The one page whose script may ask the issuer for a token, as a partner's program does."""
LONGEST_PATH = 2048

_PROCESS = secrets.token_hex(4)
_numbers = itertools.count(1)
"""A request's id is its number in this process, behind what tells processes apart."""

_log = structlog.get_logger(__name__)


class Door:
    """Stands before the whole application."""

    def __init__(
        self,
        app: ASGIApp,
        code_pages: ASGIApp,
        *,
        settings: Settings,
        readers: Readers,
        bursts: Bursts,
        cors: Cors,
        mounts: Mapping[str, ASGIApp],
    ) -> None:
        """Take the application, the hot route that goes past it, and what the door needs to know.

        `mounts` are applications of others by the prefix of their paths, which ends with a slash. They get the scope as
        it is, know no reader, and check themselves where a write comes from.
        """
        self._app = app
        self._code_pages = code_pages
        self._mounts = mounts
        self._mounted = tuple(mounts)
        self._settings = settings
        self._readers = readers
        self._bursts = bursts
        self._cors = cors
        self._origin = settings.public_url
        self._longest_header = settings.longest_header_bytes
        self._security = _security_headers(settings)
        self._docs_security = _security_headers(settings, asks_issuer=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens on the way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = f"{_PROCESS}{next(_numbers):08x}"
        request_id.set(identity)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            at_once = message["type"] == WHOLE
            if at_once or message["type"] == "http.response.start":
                started = True
                security = self._docs_security if scope["path"] == API_DOCS else self._security
                own = (b"x-request-id", identity.encode())
                message["headers"] = [*message["headers"], *security, own, *scope.get(SCOPE, ())]
                reader: Reader | None = scope.get("reader")
                if reader is not None and (reader.set_cookie is not None or reader.signed_in):
                    _add_for_reader(message, reader)
                    message["headers"].extend(opened(reader, scope["headers"]))
            await (send_whole(scope, message, send) if at_once else send(message))

        try:
            await self._answer(scope, receive, send_with_headers)
        except DomainError as error:
            response = answer_error(Request(scope), error)
        except MultiPartException as error:  # a form that is read where the framework does not answer by itself
            response = answer_error(Request(scope), InvalidInput("FORM_MALFORMED", f"The form: {error.message}"))
        except Exception as error:  # noqa: BLE001 - nobody gets to see a trace
            _log.error("unforeseen failure", path=scope["path"], exc_info=error)
            response = answer_failure(Request(scope), identity)
        else:
            return
        if not started:
            await response(scope, receive, send_with_headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        too_large = self._too_large(scope, headers)
        if too_large is not None:
            await too_large(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(self._mounted):
            await self._mount_of(path)(scope, _bounded(receive, self._settings.longest_body_bytes), send)
            return
        if scope["method"] == "OPTIONS" and path.startswith(API_PREFIX):
            preflight = await self._cors.preflight(headers)
            if preflight is not None:
                await preflight(scope, receive, send)
                return
        if not path.startswith(READERLESS):
            reader = await self._readers.of(headers, scope["client"][0] if scope["client"] else "")
            scope["reader"] = reader
            refused = self._refused_burst(scope, reader)
            if refused is not None:
                await refused(scope, receive, send)
                return
        if scope["method"] not in SAFE_METHODS:
            check_origin(headers, self._origin, changing=not reads_by_post(path))
            receive = _bounded(receive, self._longest_body(scope), _announced(headers))
            reader_here: Reader | None = scope.get("reader")
            if reader_here is not None and reader_here.session is not None:
                receive = await with_form_token(scope, receive, reader_here.session)
        if path.startswith("/codes/") and not path.endswith(UNITS_PAGE):
            await self._code_page(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _longest_body(self, scope: Scope) -> int:
        path: str = scope["path"]
        if path not in STREAMED and path != CLAIMS_PATH:
            return self._settings.longest_body_bytes
        reader: Reader = scope["reader"]
        if path in STREAMED:
            operator = OPERATOR in reader.principal.roles
            return self._settings.longest_upload_bytes if operator else self._settings.longest_body_bytes
        return self._settings.longest_claims_bytes if reader.signed_in else self._settings.longest_guests_claims_bytes

    def _mount_of(self, path: str) -> ASGIApp:
        return next(app for prefix, app in self._mounts.items() if path.startswith(prefix))

    async def _code_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in READING_METHODS:
            reader: Reader = scope["reader"]
            if reader.key is not None:  # everybody else may read, as the meter allows
                check(CODES_READ, reader.principal, reader.scopes)
            await self._code_pages(scope, receive, send)
            return
        refused = answer_status(
            Request(scope),
            HTTPStatus.METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            f"{scope['method']} is not possible at {scope['path']}: a code page is read.",
            headers={"Allow": "GET, HEAD"},
        )
        await refused(scope, receive, send)

    def _too_large(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> Response | None:
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
        if size > self._longest_header:
            return answer_status(
                Request(scope),
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "HEADER_TOO_LARGE",
                f"The request's header is longer than {self._longest_header} bytes: send fewer cookies or headers.",
            )
        if len(scope.get("raw_path") or b"") > LONGEST_PATH:
            return answer_status(
                Request(scope),
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "PATH_TOO_LONG",
                f"The path is longer than {LONGEST_PATH} bytes.",
            )
        return None

    def _refused_burst(self, scope: Scope, reader: Reader) -> Response | None:
        limit = self._bursts[reader.principal.kind]
        wait = limit.wait(reader.network if reader.newcomer else reader.principal.id)
        if wait == 0:
            return None
        sentence = "Too many requests at once: wait a moment and go on more slowly."
        return answer_status(
            Request(scope),
            HTTPStatus.TOO_MANY_REQUESTS,
            "TOO_FAST",
            sentence,
            headers=limit.headers(wait),
        )


def _add_for_reader(message: Message, reader: Reader) -> None:
    """Set the reader's cookie, and keep the answer out of shared caches: one of them would make one reader of many."""
    headers: list[tuple[bytes, bytes]] = message["headers"]
    if reader.set_cookie is not None:
        headers.append((b"set-cookie", reader.set_cookie))
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"private, no-cache"))


def _announced(headers: list[tuple[bytes, bytes]]) -> int:
    """The length of a body as its header says; 0 where it does not."""
    length = dict(headers).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


def _bounded(receive: Receive, longest: int, announced: int = 0) -> Receive:
    """Read a body up to a bound; one that says that it is longer is refused before any of it comes."""
    if announced > longest:
        raise BodyTooLarge(longest)
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > longest:
            raise BodyTooLarge(longest)
        return message

    return bounded


class BodyTooLarge(InvalidInput):
    """A request's body is longer than the gateway reads."""

    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, longest: int) -> None:
        """Take the bound in bytes."""
        super().__init__("BODY_TOO_LARGE", f"The request's body is longer than {longest} bytes.")


def _security_headers(settings: Settings, *, asks_issuer: bool = False) -> tuple[tuple[bytes, bytes], ...]:
    # Signing out is a form whose answer leads on to the issuer, and browsers hold that step to form-action as well.
    issuer = origin_of(settings.oidc_issuer)
    elsewhere = "" if issuer == origin_of(settings.public_url) else f" {issuer}"
    policy = CONTENT_POLICY.format(issuer=elsewhere, asked=elsewhere if asks_issuer else "")
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"x-content-type-options", b"nosniff"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if settings.secure:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return tuple(headers)
