"""The table of rights against what people were promised, written down a second time: a row that is widened is seen."""

from __future__ import annotations

from gateway.door import READERLESS
from gateway.rights import ANYONE, READS_BY_POST, RIGHTS, ROUTES, SCOPES, Who, reads_by_post

PEOPLE, STAFF = {Who.ACCOUNT}, {Who.EDITOR, Who.OPERATOR}
RESTRICTED = {
    "licences:accept": {Who.ACCOUNT, Who.PARTNER},
    "searches:watch": STAFF,
    "reports:work": STAFF,
    "keys:manage": PEOPLE,
    "library:pages": PEOPLE,
    "library:read": PEOPLE,
    "library:write": PEOPLE,
    "account:own": PEOPLE,
    "plans:buy": PEOPLE,
    "releases:operate": {Who.OPERATOR},
    "accounts:operate": {Who.OPERATOR},
}
FOR_KEYS = {
    *("site:read", "codes:browse", "codes:read", "edits:check", "meter:read", "licences:read", "plans:read"),
    *("releases:read", "library:read", "library:write"),
}
PLACES = {
    "/operator/": {"accounts:operate", "releases:operate", "searches:watch"},
    "/api/v1/operator/": {"accounts:operate", "releases:operate", "searches:watch"},
    "/editor/": {"reports:work"},
    "/account/keys": {"keys:manage"},
    "/api/v1/keys": {"keys:manage"},
    "/account/library": {"library:pages"},
    "/account": {"account:own"},
    "/api/v1/favourite": {"library:read", "library:write"},
    "/api/v1/notes": {"library:read", "library:write"},
    "/api/v1/history": {"library:read", "library:write"},
    "/codes/hcpcs/{code}/units": {"codes:browse"},
    "/codes/": {"codes:read"},
    "/plans/": {"plans:buy"},
    "/local/checkout": {"plans:buy"},
    "/local/mail": {"mail:local"},
}
"""What routes below a path may ask for; of two paths the one above counts."""
GUESTS_WRITES = {
    "POST /appearance": "site:read",
    "POST /report-error": "reports:send",
    "POST /sign-out": "session:end",
    "POST /sign-out/everywhere": "session:end",
    "POST /sign-out/back-channel": "session:end",
    "POST /webhooks/stripe": "payments:tell",
}
OPEN_BESIDE = {"GET /accounts": "site:read", "GET /account/deleted": "site:read"}
"""What accounts are, and the page that says good-bye when there is none any more."""
METERED = {
    "GET /codes/{system}/{code}",
    "GET /api/v1/codes/{system}/{code}",
    *(
        f"{method} /fhir/{asked}"
        for method in ("GET", "POST")
        for asked in ("CodeSystem/$lookup", "ConceptMap/$translate")
    ),
}


def test_each_right_belongs_to_whom_it_was_promised_and_no_key_carries_another() -> None:
    assert {right.name: set(right.who) for right in RIGHTS if right.who != ANYONE} == RESTRICTED
    assert set(SCOPES) == FOR_KEYS
    assert {right.name for right in ROUTES.values()} == {right.name for right in RIGHTS}


def test_each_route_asks_for_the_right_of_its_place() -> None:
    wrong = []
    for row, right in ROUTES.items():
        _, _, path = row.partition(" ")
        place = next((place for place in PLACES if path.startswith(place)), None)
        if row not in OPEN_BESIDE and place is not None and right.name not in PLACES[place]:
            wrong.append((row, right.name))
    assert wrong == []
    assert {row: ROUTES[row].name for row in OPEN_BESIDE} == OPEN_BESIDE
    assert {row for row, right in ROUTES.items() if right.name == "codes:read"} == METERED


def test_reading_does_not_give_writing_and_guests_write_where_it_says_so_alone() -> None:
    writes = {row: right for row, right in ROUTES.items() if not row.startswith("GET ") and row not in READS_BY_POST}
    assert {row: right.name for row, right in writes.items() if Who.GUEST in right.who} == GUESTS_WRITES
    assert not {row for row, right in writes.items() if right.name.endswith((":read", ":browse"))} - {
        "POST /appearance"
    }


def test_what_reads_by_post_has_no_write_beside_it_and_every_twin_of_a_read_is_one() -> None:
    assert set(ROUTES) >= READS_BY_POST
    writes = [row.partition(" ")[2] for row in ROUTES if not row.startswith("GET ") and row not in READS_BY_POST]
    assert [path for path in writes if reads_by_post(path)] == []
    fhir = {row for row in ROUTES if row.startswith("POST /fhir/")}
    assert fhir | {"POST /api/v1/edits/check"} == READS_BY_POST
    assert all(ROUTES[row] == ROUTES["GET" + row.removeprefix("POST")] for row in fhir)
    for path in (
        "//api/v1/edits/check",
        "/api/v1/edits/check/",
        "/API/v1/edits/check",
        "/fhir/",
        "/fhir/x/$validate-code",
    ):
        assert not reads_by_post(path)


def test_where_nobody_is_recognised_everybody_may_read() -> None:
    blind = {row: right for row, right in ROUTES.items() if row.partition(" ")[2].startswith(READERLESS)}
    assert len(blind) > 5
    assert {right.who for right in blind.values()} == {ANYONE}
    assert {row for row in blind if not row.startswith("GET ")} == {"POST /sign-out/back-channel"}
