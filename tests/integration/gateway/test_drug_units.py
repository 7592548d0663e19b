"""Doses in billing units, as programs and browsers meet them: the unit of our selection and of the HCPCS file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from codingahead.metering.v1 import metering_pb2 as pb

from tests.integration.gateway.rooms import Rooms, until
from tests.unit.catalog.code_set_files import hcpcs_record

API, PAGE, CODE = "/api/v1/codes/hcpcs/J0001/units", "/codes/hcpcs/J0001/units", "/codes/hcpcs/J0001"
VIALS = {"dose": "95", "measure": "mg", "container": "single-dose", "vial": "100 mg"}


@pytest.fixture
async def guest(rooms: Rooms) -> AsyncIterator[httpx.AsyncClient]:
    """A guest, with our invented content loaded."""
    await rooms.import_procedures()
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        await until(client, "/browse/hcpcs", lambda answer: "J0001" in answer.text or answer.status_code == 200)
        yield client


async def test_a_dose_is_counted_with_its_lines_and_sources_and_costs_no_page(
    rooms: Rooms, guest: httpx.AsyncClient
) -> None:
    answer = (await guest.get(API, params=VIALS)).json()
    assert (answer["unit"]["words"], answer["unit"]["source"]["title"]) == ("1 mg", "HCPCS Level II")
    assert [(line["units"], line["modifier"]) for line in answer["result"]["lines"]] == [(95, ""), (5, "JW")]
    assert answer["result"]["left"] == "5 mg"
    assert all(note["citations"] for note in answer["result"]["notes"] if "JW" in note["text"])
    unit_alone = (await guest.get(API)).json()
    assert (unit_alone["result"], unit_alone["unit"]["dose_measures"]) == (None, ["mcg", "mg", "g"])
    assert (await guest.get("/api/v1/meter")).json()["used"] == 0


async def test_what_cannot_be_counted_is_refused_with_a_sentence_and_its_field(guest: httpx.AsyncClient) -> None:
    for changed, sentence in (
        ({"measure": "ml"}, "measure: the code counts mg"),
        ({"dose": "lots"}, "dose: “lots” is no amount"),
        ({"vial": "1 x 50 mg"}, "vials: these containers hold 50 mg"),
    ):
        refused = await guest.get(API, params=VIALS | changed)
        assert (refused.status_code, refused.json()["reason"]) == (400, "DOSE_INVALID")
        assert refused.json()["detail"].startswith(sentence)
        page = await guest.get(PAGE, params=VIALS | changed)
        assert page.status_code == 400
        assert sentence.partition(": ")[2][1:] in page.text
        assert 'value="' + str((VIALS | changed)["dose"]) in page.text
    assert (await guest.get(API, params={"container": "bag"})).status_code == 422
    assert (await guest.get("/api/v1/codes/hcpcs/J9876/units")).status_code == 404
    assert (await guest.get("/codes/icd10cm/S09.0/units")).status_code == 404


async def test_the_page_counts_without_scripts_and_the_code_page_leads_to_it(
    rooms: Rooms, guest: httpx.AsyncClient
) -> None:
    counted = await guest.get(PAGE, params=VIALS)
    assert "95 mg is 95 units" in counted.text
    assert "<td>JW</td>" in counted.text
    assert "Held with the least left over by 1 x 100 mg. 5 mg left." in counted.text
    assert (await guest.head(PAGE)).status_code == 200
    await rooms.set_plan("pia", pb.TIER_PRO)
    code = (await guest.get(CODE, headers=rooms.account("pia"))).text
    assert f'action="{PAGE}"' in code
    assert "One billing unit is <strong>1 mg</strong>" in code
    assert "Codes of its administration" in code
    assert f'action="{PAGE}"' not in (await guest.get(CODE)).text  # the section is closed to guests


async def test_the_hcpcs_file_says_what_the_unit_is_once_it_is_loaded(rooms: Rooms, guest: httpx.AsyncClient) -> None:
    records = [
        hcpcs_record("J0001", 100, "3", "Injection, inventol, 10 mg", "Inventol"),
        hcpcs_record("J0002", 100, "3", "Injection, inventol 4 mg and otherol 2 mg", "Both"),
        hcpcs_record("A0021", 100, "3", "Invented ride, per mile", "Ride"),
    ]
    await rooms.import_hcpcs("\n".join(["*Notice", *records]))
    await until(guest, API, lambda answer: answer.json()["unit"]["words"] == "10 mg")
    answer = (await guest.get(API, params=VIALS)).json()
    assert [(line["units"], line["modifier"]) for line in answer["result"]["lines"]] == [(10, "JZ")]
    assert "HCPCS" in answer["unit"]["source"]["title"]
    for code in ("J0002", "A0021"):
        none = (await guest.get(f"/api/v1/codes/hcpcs/{code}/units", params=VIALS)).json()
        assert (none["unit"], none["result"]) == (None, None)
        assert "names no single amount" in none["absence"]
        assert "names no single amount" in (await guest.get(f"/codes/hcpcs/{code}/units")).text
