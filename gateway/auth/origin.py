"""Where a browser's request comes from, and whether a write may come from there (OWASP, cross-site request forgery)."""

from urllib.parse import SplitResult, urlsplit

from shared.errors import Denied

ORIGIN_HEADERS = frozenset({b"authorization", b"cookie", b"origin", b"referer", b"sec-fetch-site"})
OWN_SITES = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site for a request of our own page, or of the person alone."""


def check_origin(headers: list[tuple[bytes, bytes]], own: str, *, changing: bool) -> None:
    """Denied for a request, not by GET, that another site's page may have sent; `own` is the origin of this site.

    What the check guards is the standing that a browser sends along by itself. A foreign page is refused even when the
    browser withheld our cookie from it. A program that sends neither cookie nor origin rides on nobody's standing, and
    neither does one that names its credential itself. Where a request is not `changing` anything, a program may keep
    our cookie and send no origin: browsers always send one with a POST.
    """
    sent: dict[bytes, str] = {}
    twice = False
    for name, value in headers:
        if name in ORIGIN_HEADERS and sent.setdefault(name, value.decode("latin-1")) != value.decode("latin-1"):
            twice = twice or name != b"cookie"  # no browser says two things of where it writes from
    if b"authorization" in sent:
        return
    origin = sent.get(b"origin") or _origin_of_page(sent.get(b"referer", ""))
    foreign = sent.get(b"sec-fetch-site", "same-origin") not in OWN_SITES or origin not in (None, own)
    if twice or foreign or (changing and b"cookie" in sent and origin is None):
        raise Denied(
            "ORIGIN_FOREIGN",
            "This form was not sent from a page of this site: open the page here and send it again.",
        )


def parts_of(referer: str) -> SplitResult | None:
    """The parts of an address that a request names; None for what is none, e.g. half an IPv6 address."""
    try:
        return urlsplit(referer)
    except ValueError:
        return None


def origin_of(address: str) -> str:
    """The origin of an address of ours or of the issuer's, e.g. ``https://sign-in.example.org``."""
    return _origin(urlsplit(address))


def _origin_of_page(referer: str) -> str | None:
    """The origin of a Referer; None without one. What cannot be read is no origin of ours."""
    if not referer:
        return None
    parts = parts_of(referer)
    return referer if parts is None else _origin(parts)


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc}"
