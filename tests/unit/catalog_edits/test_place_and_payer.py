"""Where a service was furnished, and who is to pay for it."""

import pytest

from services.catalog.edits.claim import Setting
from services.catalog.edits.finding import Kind, Outcome, State
from tests.unit.catalog_edits.small_tables import checked, claim, fee, fees, findings, line, state

SCHEDULE = fees(
    fee("71046", pc_tc="1"),
    fee("71046", modifier="26", pc_tc="1"),
    fee("71046", modifier="TC", pc_tc="1"),
    fee("93000", pc_tc="4"),
    fee("93005", pc_tc="3"),
    fee("96372", pc_tc="5"),
    fee("85060", pc_tc="8"),
    fee("27447", pc_tc="0", non_facility_na=True),
    fee("96127", pc_tc="0", facility_na=True),
    *(fee(code, pc_tc="0") for code in ("99213", "99221", "99284", "99308", "99348")),
)


@pytest.mark.parametrize(
    ("code", "modifiers", "place", "outcome"),
    [
        ("71046", "", "11", None),
        ("71046", "", "22", Outcome.DENIED),
        ("71046", "26", "22", None),
        ("71046", "TC", "21", Outcome.DENIED),
        ("71046", "TC", "11", None),
        ("93000", "", "23", Outcome.DENIED),
        ("93005", "", "22", Outcome.DENIED),
        ("93005", "", "11", None),
        ("96372", "", "22", Outcome.DENIED),
        ("96372", "", "11", None),
        ("85060", "", "21", None),
        ("85060", "", "11", Outcome.DENIED),
        ("27447", "", "21", None),
        ("27447", "", "11", Outcome.REVIEW),
        ("96127", "", "22", Outcome.REVIEW),
        ("99284", "", "23", None),
        ("99284", "", "11", Outcome.REVIEW),
        ("99221", "", "21", None),
        ("99221", "", "22", None),
        ("99221", "", "11", Outcome.REVIEW),
        ("99213", "", "11", None),
        ("99213", "", "21", Outcome.REVIEW),
        ("99308", "", "31", None),
        ("99308", "", "11", Outcome.REVIEW),
        ("99348", "", "12", None),
        ("99348", "", "21", Outcome.REVIEW),
    ],
)
def test_a_service_is_held_against_its_place(code: str, modifiers: str, place: str, outcome: Outcome | None) -> None:
    answer = checked(claim(line(1, code, *modifiers.split()), place=place), fees=SCHEDULE)
    assert [f.outcome for f in findings(answer, Kind.PLACE_OF_SERVICE)] == ([outcome] if outcome else [])
    assert state(answer, Kind.PLACE_OF_SERVICE) == {State.CHECKED}


def test_without_a_place_without_a_schedule_and_of_hospitals_it_is_not_asked() -> None:
    assert state(checked(claim(line(1, "99284")), fees=SCHEDULE), Kind.PLACE_OF_SERVICE) == {State.NOT_CHECKED}
    assert state(checked(claim(line(1, "99284"), place="11")), Kind.PLACE_OF_SERVICE) == {State.NOT_LOADED}
    hospital = claim(line(1, "99284"), place="11", setting=Setting.OUTPATIENT)
    assert state(checked(hospital, fees=SCHEDULE), Kind.PLACE_OF_SERVICE) == {State.NOT_APPLICABLE}


@pytest.mark.parametrize(("payer", "told"), [("", False), ("Medicare Part B", False), ("Acme Health", True)])
def test_another_payer_is_told_whose_edits_these_are(payer: str, *, told: bool) -> None:
    answer = checked(claim(line(1, "99213"), payer=payer), fees=SCHEDULE)
    said = findings(answer, Kind.PAYER)
    assert [f.outcome for f in said] == ([Outcome.INFO] if told else [])
    assert all("Medicare's" in f.message and f.lines == (1,) for f in said)
