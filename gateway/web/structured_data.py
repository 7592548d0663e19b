"""The JSON-LD block of a code page, for search engines. Built from what the view shows, so it can tell no more."""

import json
from typing import Any

from codingahead.catalog.v1 import catalog_pb2
from markupsafe import Markup

from gateway.web.links import browse_ref, code_path, ref_path, system_name

LOCKED_SELECTOR = ".section--locked"
"""The class of every section that this view locks."""

_UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def structured_data(code: catalog_pb2.Code, *, title: str, description: str, locked: bool, public_url: str) -> Markup:
    """The block's JSON, safe inside a script element. ``code`` holds only what the view shows."""
    url = public_url + code_path(code.system, code.display_code)
    about: dict[str, Any] = {
        "@type": "MedicalCode",
        "codeValue": code.display_code,
        "codingSystem": system_name(code.system),
    }
    if code.heading.text:
        about["name"] = code.heading.text
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "name": title,
        "description": description,
        "url": url,
        "inLanguage": "en",
        "about": about,
        "breadcrumb": _breadcrumb(code, public_url),
        "isAccessibleForFree": not locked,
    }
    if locked:
        page["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": LOCKED_SELECTOR}
    return safe_json(page)


def safe_json(value: object) -> Markup:
    """JSON in which no character can end or open a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in _UNSAFE_IN_SCRIPT.items():
        text = text.replace(character, escaped)
    return Markup(text)  # noqa: S704  # every character that could leave the data block is escaped above


def _breadcrumb(code: catalog_pb2.Code, public_url: str) -> dict[str, Any]:
    steps = [(system_name(code.system), f"{public_url}/browse/{code.system}")]
    steps += [(ref.display_code, public_url + (ref_path(ref) or browse_ref(ref))) for ref in code.ancestors]
    steps.append((code.display_code, public_url + code_path(code.system, code.display_code)))
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
