"""Static files under fingerprinted names: read once, compressed once, never changed under a name."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

mimetypes.add_type("image/svg+xml", ".svg")
mimetypes.add_type("text/javascript", ".js")


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file as it is served."""

    name: str
    """Its fingerprinted name, e.g. ``site.3f2a9c01d4.css``."""
    media_type: str
    body: bytes
    gzipped: bytes
    """The body compressed; empty where that saves nothing."""


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files of the site."""

    by_name: dict[str, Asset]
    """By fingerprinted name."""
    names: dict[str, str]
    """Fingerprinted names by plain name."""

    def url(self, plain: str) -> str:
        """The address of a file by its plain name; KeyError for a name that no file has."""
        return f"/static/{self.names[plain]}"


@cache
def load() -> Assets:
    """The style sheets as one file, and every file of ``static/``."""
    sheets = sorted((HERE / "css").glob("*.css"))
    files = {"site.css": b"\n".join(sheet.read_bytes() for sheet in sheets)}
    files |= {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir()) if path.is_file()}
    by_name: dict[str, Asset] = {}
    names: dict[str, str] = {}
    for plain, body in files.items():
        asset = _asset(plain, body)
        by_name[asset.name] = asset
        names[plain] = asset.name
    return Assets(by_name, names)


def _asset(plain: str, body: bytes) -> Asset:
    stem, _, suffix = plain.rpartition(".")
    fingerprint = hashlib.sha256(body).hexdigest()[:10]
    guessed = mimetypes.guess_type(plain)[0] or "application/octet-stream"
    text = guessed.startswith("text/") or guessed == "image/svg+xml"
    compressed = gzip.compress(body, 9, mtime=0)
    return Asset(
        name=f"{stem}.{fingerprint}.{suffix}",
        media_type=f"{guessed}; charset=utf-8" if text else guessed,
        body=body,
        gzipped=compressed if len(compressed) < len(body) else b"",
    )
