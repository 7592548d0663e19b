"""Weeks of gestation as titles say them: pre-eclampsia at 32 weeks is one in the third trimester.

Trimesters are counted from the first day of the last menstrual period: the first is less than 14 weeks 0 days, the
second 14 weeks 0 days to less than 28 weeks 0 days, the third 28 weeks 0 days until delivery (ICD-10-CM Tabular List,
chapter 15).
"""

import re
from collections.abc import Sequence

from services.search.lexicon.bands import Measured
from services.search.lexicon.row import Kind, Match, Row, Scope
from services.search.lexicon.spoken import SILENT
from services.search.lexicon.words import Word

SECOND, THIRD = 14, 28
"""The week that a trimester begins with."""
TERM = 37
"""From this week on labor that is false has a code of its own, which knows no trimester (ICD-10-CM O47.1)."""
FEWEST, MOST = 4, 43
"""Weeks that a pregnancy is told by."""
_WEEKS = re.compile(r"(\d{1,2}) ?(?:\d 7 ?|\d )?(?:w|wk|wks|week|weeks)(?: ?\d ?d(?:ays?)?)?")
"""Words of 32 weeks, 32w4d, 32 4/7 wks, 32+4 weeks with a blank between them."""
MOST_WORDS = 5
"""Of which a number of weeks is written."""
_OF_IT = frozenset(["gestation", "gest", "ga", "ega", "iup"])
"""Words before and behind the weeks that say no more than these."""
_PREGNANT = _OF_IT | {"pregnant", "pregnancy"}
_BARELY = _PREGNANT | SILENT
"""Beside the weeks they tell nothing more."""
_CARRYING = _PREGNANT | frozenset(
    [
        "gestational", "gravid", "gravida", "antepartum", "antenatal", "prenatal", "obstetric", "ob", "preeclampsia",
        "eclampsia", "hellp", "previa", "placenta", "placental", "abruption", "abruptio", "accreta", "hyperemesis",
        "labor", "ptl", "prom", "pprom", "oligohydramnio", "oligo", "polyhydramnio", "poly", "amniotic", "amnionitis",
        "chorioamnionitis", "chorio", "fetal", "fetus", "iugr", "fgr", "twin", "triplet", "quadruplet", "gdm",
        "isoimmunization", "cerclage", "cervix",
    ]
)  # fmt: skip
"""Normal forms of words that are said of one who is pregnant."""
_NO_LONGER = frozenset(
    [
        "newborn", "neonate", "neonatal", "infant", "baby", "preemie", "premie", "born", "postpartum", "puerperal",
        "puerperium", "postnatal", "pp", "after", "ago", "delivered",
    ]
)  # fmt: skip
_LASTING = frozenset(["for", "x", "past", "last", "since"])
"""Before a number of weeks they say how long something has gone on."""


def trimester(query: Sequence[Word]) -> Measured | None:
    """The weeks of gestation of a query that tells more of a pregnancy than them."""
    if not any(word.raw[0].isdigit() for word in query):
        return None
    said = {word.normal for word in query}
    if said.isdisjoint(_CARRYING) or not said.isdisjoint(_NO_LONGER):
        return None
    for place, word in enumerate(query):
        if word.raw[0].isdigit() and (found := _weeks(query, place)):
            start, (end, weeks) = place, found
            while start and query[start - 1].normal in _OF_IT:
                start -= 1
            while end < len(query) and query[end].normal in {*_OF_IT, "of"}:
                end += 1
            rest = {each.normal for each in (*query[:start], *query[end:])}
            told = rest - _BARELY and not (weeks >= TERM and "false" in rest)
            return _measured(query, start, end, weeks) if told else None
    return None


def _weeks(query: Sequence[Word], place: int) -> tuple[int, int] | None:
    """Where the longest words from one on end that are a number of weeks, and the number; none of how long something
    lasts.
    """
    if place and query[place - 1].normal in _LASTING:
        return None
    for end in range(min(place + MOST_WORDS, len(query)), place, -1):
        found = _WEEKS.fullmatch(" ".join(word.raw.lower() for word in query[place:end]))
        if found and FEWEST <= int(found[1]) <= MOST:
            return end, int(found[1])
    return None


def _measured(query: Sequence[Word], start: int, end: int, weeks: int) -> Measured:
    called = "first" if weeks < SECOND else "second" if weeks < THIRD else "third"
    said = " ".join(word.raw for word in query[start:end])
    row = Row(said, Kind.SYNONYM, f"{called} trimester", Match.ANY, Scope.DIAGNOSIS, "icd10cm: O00-O9A")
    return Measured(start, end, row)
