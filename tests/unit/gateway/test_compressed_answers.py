"""Answers are compressed for who wants that, and their headers stay true."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.compressed_answers import LEAST_BYTES, CompressedAnswers

TEXT = "a page of the site " * 200
TAG = '"abc"'


async def _page(request: Request) -> Response:
    headers = {"ETag": TAG, "Vary": "Cookie"}
    if TAG in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(TEXT, media_type="text/html", headers=headers)


async def _small(_request: Request) -> Response:
    return Response("x" * (LEAST_BYTES - 1), media_type="text/html")


async def ask(path: str = "/page", **headers: str) -> httpx.Response:
    app = CompressedAnswers(Starlette(routes=[Route("/page", _page), Route("/small", _small)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_page_is_compressed_and_its_tag_is_weak() -> None:
    answer = await ask(accept_encoding="gzip")
    assert answer.text == TEXT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TEXT) / 4
    assert answer.headers["etag"] == f"W/{TAG}"
    assert answer.headers["vary"] == "Cookie, Accept-Encoding"


@pytest.mark.parametrize("value", ["", "br", "gzip;q=0", "gzip;q=0.1, identity"])
async def test_who_does_not_want_gzip_gets_the_page_as_it_is(value: str) -> None:
    answer = await ask(accept_encoding=value)
    assert answer.text == TEXT
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] == TAG
    assert answer.headers["vary"] == "Cookie, Accept-Encoding"


async def test_a_compressed_page_is_not_sent_again_when_it_has_not_changed() -> None:
    answer = await ask(accept_encoding="gzip", if_none_match=f"W/{TAG}")
    assert answer.status_code == 304
    assert answer.headers["vary"] == "Cookie, Accept-Encoding"


async def test_a_small_answer_is_sent_as_it_is() -> None:
    assert "content-encoding" not in (await ask("/small", accept_encoding="gzip")).headers
