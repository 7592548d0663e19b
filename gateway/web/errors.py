"""The error page: one sentence that says what happened, and a way on."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from gateway.web.drawing import draw
from gateway.web.links import code_path, system_name

_WAYS_ON = {
    HTTPStatus.UNAUTHORIZED: "Send a valid credential, or none at all to read as a guest.",
    HTTPStatus.FORBIDDEN: "If you followed a form here, open its page on this site and send it again.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Open the page with a plain link instead.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Shorten what you send and try again.",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a few seconds and reload this page.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Reload this page in a moment.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Reload this page in a moment; nothing was counted.",
}


@dataclass(frozen=True, slots=True)
class NearCode:
    """A code near to one that does not exist."""

    system: str
    display_code: str

    @property
    def path(self) -> str:
        """Its page."""
        return code_path(self.system, self.display_code)

    @property
    def system_name(self) -> str:
        """Its code system as readers know it."""
        return system_name(self.system)


def render_error(status: HTTPStatus, title: str, sentence: str, near: Sequence[NearCode] = ()) -> bytes:
    """The page of an error. ``sentence`` says what was wrong; ``near`` are codes that the reader may have meant."""
    values = {
        "title": f"{title} | Coding Ahead",
        "heading": title,
        "status": int(status),
        "sentence": sentence,
        "way_on": _WAYS_ON.get(status, "Look the code up, or browse to it."),
        "near": near,
        "noindex": True,
        "own_look_up": True,
    }
    return draw("pages/error.html", values).encode()
