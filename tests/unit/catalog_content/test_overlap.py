"""The comparison with a licensed descriptor file, proved on invented text: six words in a row are found, not five."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.content.format import CodeText
from services.catalog.content.overlap import find_overlaps, words_of
from tests.unit.catalog_content.folders import code_text

DESCRIPTORS = {
    "00001": "Lantern, polishing of the great brass lens; at night, twice",
    "00002": "Wick, trimming",
}


def text(**changes: Any) -> CodeText:
    return CodeText.model_validate(code_text(**changes))


def test_six_words_in_common_are_found_with_code_field_and_words() -> None:
    ours = text(report_when=[{"text": "Report the polishing of the great brass lens after dusk."}])
    (overlap,) = find_overlaps([ours], DESCRIPTORS)
    assert (overlap.code, overlap.field, overlap.descriptor_of) == ("00001", "report_when[0]", "00001")
    assert overlap.words == "polishing of the great brass lens"
    assert str(overlap).startswith("code 00001, field report_when[0]: shares 'polishing of the great brass lens'")


def test_five_words_in_common_are_not() -> None:
    assert not find_overlaps([text(summary="Staff begin polishing of the great brass thing. It ends.")], DESCRIPTORS)


def test_marks_case_and_accents_do_not_hide_an_overlap() -> None:
    ours = text(heading="LANTERN: Pólishing (of the) great, brass")
    assert [o.words for o in find_overlaps([ours], DESCRIPTORS)] == ["lantern polishing of the great brass"]


def test_a_longer_run_is_told_once_and_whole() -> None:
    ours = text(summary="Lantern, polishing of the great brass lens at night. It shines.")
    assert [o.words for o in find_overlaps([ours], DESCRIPTORS)] == [
        "lantern polishing of the great brass lens at night"
    ]


def test_two_separate_runs_are_both_told() -> None:
    descriptor = {"00009": "one two three four five six gap seven eight nine ten eleven twelve"}
    ours = text(summary="One two three four five six. Seven eight nine ten eleven twelve.")
    assert len(find_overlaps([ours], descriptor)) == 2


def test_words_of_the_descriptor_of_another_code_count_too() -> None:
    ours = text(code="00005", heading="The polishing of the great brass lens")
    assert [o.descriptor_of for o in find_overlaps([ours], DESCRIPTORS)] == ["00001"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("heading", {"heading": "{}"}),
        ("summary", {"summary": "{}. More."}),
        ("documentation[0]", {"documentation": [{"text": "{}"}]}),
        ("billing[0]", {"billing": [{"text": "{}", "source": "s"}]}),
        ("do_not_report[0]", {"do_not_report": [{"text": "{}", "source": "s"}]}),
        ("modifiers[0]", {"modifiers": [{"modifier": "59", "text": "{}", "source": "s"}]}),
        ("related[0]", {"related": [{"system": "cpt", "code": "00002", "relation": "neighbour", "text": "{}"}]}),
        ("coverage[0]", {"coverage": [{"text": "{}", "source": "s"}]}),
        ("history[0]", {"history": [{"date": "2020-01-01", "text": "{}", "source": "s"}]}),
    ],
)
def test_every_field_is_compared(field: str, changes: dict[str, Any]) -> None:
    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("{}", "polishing of the great brass lens")
        if isinstance(value, list):
            return [fill(v) for v in value]
        return {k: fill(v) for k, v in value.items()} if isinstance(value, dict) else value

    assert [o.field for o in find_overlaps([text(**fill(changes))], DESCRIPTORS)] == [field]


def test_without_descriptors_nothing_is_found() -> None:
    assert not find_overlaps([text()], {})


_WORD = st.sampled_from(["brass", "lens", "of", "the", "lamp", "night"])


@given(st.lists(_WORD, min_size=1, max_size=25), st.lists(_WORD, min_size=1, max_size=25))
def test_an_overlap_is_found_exactly_when_a_run_of_six_is_shared(ours: list[str], theirs: list[str]) -> None:
    runs = {tuple(theirs[i : i + 6]) for i in range(len(theirs) - 5)}
    shared = any(tuple(ours[i : i + 6]) in runs for i in range(len(ours) - 5))
    entry = text(documentation=[{"text": " ".join(ours)}])
    found = find_overlaps([entry], {"00009": " ".join(theirs)})
    assert bool(found) == shared
    assert all(o.words in " ".join(words_of(" ".join(theirs))) for o in found)
