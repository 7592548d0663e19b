"""The gateway and the catalog agree on claims: what the API lets through, the catalog checks."""

from datetime import date
from typing import Any

from codingahead.catalog.v1 import edits_pb2 as pb
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api.claims_body import claim_of, message_of
from gateway.edits import BATCH_CLAIMS, BATCH_LINES
from services.catalog.claim_messages import MOST_CLAIMS, MOST_LINES, claims_of

CODES = st.one_of(st.sampled_from(["99213", " e11.9 ", "S52.521A", "j1100", "-", "ä", ""]), st.text(max_size=22))
DAYS = st.one_of(
    st.none(),
    st.dates(date(1980, 1, 1), date(2110, 1, 1)).map(date.isoformat),
    st.sampled_from(["2024-02-30", "20240715", "07/15/2024"]),
)
MODIFIERS = st.lists(st.one_of(st.sampled_from(["25", " lt", "", "XS"]), st.text(max_size=3)), max_size=9)
LINES = st.fixed_dictionaries(
    {"code": CODES},
    optional={
        "units": st.integers(-1, 10**8),
        "modifiers": MODIFIERS,
        "diagnoses": st.lists(st.one_of(st.integers(-1, 60), st.sampled_from(["A", "b", "Z"])), max_size=13),
        "date": DAYS,
        "date_to": DAYS,
    },
)
CLAIMS = st.fixed_dictionaries(
    {
        "setting": st.sampled_from(["practitioner", "outpatient", "dme", " DME "]),
        "lines": st.lists(LINES, min_size=1, max_size=4),
    },
    optional={
        "id": st.one_of(st.text(max_size=101), st.integers()),
        "date": DAYS,
        "diagnoses": st.lists(CODES, max_size=4),
        "patient": st.fixed_dictionaries({}, optional={"sex": st.sampled_from(["F", "male", ""]), "birth_date": DAYS}),
        "place_of_service": st.sampled_from(["11", " ", "1", 22]),
        "rendering_provider": st.text(max_size=101),
        "payer": st.text(max_size=101),
        "history": st.lists(
            st.fixed_dictionaries({"code": CODES, "date": DAYS}, optional={"modifiers": MODIFIERS}), max_size=2
        ),
    },
)


@settings(max_examples=400)
@given(CLAIMS)
def test_what_the_api_lets_through_the_catalog_checks(value: dict[str, Any]) -> None:
    claim, defects = claim_of(0, value)
    assert (claim is None) is bool(defects)
    if claim is not None:
        (checked,) = claims_of([message_of(claim)], date(2026, 5, 4))
        assert len(checked.lines) == len(value["lines"])


def test_a_batch_of_the_gateway_is_within_what_the_catalog_takes() -> None:
    assert BATCH_CLAIMS <= MOST_CLAIMS
    assert BATCH_LINES + 999 <= MOST_LINES
    full = [pb.Claim(setting=pb.CLAIM_SETTING_DME, lines=[pb.ClaimLine(code="E0100", units=1)])] * BATCH_CLAIMS
    assert len(claims_of(full, date(2026, 5, 4))) == BATCH_CLAIMS
