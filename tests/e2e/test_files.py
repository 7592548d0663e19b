"""What robots and browsers fetch beside pages: the sitemap, robots.txt, static files, unchanged pages, refusals."""

import re
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.e2e.platform import Platform

pytestmark = pytest.mark.browser

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(xml: str) -> list[str]:
    """The addresses in a sitemap or an index of sitemaps."""
    return [place.text or "" for place in ET.fromstring(xml).iterfind(".//s:loc", NAMESPACE)]  # noqa: S314  # our own


@pytest.fixture
def client(platform: Platform) -> httpx.Client:
    """A client without a browser."""
    return httpx.Client(base_url=platform.url, timeout=60)


def test_the_sitemap_names_every_code_page_once_in_files_of_allowed_size(client: httpx.Client) -> None:
    robots = client.get("/robots.txt").text
    index = re.search(r"^Sitemap: (\S+)$", robots, re.MULTILINE)
    assert index
    pages: list[str] = []
    for file in locations(client.get(index[1]).text):
        answer = client.get(file)
        urls = locations(answer.text)
        assert 0 < len(urls) <= 50_000
        assert len(answer.content) <= 50 * 1024 * 1024
        assert len(re.findall(r"<lastmod>\d{4}-\d\d-\d\d</lastmod>", answer.text)) == len(urls)
        pages += urls
    assert len(pages) == len(set(pages))
    assert len(pages) > 90_000
    for page in (pages[0], pages[len(pages) // 2], pages[-1]):
        assert client.get(page).status_code == 200, page


def test_other_requests_are_answered_while_the_sitemap_is_made(client: httpx.Client) -> None:
    index = locations(client.get("/sitemap.xml").text)
    with client.stream("GET", index[0]) as file:
        parts = file.iter_bytes()
        assert b"<urlset" in next(parts)
        assert httpx.get(client.base_url.join("/terms"), timeout=5).status_code == 200
        assert b"".join(parts).endswith(b"</urlset>\n")


@pytest.mark.parametrize("name", ["sitemap-0.xml", "sitemap-icd10cm-0.xml", "sitemap-icd10cm-99.xml", "sitemap-x.xml"])
def test_a_sitemap_that_is_not_there_is_not_found(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/{name}")
    assert answer.status_code == 404
    assert "/sitemap.xml names those there are" in answer.text


def test_static_files_never_change_under_their_name_and_come_compressed(client: httpx.Client) -> None:
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(files) == 5
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "set-cookie" not in answer.headers
    assert client.get(files[0] + ".unknown").status_code == 404
    style = next(file for file in files if file.endswith(".css"))
    assert client.get(style).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("address", ["/", "/browse", "/browse/icd10cm", "/data", "/terms"])
def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.Client, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.head(address).status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/browse/nosuchsystem", 404),
        ("GET", "/browse/icd10cm/E1199", 404),
        ("GET", "/browse/icd10cm?after=nonsense", 400),
        ("GET", "/report-error?system=icd10cm&code=E1199", 404),
        ("GET", f"/search?q={'9' * 201}", 400),
        ("POST", "/terms", 405),
        ("POST", "/codes/icd10cm/E11.9", 405),
        ("GET", f"/{'x' * 3000}", 414),
    ],
)
def test_every_refusal_is_a_page_with_a_sentence_and_a_way_on(
    client: httpx.Client, method: str, address: str, status: int
) -> None:
    answer = client.request(method, address)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text
    assert 'action="/search"' in answer.text
    assert "Traceback" not in answer.text


def test_what_is_too_large_is_refused_with_a_page(client: httpx.Client) -> None:
    body = client.post("/report-error", data={"text": "a" * 70_000}, headers={"Origin": str(client.base_url)})
    header = client.get("/terms", headers={"X-Long": "a" * 20_000})
    assert (body.status_code, header.status_code) == (413, 431)
    for answer in (body, header):
        assert "<h1>" in answer.text
        assert 'action="/search"' in answer.text


def test_a_page_of_staff_leads_a_guest_to_the_sign_in(client: httpx.Client) -> None:
    answer = client.get("/editor/reports", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
