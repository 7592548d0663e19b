"""Pages as gzip from parts that were compressed before: a page's halves once, a reader's banner between them as it is.

The parts become one gzip member (RFC 1952) of several deflate blocks (RFC 1951), because curl, httpx and Chromium read
no further than the first member. Its checksum is made from the parts' own, without reading them again.

Who serves a body of `join` sends `Content-Encoding: gzip`, marks the page's ETag as weak (W/) because a strong one
differs by coding (RFC 9110, section 8.8.3), and sends `Vary: Accept-Encoding`, also with 304 and with the plain body.
Compression over TLS tells lengths, and so secrets beside text that somebody else chose (the BREACH attack): a page that
shows its reader a secret is not compressed. Code pages show none.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache

BEST = 9
_HEAD = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"  # gzip, deflate, no name, no time, best compression, any system
_LAST_BLOCK = b"\x03\x00"
_LARGEST_STORED = 0xFFFF
_GZIP = frozenset({"gzip", "x-gzip"})
_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Compressed:
    """A part of a page as whole deflate blocks that refer to nothing before them."""

    blocks: bytes
    size: int
    """Bytes of the part itself."""
    crc: int
    """Checksum of the part alone."""
    carried: tuple[int, ...]
    """For each bit of a checksum of what stands before, what it becomes behind the part (the CRC is linear)."""


def compress(part: bytes) -> Compressed:
    """Compress a part once; costs some milliseconds for a whole page."""
    compressor = zlib.compressobj(BEST, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = compressor.compress(part) + compressor.flush(zlib.Z_SYNC_FLUSH)
    crc = zlib.crc32(part)
    carried = tuple(zlib.crc32(part, 1 << bit) ^ crc for bit in range(32))
    return Compressed(blocks, len(part), crc, carried)


def join(before: Compressed, banner: bytes, after: Compressed) -> list[bytes]:
    """Give the pieces of a gzip body that decodes to the two parts with the banner between them."""
    crc = _crc_behind(zlib.crc32(banner, before.crc), after)
    size = (before.size + len(banner) + after.size) & 0xFFFFFFFF
    return [_HEAD, before.blocks, *_stored(banner), after.blocks, _LAST_BLOCK + struct.pack("<II", crc, size)]


def _crc_behind(crc: int, part: Compressed) -> int:
    behind = part.crc
    for carried in part.carried:
        if crc & 1:
            behind ^= carried
        crc >>= 1
    return behind


def _stored(text: bytes) -> list[bytes]:
    """Deflate blocks that hold the text uncompressed."""
    pieces: list[bytes] = []
    for start in range(0, len(text), _LARGEST_STORED):
        block = text[start : start + _LARGEST_STORED]
        pieces += (struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF), block)
    return pieces


@lru_cache(maxsize=1024)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is wanted by the value of an Accept-Encoding header, by RFC 9110, section 12.5.3.

    An empty value wants no coding. Where gzip and identity are both weighed, the heavier one wins, and gzip a tie.
    """
    weights: dict[str, float] = {}
    for element in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in element.split(";"))
        weights[coding] = _weight(parameters)
    gzip = max((weights[name] for name in _GZIP if name in weights), default=weights.get("*", 0.0))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weight(parameters: list[str]) -> float:
    if not parameters:
        return 1.0
    found = _WEIGHT.fullmatch(parameters[0])
    return float(found[1]) if found and len(parameters) == 1 else 0.0
