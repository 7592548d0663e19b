"""A page that is put together from compressed parts is the page, for every decoder, and only for who wants it."""

import gzip
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.compression import accepts_gzip, compress, join

BEFORE = b"<!doctype html><title>Code</title>" + b"<p>Includes: a note of the tabular list.</p>" * 500
BANNER = b"<p>1 code page view remaining.</p>"
AFTER = b"<p>Excludes1: another note of the tabular list.</p>" * 500


@given(st.binary(max_size=2000), st.binary(max_size=300), st.binary(max_size=2000))
def test_the_joined_parts_are_the_whole(before: bytes, banner: bytes, after: bytes) -> None:
    # gzip.decompress checks the checksum and the size
    assert gzip.decompress(b"".join(join(compress(before), banner, compress(after)))) == before + banner + after


def test_a_banner_longer_than_a_stored_block_is_whole() -> None:
    banner = bytes(range(256)) * 600
    assert gzip.decompress(b"".join(join(compress(BEFORE), banner, compress(AFTER)))) == BEFORE + banner + AFTER


def test_the_parts_are_compressed_before_they_are_joined() -> None:
    body = b"".join(join(compress(BEFORE), BANNER, compress(AFTER)))
    assert len(body) < len(BEFORE + BANNER + AFTER) / 20


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pieces = join(compress(BEFORE), BANNER, compress(AFTER))
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(sum(map(len, pieces))))
        self.end_headers()
        self.wfile.writelines(pieces)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_httpx_reads_the_page_whole(address: str) -> None:
    assert httpx.get(address).content == BEFORE + BANNER + AFTER


def test_curl_reads_the_page_whole(address: str) -> None:
    try:
        done = subprocess.run(["curl", "-s", "--compressed", address], capture_output=True, timeout=30, check=True)
    except FileNotFoundError:
        pytest.skip("there is no curl")
    assert done.stdout == BEFORE + BANNER + AFTER


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZIP;Q=0.5", True),
        ("x-gzip", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("*", True),
        ("gzip, identity", True),
        ("gzip;q=1.000, identity;q=0", True),
        ("", False),
        ("br", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip;q=0.5, identity;q=1", False),
        ("gzip;q=2", False),
        ("gzip;q=much", False),
        ("gzipped", False),
        (";;,,", False),
    ],
)
def test_gzip_is_for_who_asks_for_it(value: str, wanted: bool) -> None:
    assert accepts_gzip(value) is wanted
