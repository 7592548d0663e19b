"""Hears logout tokens as the site does: a listener on the loopback address that Keycloak posts to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

from tests.integration.keycloak.realms import TestRealm


@contextmanager
def heard(realm: TestRealm) -> Iterator[queue.Queue[str]]:
    """The logout tokens that the site's client gets meanwhile, as they come."""
    tokens: queue.Queue[str] = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            tokens.put(form["logout_token"][0])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests say what they saw."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = _address(realm, f"http://127.0.0.1:{server.server_port}/")
    try:
        yield tokens
    finally:
        _address(realm, before)
        server.shutdown()
        server.server_close()


def _address(realm: TestRealm, address: str) -> str:
    """Have the site's client told there; gives where it was told before."""
    admin = realm.admin()
    client = admin.get_client(admin.get_client_id("coding-ahead-web") or "")
    before = str(client["attributes"]["backchannel.logout.url"])
    client["attributes"]["backchannel.logout.url"] = address
    admin.update_client(client["id"], client)
    return before
