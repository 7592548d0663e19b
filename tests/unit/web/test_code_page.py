"""What a reader finds on a code page."""

import json
import re
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from gateway.view import SECTION_TITLES, Banner, LockReason, Tier
from gateway.web.render import render_banner, render_code_page
from gateway.web.shown import first_sentence
from tests.unit.web import samples, views


def html_of(code: object, view: object) -> str:
    page = render_code_page(code, view)  # type: ignore[arg-type]  # samples and views of this package
    return (page.before_banner + page.after_banner).decode()


def banner_text(banner: Banner) -> str:
    """The banner as a reader reads it."""
    sentence = re.search(r"<p>(.*?)</p>", render_banner(banner, "/codes/cpt/96365").decode(), re.DOTALL)
    assert sentence
    return re.sub(r"<[^>]+>", "", sentence[1])


def test_a_guests_granted_page_shows_two_sections_and_names_seven_with_a_lock() -> None:
    html = html_of(samples.infusion(), views.guest_granted())
    assert html.count('class="lock__title">Register to view content<') == 7
    assert html.count('class="lock__detail">Create a free account to unlock this content<') == 7
    assert "further hours or for a second drug" in html
    for title in SECTION_TITLES.values():
        assert re.search(rf"<h2[^>]*>{title}</h2>", html), title


def test_a_page_without_views_keeps_one_sentence() -> None:
    html = html_of(samples.infusion(), views.without_views())
    assert "this code reports the first hour of it." in html
    assert "rather than plain fluid" not in html


def test_a_whole_page_has_no_lock() -> None:
    html = html_of(samples.infusion(), views.whole())
    assert 'class="lock"' not in html
    assert '"isAccessibleForFree":true' in html


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (LockReason.REGISTER, "Create a free account to unlock this content"),
        (LockReason.WAIT_OR_UPGRADE, "New page views open on 24 December 2026 (UTC)"),
        (LockReason.SIGN_IN, "Sign in or create a free account"),
        (LockReason.ACCEPT_LICENCE, "once you have accepted the terms of its licence"),
        (LockReason.METERING_AWAY, "Nothing was counted"),
    ],
)
def test_every_lock_says_how_to_go_on(reason: LockReason, words: str) -> None:
    assert html_of(samples.infusion(), views.without_views(reason)).count(words) >= 7


def test_the_data_block_marks_the_locked_part() -> None:
    html = html_of(samples.infusion(), views.guest_granted())
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert block
    data = json.loads(block[1])
    assert data["isAccessibleForFree"] is False
    assert data["hasPart"] == {
        "@type": "WebPageElement",
        "isAccessibleForFree": False,
        "cssSelector": ".section--locked",
    }
    assert html.count("section--locked") == 7 + 1  # the sections and the selector that names them


def test_our_name_of_a_cpt_code_is_labelled() -> None:
    html = html_of(samples.infusion(), views.guest_granted())
    assert "Our summary, not the CPT descriptor" in html.split("</h1>")[1][:200]


def test_a_release_past_its_dates_is_not_current() -> None:
    html = html_of(samples.diabetes(), views.whole())
    assert "1 April 2026 to 30 September 2026" in html
    assert "not current" in html


def test_inherited_notes_name_where_they_stand_and_codes_are_links() -> None:
    html = html_of(samples.diabetes(), views.whole())
    assert '<span>Inherited from <a href="/codes/icd10cm/4">4</a></span>' in html
    assert '(<a href="/codes/icd10cm/O24.4">O24.4</a>-)' in html


def test_a_statement_leads_to_its_numbered_source() -> None:
    html = html_of(samples.infusion(), views.whole())
    assert 'href="#source-1"' in html
    assert 'id="source-1"' in html
    assert html.count('id="source-') == 2


def test_headings_stand_in_order() -> None:
    for code in (samples.infusion(), samples.diabetes(), samples.fracture()):
        levels = [int(level) for level in re.findall(r"<h([1-6])", html_of(code, views.whole()))]
        assert levels[0] in {1, 2}
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_is_written_inline_that_a_content_policy_would_refuse() -> None:
    html = html_of(samples.infusion(), views.whole())
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"\son\w+=", html)


@pytest.mark.parametrize(
    ("banner", "words"),
    [
        (
            views.GUEST_AT_ZERO,
            (
                "0 code page views remaining. Guest accounts are limited to 1 page view. "
                "Register free account to get 5 more views."
            ),
        ),
        (Banner(Tier.GUEST, False, 3, 1, None, 1), "1 code page view remaining. Guest accounts are limited to 3 page"),
        (views.FREE_WITH_THREE, "3 of 6 code page views remaining. They last until 24 December 2026 (UTC)"),
        (views.FREE_AT_ZERO, "0 of 6 code page views remaining. New page views open on 24 December 2026 (UTC)"),
        (Banner(Tier.PRO, True, None, None, None, 0), "Pro plan. Code page views without limit."),
        (Banner(Tier.PARTNER, True, 1000, 950, views.UNTIL, 0), "950 of 1,000 code pages remaining this month."),
        (Banner(Tier.GUEST, False, 1, 1, None, 5, network_capped=True), "Sign in or register a free account"),
        (Banner(Tier.FREE, False, None, None, None, 5, metering_away=True), "Nothing was counted"),
        (Banner(Tier.FREE, True, None, None, None, 5, metering_away=True), "so it stays open"),
    ],
)
def test_the_banner_says_where_the_reader_stands(banner: Banner, words: str) -> None:
    assert words in banner_text(banner)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One sentence.", "One sentence."),
        ("First. Second.", "First."),
        ("A drug, e.g. Saline, is given. Then more.", "A drug, e.g. Saline, is given."),
        ("It takes 1.5 hours. Then more.", "It takes 1.5 hours."),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_end_it(text: str, first: str) -> None:
    assert first_sentence(text) == first


def test_equal_views_draw_equal_pages() -> None:
    later = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert html_of(samples.infusion(), views.without_views(until=later)) == html_of(
        samples.infusion(), views.without_views()
    )


def test_a_page_is_drawn_in_well_under_a_tenth_of_a_second() -> None:
    code, view = samples.infusion(), views.whole()
    render_code_page(code, view)
    durations = []
    for _ in range(10):
        start = time.perf_counter()
        render_code_page(code, view)
        durations.append(time.perf_counter() - start)
    assert min(durations) < 0.05
    print(f"best of ten: {min(durations) * 1000:.1f} ms")
