"""The URL of a Kafka cluster as the options of its client.

``kafka://host:port[,host:port]`` speaks plain text and ``kafka+ssl://`` TLS; ``user:password@`` before the hosts signs
in by SASL, and both may stand together. Options after ``?``: ``mechanism`` (SCRAM-SHA-512 when left out,
SCRAM-SHA-256, PLAIN), and for TLS ``cafile`` (the system's authorities when left out), ``certfile`` and ``keyfile`` of
a client.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from shared.errors import InvalidInput

SCHEMES = ("kafka", "kafka+ssl")
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
_FILES = ("cafile", "certfile", "keyfile")


def client_options(url: str) -> dict[str, Any]:
    """Options of every client of the cluster: where it is, how it is spoken to, who signs in.

    Raises:
        InvalidInput: with a sentence on what is wrong, which never holds the password.

    """
    scheme, _, rest = url.partition("://")
    place, _, query = rest.partition("?")
    credentials, at, hosts = place.rstrip("/").rpartition("@")
    given = _query(query)
    options: dict[str, Any] = {"bootstrap_servers": _hosts(hosts)}
    tls = scheme == "kafka+ssl"
    options["security_protocol"] = f"{'SASL_' if at else ''}{'SSL' if tls else 'PLAINTEXT'}"
    if at:
        options |= _sasl(credentials, given.pop("mechanism", MECHANISMS[0]))
    if tls:
        options |= {f"ssl_{name}": _file(name, given.pop(name)) for name in _FILES if name in given}
    if given:
        known = [*(["mechanism"] if at else []), *(_FILES if tls else [])]
        raise _wrong(f"has the option {min(given)!r}; with this beginning it takes {', '.join(known) or 'none'}")
    if ("ssl_keyfile" in options) != ("ssl_certfile" in options):
        raise _wrong("names one of certfile and keyfile; a client's certificate needs both")
    return options


def _query(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise _wrong("has options that are not of the form ?name=value&name=value") from None
    return dict(pairs)


def _hosts(hosts: str) -> list[str]:
    servers = [server for server in hosts.split(",") if server]
    for server in servers:
        name, colon, port = server.rpartition(":")
        if not name or not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise _wrong(f"names the broker {server!r}; host:port is needed")
    if not servers:
        raise _wrong("names no broker; host:port is needed")
    return servers


def _sasl(credentials: str, mechanism: str) -> Mapping[str, Any]:
    user, colon, password = credentials.partition(":")
    if not user or not colon or not password:
        raise _wrong("has an @ but not user:password before it; write %40 for an @ and %3A for a : inside of them")
    if mechanism not in MECHANISMS:
        raise _wrong(f"has the mechanism {mechanism!r}; there is {', '.join(MECHANISMS)}")
    return {
        "sasl_mechanism": mechanism,
        "sasl_plain_username": unquote(user),
        "sasl_plain_password": unquote(password),
    }


def _file(name: str, path: str) -> str:
    if not Path(path).is_file():
        raise _wrong(f"names {path!r} as its {name}, which is not a file")
    return path


def _wrong(what: str) -> InvalidInput:
    return InvalidInput("EVENTS_URL_INVALID", f"EVENTS_URL {what}.")
