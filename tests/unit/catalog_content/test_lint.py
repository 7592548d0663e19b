"""The house rules for texts, each shown to catch what it is for."""

from pathlib import Path
from typing import Any

import pytest

from services.catalog.content.lint import findings
from services.catalog.content.loading import load_content
from tests.unit.catalog_content.folders import code_text, write_content


def findings_of(folder: Path, **changes: Any) -> list[str]:
    write_content(folder, code_text(**changes), code_text("00002"))
    return findings(load_content(folder, with_facts=False))


def test_a_clean_text_has_no_findings(tmp_path: Path) -> None:
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"summary": "Only one sentence here."}, "1 sentences, where two to four"),
        ({"summary": "One. Two. Three. Four. Five."}, "5 sentences, where two to four"),
        ({"summary": "One sentence. And one without its end"}, "does not end with a full stop"),
        ({"summary": "Polishing; each night. It shines."}, "a semicolon"),
        ({"summary": "It is for each additional lamp. It shines."}, "'each additional'"),
        ({"documentation": [{"text": "List separately in addition."}]}, "'list separately'"),
        ({"documentation": [{"text": "Polishing with or without oil."}]}, "'with or without'"),
        ({"heading": "Polishing (separate procedure)"}, "'(separate procedure)'"),
        ({"heading": "Polishing of a lantern."}, "ends without a full stop"),
        ({"heading": "00001 polishing"}, "the code itself stands beside it"),
        ({"related": [{"system": "cpt", "code": "00003", "relation": "neighbour", "text": "Lost."}]}, "leads nowhere"),
        ({"related": [{"system": "cpt", "code": "00001", "relation": "neighbour", "text": "Self."}]}, "names itself"),
        (
            {"related": [{"system": "cpt", "code": "00002", "relation": "neighbour", "text": "Twice."}] * 2},
            "stands twice",
        ),
    ],
)
def test_a_breach_is_found_and_named(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    found = findings_of(tmp_path, **changes)
    assert any(told in finding and "texts/lanterns.yaml: code 00001" in finding for finding in found), found
