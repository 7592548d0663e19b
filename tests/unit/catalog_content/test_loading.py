"""What the loader of our content promises: everything whole, or every defect with its place."""

from pathlib import Path

import pytest

from services.catalog.content.loading import ContentError, load_content
from tests.unit.catalog_content.folders import code_text, write_content


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_content(folder, with_facts=False)
    return caught.value.problems


def test_a_whole_folder_is_loaded_in_order_of_code(tmp_path: Path) -> None:
    write_content(tmp_path, code_text("00002"), code_text("00001"))
    content = load_content(tmp_path, with_facts=False)
    assert [text.code.code for text in content.texts] == ["00001", "00002"]
    assert content.texts[0].family == "Lanterns"
    assert content.sources["invented-manual"].publisher == "Nobody"


def test_the_checksum_changes_with_any_byte_of_a_text(tmp_path: Path) -> None:
    before = load_content(write_content(tmp_path, code_text()), with_facts=False).checksum
    after = load_content(write_content(tmp_path, code_text(heading="Lighting of a lamp")), with_facts=False).checksum
    assert before != after


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (code_text(summary=None), ["texts/lanterns.yaml: code 00001, field summary: Field required"]),
        (code_text(heading="x" * 91), ["code 00001, field heading:", "at most 90 characters"]),
        (code_text(billing=[{"text": "No source."}]), ["code 00001, field billing.0.source: Field required"]),
        (code_text(report_when=[{"text": "A.", "at": "ch. 1"}]), ["field report_when.0", "'source' must name"]),
        (code_text(system="hcpcs"), ["code 00001", "is a code of cpt, not of hcpcs"]),
        (code_text(colour="red"), ["code 00001, field colour"]),
        (code_text(code="1"), ["code 1, field code", '(found "1")']),
        (
            code_text(billing=[{"text": "One.", "source": "lost-book"}]),
            ["field billing[0]", "'lost-book' is in no sources"],
        ),
    ],
)
def test_a_defect_names_file_code_and_field(tmp_path: Path, entry: dict[str, object], told: list[str]) -> None:
    (problem,) = problems_of(write_content(tmp_path, entry))
    assert all(part in problem for part in (*told, "texts/lanterns.yaml"))


def test_all_defects_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems_of(write_content(tmp_path, code_text(summary=None), code_text("00002", heading=None)))) == 2


def test_a_code_with_two_texts_names_both_files(tmp_path: Path) -> None:
    write_content(tmp_path, code_text())
    write_content(tmp_path, code_text(), name="others.yaml")
    (problem,) = problems_of(tmp_path)
    assert problem == "texts/others.yaml: code 00001 already has a text, in texts/lanterns.yaml"


def test_a_source_that_is_defined_twice_is_refused(tmp_path: Path) -> None:
    write_content(tmp_path, code_text())
    (tmp_path / "sources-more.yaml").write_bytes((tmp_path / "sources.yaml").read_bytes())
    (problem,) = problems_of(tmp_path)
    assert "the source 'invented-manual' is defined twice" in problem


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("family: A\nfamily: B\n", "'family' stands twice"),
        ("family: [", "cannot be read as YAML"),
        ("- 1\n", "a mapping is expected at the top, found list"),
    ],
)
def test_broken_yaml_is_told_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    write_content(tmp_path, code_text())
    (tmp_path / "texts" / "broken.yaml").write_text(text)
    (problem,) = problems_of(tmp_path)
    assert problem.startswith("broken.yaml:")
    assert told in problem


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert "there is no .yaml file here" in problem


def test_missing_facts_are_told_with_the_command_that_writes_them(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"python -m services\.catalog\.content\.facts --data"):
        load_content(write_content(tmp_path, code_text()))
