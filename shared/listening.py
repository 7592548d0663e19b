"""Whether an address can be listened on, said in a sentence before a server tries and fails in its own words; and how a
listener lets no further connection begin.
"""

import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys
from pathlib import Path

from shared.errors import CannotStart

LONGEST_SOCKET_PATH = 107
"""Bytes that fit into a unix socket's address on Linux, less the closing zero."""

_SO_ATTACH_FILTER = 26
_LOAD_BYTE, _AND, _IS, _TAKE = 0x30, 0x54, 0x15, 0x06
_FLAGS, _SYN, _ACK, _WHOLE = 13, 0x02, 0x10, 0xFFFFFFFF
_NO_SYN = (
    (_LOAD_BYTE, 0, 0, _FLAGS),
    (_AND, 0, 0, _SYN | _ACK),
    (_IS, 0, 1, _SYN),
    (_TAKE, 0, 0, 0),
    (_TAKE, 0, 0, _WHOLE),
)
"""A program for Linux's socket filter, which sees TCP segments from their header on: it drops what begins a connection
(Linux, Documentation/networking/filter.rst; flags are byte 13 of the header, RFC 9293, 3.1)."""


def hear_no_more(listener: socket.socket) -> bool:
    """Let no connection begin at a listening TCP socket; those that have begun go on. False where there is no such way.

    A client's first segment gets no answer and is sent again a second later: by then the socket is closed, or a
    successor listens. Closing it at once resets what begins between the last accept and the close.
    """
    if sys.platform != "linux":
        return False
    program = b"".join(struct.pack("=HBBI", *each) for each in _NO_SYN)
    held = ctypes.create_string_buffer(program, len(program))
    with contextlib.suppress(OSError):
        listener.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HL", len(_NO_SYN), ctypes.addressof(held))
        )
        return True
    return False


def require_free(address: str) -> None:
    """Raise CannotStart unless a server can listen on host:port or unix:/path."""
    if address.startswith("unix:"):
        _require_free_path(Path(address.removeprefix("unix:")))
    else:
        _require_free_port(address, *host_and_port(address))


def host_and_port(address: str) -> tuple[str, int]:
    """Take host:port apart, [::1]:port as well; CannotStart when it is not of that form."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise CannotStart(f"{address!r} is no address to listen on: write host:port, e.g. 127.0.0.1:50051.")
    return host.removeprefix("[").removesuffix("]") or "::", int(port)


def _require_free_path(path: Path) -> None:
    size = len(os.fsencode(path))
    if size > LONGEST_SOCKET_PATH:
        raise CannotStart(
            f"The socket path {path} has {size} bytes, and {LONGEST_SOCKET_PATH} fit: choose a shorter folder."
        )
    if not path.parent.is_dir():
        raise CannotStart(f"The socket {path} cannot be made: its folder does not exist.")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return  # nothing is there, or a file that a killed server left: it is replaced
    raise CannotStart(f"Another process listens on {path} already: stop it, or choose another path.")


def _require_free_port(address: str, host: str, port: int) -> None:
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CannotStart(f"Nothing can listen on {address}: {host} is no address of this machine.") from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            raise CannotStart(_sentence(address, host, error)) from None


def _sentence(address: str, host: str, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Another process listens on {address} already: stop it, or choose another port."
    if error.errno == errno.EACCES:
        return f"This user may not listen on {address}: choose a port above 1023."
    return f"Nothing can listen on {address}: {host} is no address of this machine."
