"""Whatever the policy locks or the licence withholds is nowhere on the page: not in text, title, data or attributes."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.view import SECTIONS, LockReason, OfficialText, PageView, SectionView, Tier, Visibility
from gateway.web.render import RenderedPage, render_banner, render_code_page
from tests.unit.web import samples, views
from tests.unit.web.marked import marked_code


@st.composite
def page_views(draw: st.DrawFn) -> PageView:
    """Any view that a policy could make."""
    sections = tuple(
        SectionView(section, draw(st.sampled_from(Visibility)), draw(st.sampled_from([None, *LockReason])))
        for section in draw(st.permutations(SECTIONS))[: draw(st.integers(0, len(SECTIONS)))]
    )
    official = draw(st.sampled_from(OfficialText))
    return PageView(draw(st.sampled_from(Tier)), draw(st.booleans()), sections, official, 1, views.UNTIL)


def whole_text(page: RenderedPage) -> str:
    """Everything that is sent, with escapes taken back."""
    sent = (page.before_banner + page.after_banner).decode()
    return html.unescape(sent).encode().decode("unicode_escape", errors="ignore") + html.unescape(sent)


@given(view=page_views(), system=st.sampled_from(["cpt", "icd10cm"]))
@settings(max_examples=150)
def test_no_text_of_a_section_that_is_not_shown_is_anywhere_in_the_page(view: PageView, system: str) -> None:
    code, marks = marked_code(system)
    sent = whole_text(render_code_page(code, view))
    visible = {s.section: s.visibility for s in view.sections}
    for text, path in marks.items():
        section = path.split(".")[1]
        if section in SECTIONS and visible.get(section, Visibility.LOCKED) is Visibility.LOCKED:
            assert text not in sent, path
    if visible.get("common") is not Visibility.FULL:
        assert "secondmark" not in sent


@given(view=page_views())
@settings(max_examples=100)
def test_official_text_and_names_appear_only_where_the_licence_rule_shows_them(view: PageView) -> None:
    code, marks = marked_code("cpt")
    sent = whole_text(render_code_page(code, view))
    if view.official_text is OfficialText.SHOWN:
        return
    for text, path in marks.items():
        if path in {"code.official.text", "code.official.short_text", "code.official.copyright", "code.heading.text"}:
            assert text not in sent, path


@pytest.mark.parametrize("system", ["cpt", "cdt"])
def test_an_official_name_of_a_licensed_code_is_not_on_another_systems_page(system: str) -> None:
    code = samples.diabetes()
    related = code.crosswalks.related.add(relation="alternative")
    related.code.CopyFrom(samples.cpt("99213", "official-secret", samples.OFFICIAL))
    related.code.system = system
    page = render_code_page(code, views.whole())
    assert b"official-secret" not in page.before_banner + page.after_banner
    assert b"99213" in page.after_banner


def test_a_shown_official_text_stands_with_its_copyright() -> None:
    code, marks = marked_code("cpt")
    sent = render_code_page(code, views.whole()).after_banner.decode()
    for text, path in marks.items():
        if path in {"code.official.text", "code.official.copyright"}:
            assert text in sent, path


@pytest.mark.parametrize("official", [OfficialText.SIGN_IN, OfficialText.ACCEPT_LICENCE, OfficialText.NEVER])
def test_a_withheld_official_text_leaves_a_sentence_in_its_place(official: OfficialText) -> None:
    code = samples.infusion()
    code.official.text = "withheld words"
    sent = render_code_page(code, views.whole(official=official)).after_banner.decode()
    assert "withheld words" not in sent
    assert "official CPT text" in sent


HOSTILE = '</script><script>alert("{}")</script><!--banner-->"\'&<b>'


@pytest.mark.parametrize("system", ["cpt", "icd10cm", "hcpcs"])
def test_hostile_texts_stay_texts(system: str) -> None:
    code, _ = marked_code(system, HOSTILE)
    page = render_code_page(code, views.whole())
    sent = (page.before_banner + page.after_banner).decode()
    assert "<script>" not in sent
    assert "<b>" not in sent
    assert sent.count("<script") == 4  # the three files of the site and the data block


def test_an_address_that_is_no_web_address_is_not_linked() -> None:
    code = samples.infusion()
    for statement in code.guidelines.report_when:
        del statement.citations[:]
        statement.citations.add(title="A trap", url="javascript:alert(1)")
    page = render_code_page(code, views.whole())
    assert b"javascript:" not in page.after_banner
    assert b"A trap" in page.after_banner


def test_a_banner_keeps_a_hostile_path_inside_its_address() -> None:
    drawn = render_banner(views.GUEST_AT_ZERO, '/codes/"><script>').decode()
    assert "<script>" not in drawn
    assert "%22%3E%3Cscript%3E" in drawn
