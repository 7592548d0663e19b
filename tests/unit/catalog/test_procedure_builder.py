"""The builder offers a value exactly when a valid code has it beside the others, for any set of codes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.procedure_builder import OPEN, Built, ProcedureBuilder, Tables
from services.catalog.records import CodeRecord, Library, ReleaseRecord
from shared.errors import InvalidInput, NotFound

CODES = ["0DB10ZX", "0DB10ZZ", "0DB13ZZ", "0DB20ZZ", "0DT10ZZ", "B20XYZZ"]
RELEASE = ReleaseRecord(
    *("r", "icd10pcs-order", "Order file", "CMS", "FY", None, None, ("icd10pcs",), "", 0, "", datetime.now(UTC), True)
)


def record(code: str, heading: str = "", labels: dict[str, dict[str, str]] | None = None) -> CodeRecord:
    """A code or a table."""
    return CodeRecord(
        "icd10pcs", code, code, "code", heading, True, len(code) == 7, True, 0, 0, 0, (), {"labels": labels}
    )


class Shelf:
    """Codes as a release holds them."""

    def __init__(self, codes: Sequence[str], *, loaded: bool = True) -> None:
        self._codes = sorted(codes)
        self._loaded = loaded

    async def releases_in_force(self) -> dict[str, ReleaseRecord]:
        return {"icd10pcs-order": RELEASE} if self._loaded else {}

    async def tables(self, release_id: str) -> Tables:
        assert release_id == "r"
        names = {code[:3] for code in self._codes}
        labels = {"4": {"1": "Upper Invention"}}
        return Tables(
            headings={"0": "Medical", "0D": "Invented System"},
            tables={name: record(name, "Invented System, Excision", labels) for name in names},
            sizes={name: sum(code.startswith(name) for code in self._codes) for name in names},
        )

    async def codes(self, release_id: str, table: str) -> list[CodeRecord]:
        assert release_id == "r"
        return [record(code) for code in self._codes if code.startswith(table)]


async def build(pattern: str, codes: Sequence[str] = CODES) -> Built:
    """What the builder says."""
    shelf = Shelf(codes)
    return await ProcedureBuilder(cast("Library", shelf), shelf).build(pattern)


def offered(built: Built, place: int) -> str:
    """The values of a place."""
    return "".join(choice.value for choice in built.characters[place - 1].choices)


async def test_the_first_three_characters_choose_a_table() -> None:
    start = await build("")
    assert (offered(start, 1), offered(start, 3), offered(start, 4)) == ("0B", "0BT", "")
    assert start.total == len(CODES)
    assert [choice.meaning for choice in start.characters[0].choices] == ["Medical", ""]
    system = await build("0D")
    assert offered(system, 3) == "BT"
    assert system.characters[2].choices[0].meaning == "Excision"
    assert system.characters[2].choices[0].codes == 4


async def test_values_of_a_table_depend_on_each_other_in_any_order() -> None:
    table = await build("0db")
    assert (offered(table, 4), offered(table, 5), offered(table, 7)) == ("12", "03", "XZ")
    diagnostic = await build("0DB___X")
    assert (offered(diagnostic, 4), offered(diagnostic, 5), offered(diagnostic, 7)) == ("1", "0", "XZ")
    assert [code.code for code in diagnostic.codes] == ["0DB10ZX"]
    assert table.characters[3].choices[0].meaning == "Upper Invention"


async def test_a_value_that_no_code_has_is_taken_out_and_told() -> None:
    built = await build("0DB23ZX")
    assert built.pattern == "0DB2_Z_"
    assert list(built.dropped) == ["5=3", "7=X"]
    assert list((await build("9DB")).dropped) == ["1=9"]
    assert list((await build("__B1")).dropped) == ["4=1"], "places four to seven wait for their table"


async def test_characters_are_named_as_in_their_section() -> None:
    assert [character.name for character in (await build("B20")).characters][2:5] == ["Type", "Body part", "Contrast"]
    assert (await build("0DB")).characters[4].name == "Approach"


@pytest.mark.parametrize("pattern", ["0DB10ZZZ", "0I", "0DB!", "O"])
async def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="digits and letters but I and O"):
        await build(pattern)


async def test_without_codes_nothing_can_be_built() -> None:
    shelf = Shelf([], loaded=False)
    with pytest.raises(NotFound, match="No ICD-10-PCS codes are loaded"):
        await ProcedureBuilder(cast("Library", shelf), shelf).build("")


_VALUES = st.sampled_from("0B1Z")
_CODES = st.sets(st.text(_VALUES, min_size=7, max_size=7), min_size=1, max_size=25).map(sorted)


@settings(max_examples=150)
@given(codes=_CODES, pattern=st.text("0B1Z_", max_size=7))
async def test_offered_is_exactly_what_forms_a_code(codes: list[str], pattern: str) -> None:
    built = await build(pattern, codes)
    fixed = [(at, value) for at, value in enumerate(built.pattern) if value != OPEN]
    assert any(all(code[at] == value for at, value in fixed) for code in codes), "what is kept fits a code"
    for character in built.characters:
        at = character.place - 1
        if at > 2 and built.table is None:
            assert not character.choices
            continue
        others = [(place, value) for place, value in fixed if place != at and (at > 2 or place < 3)]
        expected = {code[at] for code in codes if all(code[place] == value for place, value in others)}
        assert {choice.value for choice in character.choices} == expected
    if built.table is not None:
        matching = [code for code in codes if all(code[at] == value for at, value in fixed)]
        assert built.total == len(matching)
        assert [code.code for code in built.codes] == matching
