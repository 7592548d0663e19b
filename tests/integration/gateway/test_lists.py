"""The lists of the API: page after page by cursor, and a sentence for every wrong question."""

from __future__ import annotations

from typing import Any

import httpx

from shared.identity import Kind, Principal
from tests.integration.gateway.rooms import Rooms

LIST = "/api/v1/codes/icd10cm"


async def walk(client: httpx.AsyncClient, parent: str, limit: int) -> list[str]:
    """Every code of a level, read page by page."""
    codes: list[str] = []
    cursor = ""
    while True:
        answer = await client.get(LIST, params={"parent": parent, "limit": limit, "cursor": cursor})
        assert answer.status_code == 200
        page: dict[str, Any] = answer.json()
        assert len(page["codes"]) <= limit
        assert page["codes"] or not cursor, "a cursor leads to codes"
        codes += [code["display_code"] for code in page["codes"]]
        cursor = page["next_cursor"]
        if not cursor:
            return codes


async def test_pages_of_any_size_give_each_code_once_and_in_order_down_the_whole_tree(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        waiting, seen = [""], set[str]()
        while waiting:
            whole = await walk(guest, waiting.pop(0), 1000)
            assert not seen.intersection(whole)
            seen.update(whole)
            waiting += whole
        for parent in ("", "S06", "S06.1"):
            whole = await walk(guest, parent, 1000)
            assert await walk(guest, parent, 1) == await walk(guest, parent, 2) == whole
        usage = await rooms.grants(Principal(Kind.GUEST, guest.cookies["guest"].split(".")[1]))
    assert {"S09.0", "S90", "S06.1X9S", "S06.0XXA"} <= seen
    assert usage == set(), "lists are open to all and not metered as pages"


async def test_parents_may_be_spelled_in_any_way_and_name_their_ancestors(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        answers = [(await guest.get(LIST, params={"parent": parent})).json() for parent in ("s06.1", "S061", "S06.1")]
        upper = await guest.get("/api/v1/codes/ICD10CM")
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["parent"]["display_code"] == "S06.1"
    assert answers[0]["ancestors"][-1]["display_code"] == "S06"
    assert answers[0]["releases"][0]["kind"] == "icd10cm-tabular"
    assert upper.status_code == 200


WRONG = (
    ("icd10cm?cursor=nonsense", 400, "CURSOR_MALFORMED", "cursor: this is no cursor"),
    ("icd10cm?cursor=%00%FF", 400, "CURSOR_MALFORMED", "cursor: this is no cursor"),
    ("icd10cm?parent=%00", 400, "CODE_MALFORMED", "parent: "),
    ("icd10cm?cursor=" + "A" * 600, 422, "REQUEST_INVALID", "query.cursor"),
    ("icd10cm?limit=0", 422, "REQUEST_INVALID", "query.limit"),
    ("icd10cm?limit=many", 422, "REQUEST_INVALID", "query.limit"),
    ("icd10cm?parent=NOPE", 404, "CODE_UNKNOWN", "NOPE"),
    ("icd11", 404, "SYSTEM_UNKNOWN", "icd11"),
    ("cpt", 404, "SYSTEM_EMPTY", "CPT"),
    ("i%20c", 422, "REQUEST_INVALID", "path.system"),
)


async def test_a_wrong_question_gets_a_problem_that_names_what_is_wrong(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        for query, status, reason, sentence in WRONG:
            answer = await guest.get(f"/api/v1/codes/{query}")
            problem = answer.json()
            assert (query, answer.status_code, problem["reason"]) == (query, status, reason)
            assert sentence in problem["detail"]


async def test_a_cursor_serves_its_own_list_alone(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        first = (await guest.get(LIST, params={"parent": "S06", "limit": 1})).json()
        cursor = first["next_cursor"]
        assert cursor
        elsewhere = await guest.get(LIST, params={"parent": "S09", "cursor": cursor})
        changed = await guest.get(LIST, params={"parent": "S06", "cursor": cursor[:-2]})
        right = await guest.get(LIST, params={"parent": "S06", "cursor": cursor})
    assert (elsewhere.status_code, elsewhere.json()["reason"]) == (400, "CURSOR_MALFORMED")
    assert (changed.status_code, changed.json()["reason"]) == (400, "CURSOR_MALFORMED")
    assert right.json()["codes"][0] != first["codes"][0]


async def test_unknown_codes_name_near_ones_that_can_be_opened(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as guest:
        problem = (await guest.get("/api/v1/codes/icd10cm/S091")).json()
        assert problem["reason"] == "CODE_UNKNOWN"
        assert problem["near"]
        for near in problem["near"]:
            answer = await guest.head(f"/api/v1/codes/{near['system']}/{near['code']}")
            assert answer.status_code == 200
