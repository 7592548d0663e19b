"""Says in words what is wrong with a field of a claim, and what would be right."""

from collections.abc import Mapping
from typing import Any

WHOLE_NUMBER = "a whole number is expected, such as 1"
_EXPECTED = {
    "modifiers": "two letters or digits are expected, such as 25 or LT",
    "code": "letters and digits are expected, such as 99213",
    "diagnoses": "letters and digits are expected, such as E11.9; of a line, positions of the claim's diagnoses",
    "place_of_service": "two digits are expected, such as 11",
    "id": "a text or a whole number is expected",
}
"""By the field whose form is wrong."""
_BY_TYPE = {
    "missing": "it is missing",
    "extra_forbidden": "a claim has no such member",
    "int_parsing": WHOLE_NUMBER,
    "int_type": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "greater_than_equal": "1 or more is expected",
    "model_type": "an object is expected",
    "list_type": "a list is expected",
}
_OF_FORM = frozenset({"string_pattern_mismatch", "string_too_short", "string_too_long", "string_type"})


def words_of(defect: Mapping[str, Any]) -> str:
    """The sentence for a defect of pydantic's; its own where it needs none of ours."""
    kind, place = defect["type"], [part for part in defect["loc"] if isinstance(part, str)]
    if kind in _OF_FORM or "id" in place:
        expected = next((_EXPECTED[field] for field in reversed(place) if field in _EXPECTED), None)
        if expected is not None:
            return expected
    if kind == "too_short" and place[-1:] == ["lines"]:
        return "there is none; a claim has one line or more"
    if kind == "literal_error":
        return f"{defect['ctx']['expected']} is expected"
    if kind.startswith("date_"):
        return "there is no such day; YYYY-MM-DD is expected, such as 2024-07-15"
    if kind == "less_than_equal":
        return f"{defect['ctx']['le']} or less is expected"
    return _BY_TYPE.get(kind, str(defect["msg"]).removeprefix("Value error, "))
