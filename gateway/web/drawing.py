"""The template environment: compiled once, escaping everywhere, a missing name is an error."""

import json
from collections.abc import Mapping
from pathlib import Path

from codingahead.catalog.v1 import catalog_pb2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.web import assets, dose_form, links, releases, tables, words

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(
    {
        "asset": assets.load().url,
        "ref_path": links.ref_path,
        "code_path": links.code_path,
        "browse_path": links.browse_path,
        "browse_ref": links.browse_ref,
        "build_path": links.build_path,
        "index_path": links.index_path,
        "edits_path": links.edits_path,
        "report_path": links.report_path,
        "name_of_system": links.system_name,
        "names_of_systems": json.dumps(links.SYSTEM_NAMES, separators=(",", ":")),
        "calendar_date": words.calendar_date,
        "iso_date": words.iso_date,
        "effective": releases.effective_words,
        "release_named": releases.named,
        "release_lines": releases.release_lines,
        "setting_words": tables.setting_words,
        "indicator_words": tables.indicator_words,
        "service_words": tables.service_words,
        "figure": tables.figure,
        "with_links": tables.with_links,
        "measure_words": dose_form.measure_words,
        "blank_dose": dose_form.BLANK,
        "NOT_VALID": catalog_pb2.VALIDITY_NOT_VALID,
        "ORIGIN_OURS": catalog_pb2.TEXT_ORIGIN_OURS,
        "description": "",
        "canonical": "",
        "public_url": "",
        "noindex": False,
        "here": "",
        "own_search": False,
        "account": None,
        "next_query": "",
        "form_field": lambda: "",
        "form_token": lambda: "",
    }
)


def draw(template: str, values: Mapping[str, object]) -> str:
    """A template filled with values. Every text is escaped unless it is Markup."""
    return _ENVIRONMENT.get_template(template).render(values)
