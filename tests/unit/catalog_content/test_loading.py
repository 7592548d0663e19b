"""What the loader of our content promises: everything whole, or every defect with its place."""

from pathlib import Path

import pytest

from services.catalog.content.loading import load_content
from services.catalog.content.new_edition import stamp
from services.catalog.content.places import ContentError
from tests.unit.catalog_content.folders import code_text, write_content


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load_content(folder, with_facts=False)
    return [f"{problem.file}: {problem.what}" for problem in caught.value.problems]


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
    assert problem == "texts/others.yaml: code 00001 already has a text, in texts/lanterns.yaml (line 6)"


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
    assert problem.startswith("texts/broken.yaml:")
    assert told in problem


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path)
    assert "there is no .yaml file here" in problem


def test_missing_facts_are_told_with_the_command_that_writes_them(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"python -m services\.catalog\.content\.facts --data"):
        load_content(write_content(tmp_path, code_text()))


def place_of(folder: Path, what: str) -> tuple[str, int, int]:
    """File, line and column of the only problem, whose sentence must hold the words."""
    with pytest.raises(ContentError, match=what) as caught:
        load_content(folder, with_facts=False)
    (problem,) = caught.value.problems
    return problem.file, *problem.place


BEGINNING = "family: Lanterns\ncodes:\n- system: cpt\n  code: '00001'\n  heading: Polishing of a lantern\n"
REST = (
    "  summary: A keeper polishes the lantern.\n"
    "  report_when:\n  - text: Report it after dusk.\n"
    "  documentation:\n  - text: The log names the keeper.\n"
    "  billing:\n  - {text: One unit a night., source: invented-manual}\n"
)


@pytest.mark.parametrize(
    ("text", "what", "line", "column"),
    [
        (BEGINNING.replace("cpt", "cbt") + REST, "field system", 3, 11),
        (BEGINNING.replace("'00001'", "'1'") + REST, "field code", 4, 9),
        (BEGINNING + "  colour: red\n" + REST, "field colour", 6, 11),
        (BEGINNING + REST.replace("  summary: A keeper polishes the lantern.\n", ""), "field summary", 3, 3),
        (BEGINNING + REST.replace("invented-manual", "lost-book"), "'lost-book'", 12, 39),
        (BEGINNING + REST + "  heading: Again\n", "'heading' stands twice", 13, 3),
        (BEGINNING + "  summary: {\n", "cannot be read as YAML", 7, 1),
        (BEGINNING + REST.replace("lantern.", "\x07"), "cannot be read as YAML", 1, 1),
    ],
)
def test_a_defect_stands_where_the_file_says_it(tmp_path: Path, text: str, what: str, line: int, column: int) -> None:
    write_content(tmp_path)
    (tmp_path / "texts" / "lanterns.yaml").write_text(text)
    assert place_of(tmp_path, what) == ("texts/lanterns.yaml", line, column)


def test_a_byte_order_mark_and_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    write_content(tmp_path)
    whole = (BEGINNING + REST).replace("\n", "\r\n").encode("utf-8-sig")
    (tmp_path / "texts" / "lanterns.yaml").write_bytes(whole)
    assert [text.code.code for text in load_content(tmp_path, with_facts=False).texts] == ["00001"]


def test_a_wrong_encoding_is_told_with_the_place_of_its_first_byte(tmp_path: Path) -> None:
    write_content(tmp_path)
    (tmp_path / "texts" / "lanterns.yaml").write_bytes((BEGINNING + "  summary: caf\xe9\n").encode("latin-1"))
    assert place_of(tmp_path, "save the file in UTF-8") == ("texts/lanterns.yaml", 6, 15)


def test_a_folder_where_a_file_should_be_is_told(tmp_path: Path) -> None:
    write_content(tmp_path, code_text())
    (tmp_path / "texts" / "more.yaml").mkdir()
    assert place_of(tmp_path, "cannot be read")[0] == "texts/more.yaml"


def test_texts_bear_their_edition_until_one_of_them_changes(tmp_path: Path) -> None:
    write_content(tmp_path, code_text())
    assert load_content(tmp_path, with_facts=False).edition_name.startswith("undated (")
    stamp(tmp_path, "2026-11")
    stamped = load_content(tmp_path, with_facts=False)
    assert (stamped.edition_name, str(stamped.edition and stamped.edition.effective_from)) == ("2026-11", "2026-11-01")
    write_content(tmp_path, code_text(heading="Lighting of a lamp"))
    changed = load_content(tmp_path, with_facts=False)
    assert changed.edition_name == "2026-11, with later changes"
    stamp(tmp_path, "2026-12")
    again = load_content(tmp_path, with_facts=False)
    assert again.edition_name == "2026-12"
    assert len({stamped.checksum, changed.checksum, again.checksum}) == 3


def test_an_edition_is_a_month(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2026-13"):
        stamp(write_content(tmp_path, code_text()), "2026-13")
