"""The domain's answers and the messages of the contract are the same things under the same names."""

from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import IntEnum

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb

from services.catalog import answers
from services.catalog.messages import message_of, page_of

ANSWERS = [kind for kind in vars(answers).values() if is_dataclass(kind) and isinstance(kind, type)]
ENUMS = {
    answers.TextOrigin: pb.TextOrigin,
    answers.TabularNoteKind: pb.TabularNoteKind,
    answers.Setting: pb.Setting,
}


@pytest.mark.parametrize("kind", ANSWERS, ids=lambda kind: kind.__name__)
def test_an_answer_has_the_fields_of_its_message(kind: type) -> None:
    of_the_contract = {field.name for field in getattr(pb, kind.__name__).DESCRIPTOR.fields}
    assert is_dataclass(kind)
    own = {field.name for field in fields(kind)}
    assert of_the_contract - own <= ({"revision"} if kind is answers.Code else set())
    assert own <= of_the_contract


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_a_choice_has_the_numbers_of_the_contract(kind: type[IntEnum]) -> None:
    values = {name: number for name, number in ENUMS[kind].items() if number}
    assert len(values) == len(kind)
    assert all(
        any(name.endswith(f"_{one.name}") and number == one.value for name, number in values.items()) for one in kind
    )


def test_days_moments_and_shared_parts_arrive_whole() -> None:
    source = answers.Citation(title="Manual", locator="ch. 1")
    twice = answers.Statement(text="So it is.", citations=(source, source))
    release = answers.DataRelease(
        release_id="r", effective_from=date(2026, 4, 1), imported_at=datetime(2026, 5, 1, 12, tzinfo=UTC), current=True
    )
    page = answers.Code(
        system="icd10cm",
        code="E119",
        releases=(release,),
        documentation=answers.DocumentationSection(requirements=(twice, twice)),
    )
    message = page_of(page)
    assert [s.citations[1].locator for s in message.documentation.requirements] == ["ch. 1", "ch. 1"]
    assert (message.releases[0].effective_from.year, message.releases[0].HasField("effective_to")) == (2026, False)
    assert message.releases[0].imported_at.ToDatetime(UTC) == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_the_revision_changes_with_anything_on_the_page_and_with_nothing_else() -> None:
    pages = [answers.Code(system="cpt", code="10001", kind=kind) for kind in ("code", "code", "block")]
    same, again, other = (page_of(page).revision for page in pages)
    assert same == again
    assert same != other
    assert message_of(pages[0]).revision == ""
