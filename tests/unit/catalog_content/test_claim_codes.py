"""Modifiers and places of service: official words or ours, each with a source, and never the AMA's."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from services.catalog.content.lint import findings
from services.catalog.content.loading import Content, load_content
from services.catalog.content.places import ContentError
from services.catalog.imports.claim_codes import claim_rows
from tests.unit.catalog_content.folders import code_text, write_content

OURS = {"code": "25", "heading": "Visit beside a lantern", "summary": "It marks a visit.", "source": "invented-manual"}
OFFICIAL = {"code": "LT", "official": True, "heading": "Left lantern", "source": "invented-manual"}


def folder_with(folder: Path, *codes: dict[str, Any]) -> Path:
    """A content folder with these modifiers."""
    write_content(folder, code_text())
    (folder / "claim-codes").mkdir(exist_ok=True)
    document = {"system": "modifier", "group": "Lantern modifiers", "codes": list(codes)}
    (folder / "claim-codes" / "lanterns.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def content() -> Content:
    """The repository's own content."""
    return load_content()


def test_entries_become_codes_below_their_group(tmp_path: Path) -> None:
    rows = list(claim_rows(load_content(folder_with(tmp_path, OFFICIAL, OURS), with_facts=False)))
    assert [(row.code, row.parent, row.official, row.reportable) for row in rows] == [
        ("LANTERN-MODIFIERS", None, False, False),
        ("25", "LANTERN-MODIFIERS", False, True),
        ("LT", "LANTERN-MODIFIERS", True, True),
    ]
    assert rows[1].body["summary"] == "It marks a visit."
    assert rows[1].body["sources"]["invented-manual"]["title"] == "An invented manual"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({**OURS, "source": "nobody"}, "source 'nobody' is in no sources"),
        ({**OURS, "source": None}, "field source"),
        ({**OFFICIAL, "summary": "Ours."}, "leave out one of the two"),
        ({**OURS, "summary": None}, "has a summary and no description"),
        ({**OURS, "code": "2"}, "field code"),
    ],
)
def test_an_entry_that_is_not_right_is_named(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    with pytest.raises(ContentError, match=words) as error:
        load_content(folder_with(tmp_path, entry), with_facts=False)
    assert error.value.problems[0].file == "claim-codes/lanterns.yaml"


def test_an_entry_that_stands_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="code LT stands twice"):
        load_content(folder_with(tmp_path, OFFICIAL, OFFICIAL), with_facts=False)


def test_a_change_of_a_modifier_is_a_change_of_the_content(tmp_path: Path) -> None:
    before = load_content(folder_with(tmp_path, OURS), with_facts=False).checksum
    assert load_content(folder_with(tmp_path, {**OURS, "heading": "Visit"}), with_facts=False).checksum != before


def test_house_rules_hold_for_our_words(tmp_path: Path) -> None:
    spoilt = {**OURS, "summary": "Each additional lantern; lit"}
    found = findings(load_content(folder_with(tmp_path, spoilt), with_facts=False))
    assert len([finding for finding in found if "modifier 25" in finding]) == 3


def test_modifiers_of_two_digits_are_in_our_words_alone(content: Content) -> None:
    modifiers = {c.code: c for part in content.claim_codes if part.system == "modifier" for c in part.codes}
    assert {"25", "59", "76", "LT", "RT", "XE", "XS", "XP", "XU", "JW", "JZ", "26", "TC"} <= modifiers.keys()
    assert not [code for code, entry in modifiers.items() if code.isdigit() and entry.official]
    not_in_a_table_here = {"FT"}
    assert {code for code, entry in modifiers.items() if not code.isdigit() and not entry.official} == (
        not_in_a_table_here
    )


def test_every_modifier_that_a_code_page_names_has_a_page(content: Content) -> None:
    known = {c.code for part in content.claim_codes if part.system == "modifier" for c in part.codes}
    named = {rule.modifier for text in content.texts for rule in text.code.modifiers}
    assert named - known == set()


def test_places_of_service_are_official(content: Content) -> None:
    places = {c.code: c for part in content.claim_codes if part.system == "pos" for c in part.codes}
    assert len(places) == 52
    assert all(place.official and place.source == "cms-pos" for place in places.values())
    assert places["11"].heading == "Office"
    facility = {code for code, place in places.items() if any("facility rate" in r.text for r in place.billing)}
    assert {"21", "22", "23", "24", "19"} <= facility
