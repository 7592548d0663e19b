"""Weeks of gestation are the trimester that titles name."""

import pytest

from services.search.lexicon import split
from services.search.lexicon.trimesters import trimester


@pytest.mark.parametrize(
    ("typed", "said", "called"),
    [
        ("preeclampsia 13 weeks", "13 weeks", "first"),
        ("preeclampsia 13w6d", "13w6d", "first"),
        ("preeclampsia 14 weeks", "14 weeks", "second"),
        ("oligohydramnios 27 6/7 wks", "27 6 7 wks", "second"),
        ("oligohydramnios at 28 wk gestation", "28 wk gestation", "third"),
        ("IUP 33w2d preterm labor", "IUP 33w2d", "third"),
        ("UTI in pregnancy GA 20 weeks", "GA 20 weeks", "second"),
        ("32+4 weeks placenta previa", "32 4 weeks", "third"),
        ("false labor 30 wks", "30 wks", "third"),
    ],
)
def test_weeks_are_a_trimester_where_more_of_a_pregnancy_is_told(typed: str, said: str, called: str) -> None:
    found = trimester(split(typed))
    assert found is not None
    assert (found.row.term, found.row.expansion) == (said, f"{called} trimester")
    assert " ".join(word.raw for word in split(typed)[found.start : found.end]) == said


@pytest.mark.parametrize(
    "typed",
    [
        "32 weeks pregnant",  # a code of its own, Z3A.32
        "32 weeks gestation",
        "preterm newborn 32 weeks",
        "back pain 6 weeks",
        "preeclampsia 2 weeks postpartum",
        "hyperemesis for 6 weeks",
        "preeclampsia 60 weeks",
        "false labor 38 wks",  # O47.1
        "preeclampsia O14.03",
        "twin pregnancy",
    ],
)
def test_other_weeks_are_left_alone(typed: str) -> None:
    assert trimester(split(typed)) is None
