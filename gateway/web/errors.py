"""The error page: one sentence that says what happened, and a way on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from gateway.web.drawing import draw
from gateway.web.links import NAMED_OFFICIALLY, code_path, system_name

_WAYS_ON = {
    HTTPStatus.UNAUTHORIZED: "Send a valid credential, or none at all to read as a guest.",
    HTTPStatus.FORBIDDEN: "If you followed a form here, open its page on this site and send it again.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Open the page through a link on this site.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Shorten what you send and try again.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "Look the code up, or browse to it.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "Delete this site's cookies in your browser and reload the page.",
    HTTPStatus.TOO_MANY_REQUESTS: "Wait a few seconds and reload this page.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Reload this page in a moment.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Reload this page in a moment; nothing was counted.",
}


NOBODY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NearCode:
    """A code near to one that does not exist."""

    system: str
    display_code: str
    name: str = ""
    """Its official name, where that is free to show; empty otherwise."""

    @property
    def path(self) -> str:
        """Its page."""
        return code_path(self.system, self.display_code)

    @property
    def system_name(self) -> str:
        """Its code system as readers know it."""
        return system_name(self.system)


def near_codes(text: str) -> tuple[NearCode, ...]:
    """The nearest codes that catalog names: a JSON list of objects with system, code, display and heading."""
    named = json.loads(text) if text else []
    return tuple(
        NearCode(near["system"], near["display"], near["heading"] if near["system"] in NAMED_OFFICIALLY else "")
        for near in named
    )


def sentence_beside_list(sentence: str) -> str:
    """Catalog's sentence without the nearest codes at its end, for a page that lists them."""
    return sentence.partition(" The nearest: ")[0]


def render_error(
    status: HTTPStatus,
    title: str,
    sentence: str,
    near: Sequence[NearCode] = (),
    account: Mapping[str, object] = NOBODY,
) -> bytes:
    """The page of an error. ``sentence`` says what was wrong; ``near`` are codes that the reader may have meant."""
    values = {
        **account,
        "title": f"{title} | Coding Ahead",
        "heading": title,
        "status": int(status),
        "sentence": sentence_beside_list(sentence) if near else sentence,
        "way_on": _WAYS_ON.get(status, "Look the code up, or browse to it."),
        "near": near,
        "noindex": True,
        "own_search": True,
    }
    return draw("pages/error.html", values).encode()
