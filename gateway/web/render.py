"""Draws a code page and its banner. Pure: the same code and view give the same bytes, without input or output.

A page is drawn in parts with room for the account in the header and for the banner below it, because pages are kept by
view while those two speak to one reader.
"""

from dataclasses import dataclass

from codingahead.catalog.v1 import catalog_pb2

from gateway.view import SECTION_TITLES, SECTIONS, Banner, PageView, Visibility
from gateway.web import links, tables, words
from gateway.web.account_part import next_query
from gateway.web.drawing import draw
from gateway.web.shown import section_view, shown_part
from gateway.web.sources import Sources
from gateway.web.structured_data import structured_data

_ACCOUNT_PLACE = "<!--account-->"
_BANNER_PLACE = "<!--banner-->"
_DESCRIPTION_LENGTH = 155


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A drawn code page, in UTF-8."""

    before_banner: bytes
    """Up to the account in the header."""
    between: bytes
    """From the account to the banner below it."""
    after_banner: bytes
    title: str


@dataclass(frozen=True, slots=True)
class _Section:
    id: str
    title: str
    lock: words.Lock | None


def render_code_page(code: catalog_pb2.Code, view: PageView, *, public_url: str = "") -> RenderedPage:
    """The page of a code as one view shows it; nothing that the view hides is anywhere in it.

    ``public_url`` is the site's origin, e.g. ``https://example.org``, for canonical addresses.
    """
    shown = shown_part(code, view)
    path = links.code_path(code.system, code.display_code)
    sections = _sections(view, path)
    title = _title(shown)
    description = _description(shown)
    origin = public_url.rstrip("/")
    html = draw(
        "code/page.html",
        {
            "code": shown,
            "title": title,
            "description": description,
            "canonical": path,
            "public_url": origin,
            "here": "browse",
            "system_name": links.system_name(code.system),
            "kind_words": _kind_words(shown),
            "heading_label": _heading_label(shown),
            "crumbs": _crumbs(shown),
            "sections": sections,
            "official_lock": _official_lock(view, code),
            "common_lock": _rest_of_common(view, path),
            "note_titles": tables.NOTE_TITLES,
            "note_places": tables.note_places(shown.guidelines.tabular_notes),
            "ptp_groups": tables.ptp_groups(shown.edits, shown.code),
            "indicator_groups": tables.indicator_groups(shown.fees.rows),
            "related_groups": tables.related_groups(shown.crosswalks.related),
            "sources": Sources(),
            "structured_data": structured_data(
                shown,
                title=title,
                description=description,
                locked=any(section.lock for section in sections),
                public_url=origin,
            ),
        },
    )
    before, rest = html.split(_ACCOUNT_PLACE)
    between, after = rest.split(_BANNER_PLACE)
    return RenderedPage(before.encode(), between.encode(), after.encode(), title)


def render_banner(banner: Banner, next_path: str) -> bytes:
    """The reader's standing, to stand between the halves of a page; ``next_path`` is the page to come back to."""
    return draw("banner.html", {"words": words.banner_words(banner, next_path)}).encode()


def render_account(account: str, path: str) -> bytes:
    """The reader's part of the header, to stand before the banner: the account's name, or the ways in."""
    return draw("account_part.html", {"account": account or None, "next_query": next_query(path)}).encode()


def _sections(view: PageView, path: str) -> list[_Section]:
    drawn = []
    for section in SECTIONS:
        seen = section_view(view, section)
        teaser = seen.visibility is Visibility.FIRST_SENTENCE and section in {"official", "common"}
        locked = seen.visibility is not Visibility.FULL and not teaser
        lock = words.lock_words(seen, view, path) if locked else None
        drawn.append(_Section(section, SECTION_TITLES[section], lock))
    return drawn


def _official_lock(view: PageView, code: catalog_pb2.Code) -> words.Lock | None:
    """How to see official text that is held back; None when there is none to hold back."""
    if not code.official.text:
        return None
    terms = links.licence_path(code.official.licence, links.code_path(code.system, code.display_code))
    return words.official_words(view.official_text, links.system_name(code.system), terms)


def _rest_of_common(view: PageView, path: str) -> words.Lock | None:
    """The way to the rest of the common-language text, where only its first sentence stands."""
    seen = section_view(view, "common")
    if seen.visibility is not Visibility.FIRST_SENTENCE:
        return None
    others = (other for other in view.sections if other.visibility is Visibility.LOCKED and other.lock)
    reason = seen if seen.lock else next(others, None)
    return words.lock_words(reason, view, path) if reason else None


def _title(shown: catalog_pb2.Code) -> str:
    name = f"{links.system_name(shown.system)} {shown.display_code}"
    return f"{name}: {shown.heading.text} | Coding Ahead" if shown.heading.text else f"{name} | Coding Ahead"


def _description(shown: catalog_pb2.Code) -> str:
    """A sentence for search engines, from what stands on the page."""
    text = shown.common.paragraphs[0] if shown.common.paragraphs else shown.heading.text
    if not text:
        text = "Description, guidelines, billing, edits, fees and history, with sources"
    named = f"{links.system_name(shown.system)} {shown.display_code}: {text}"
    if len(named) <= _DESCRIPTION_LENGTH:
        return named
    return named[:_DESCRIPTION_LENGTH].rsplit(" ", 1)[0].rstrip(",;:.") + " …"


def _kind_words(shown: catalog_pb2.Code) -> str:
    return shown.kind if shown.kind else "code"


def _heading_label(shown: catalog_pb2.Code) -> str:
    """The label under a name that is in our words."""
    if not shown.heading.text or shown.heading.origin != catalog_pb2.TEXT_ORIGIN_OURS:
        return ""
    if shown.system == "cpt":
        return "Our summary, not the CPT descriptor"
    return "Our summary, not the official descriptor"


def _crumbs(shown: catalog_pb2.Code) -> list[tuple[str, str]]:
    """Steps from the code systems down to the code; the last has no address."""
    steps = [("Codes", "/browse"), (links.system_name(shown.system), links.browse_path(shown.system))]
    steps += [(ref.display_code or ref.code, links.ref_path(ref) or links.browse_ref(ref)) for ref in shown.ancestors]
    steps.append((shown.display_code, ""))
    return steps
