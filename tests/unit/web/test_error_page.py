"""What a reader finds where something went wrong: what it was, and a way on."""

import json
import re
from http import HTTPStatus

import pytest

from gateway.problems import TITLES
from gateway.web.errors import near_codes, render_error

NEAR = json.dumps(
    [
        {"system": "icd10cm", "code": "E119", "display": "E11.9", "heading": "Type 2 diabetes without complications"},
        {"system": "cpt", "code": "96365", "display": "96365", "heading": "A name that may be licensed"},
    ]
)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 414, 422, 429, 431, 500, 503, 504])
def test_every_error_page_says_what_happened_and_leads_on(status: int) -> None:
    known = HTTPStatus(status)
    html = render_error(known, TITLES.get(known, known.phrase), "A sentence <of> its own.").decode()
    assert f"Error {status}" in html
    assert "A sentence &lt;of&gt; its own." in html
    assert len(re.findall(r"<h1>[^<]{5,}</h1>", html)) == 1
    assert 'action="/search"' in html
    assert 'href="/browse"' in html
    assert '<meta name="robots" content="noindex">' in html


def test_the_nearest_codes_are_named_once_as_a_list() -> None:
    sentence = "There is no ICD-10-CM code E1199 in this release. The nearest: ICD-10-CM E11.9."
    html = render_error(HTTPStatus.NOT_FOUND, "Not found", sentence, near_codes(NEAR)).decode()
    assert "There is no ICD-10-CM code E1199 in this release.</p>" in html
    assert "The nearest" not in html
    assert html.count(">E11.9<") == 1


def test_the_name_of_a_near_code_is_shown_only_where_it_is_free_to_show() -> None:
    html = render_error(HTTPStatus.NOT_FOUND, "Not found", "No such code.", near_codes(NEAR)).decode()
    assert "Type 2 diabetes without complications" in html
    assert "A name that may be licensed" not in html
    assert ">96365<" in html
