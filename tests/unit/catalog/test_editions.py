"""Which release answers for which day, held against a plain model that keeps a list and looks at every day."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.editions import Editions
from services.catalog.releases import Release, after_import, after_revert, superseded, to_revert_to

FIRST = date(2024, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in range(-1, 7)]
KINDS = ("icd10cm-order", "ncci-mue", "ncci-ptp", "house")


def release(
    number: int, day: date | None, kind: str = "icd10cm-order", setting: str = "", systems: tuple[str, ...] = ()
) -> Release:
    """A release that was imported as the n-th."""
    return Release(
        id=f"r{number}",
        kind=kind,
        setting=setting,
        title="t",
        publisher="p",
        edition="e",
        effective_from=day,
        effective_to=None,
        systems=systems,
        checksum="",
        entries=1,
        imported_by="x",
        imported_at=datetime(2026, 1, 1, tzinfo=UTC),
        licence_accepted_by=None,
        number=number,
    )


@dataclass
class Model:
    """One slot as a person would keep it on paper: a line a first day, the last correction on it."""

    kind: str
    lines: dict[date | None, str]

    def answering(self, day: date | None) -> str | None:
        """The release for a day, found by going back from it day by day."""
        known = sorted((d for d in self.lines if d), reverse=True)
        newest = self.lines[known[0]] if known else self.lines.get(None)
        if day is None or self.kind == "ncci-ptp":
            return newest
        while day >= FIRST - timedelta(days=2):
            if day in self.lines:
                return self.lines[day]
            day -= timedelta(days=1)
        return self.lines.get(None)


def applied(known: list[Release], answering: tuple[Release, ...]) -> list[Release]:
    """The releases as the database records them after a change."""
    ids = [r.id for r in answering]
    return [replace(r, answering=r.id in ids, in_force=r.id == ids[-1]) for r in known]


@settings(max_examples=300)
@given(st.sampled_from(KINDS), st.lists(st.none() | st.sampled_from(DAYS[1:-1]), min_size=1, max_size=7))
def test_each_day_is_answered_by_the_last_release_that_had_begun_and_a_correction_replaces(
    kind: str, days: list[date | None]
) -> None:
    known: list[Release] = []
    model = Model(kind, {})
    for number, day in enumerate(days, start=1):
        new = release(number, day, kind)
        known = applied([*known, new], after_import(known, new).answering)
        if kind == "house":
            model.lines = {None: new.id}
        else:
            model.lines[day] = new.id
        editions = Editions([r for r in known if r.answering])
        for asked in (None, *DAYS):
            found = editions.on(asked).get(kind)
            assert (found.id if found else None) == model.answering(asked)
            if asked is not None:
                assert (kind in editions.unknown_on(asked)) == (model.answering(asked) is None)
        assert [r.id for r in known if r.in_force] == [model.answering(None)]


@settings(max_examples=200)
@given(st.sampled_from(KINDS), st.lists(st.none() | st.sampled_from(DAYS), min_size=2, max_size=7), st.data())
def test_after_a_revert_the_release_gone_back_to_is_in_force_and_no_later_one_answers(
    kind: str, days: list[date | None], data: st.DataObject
) -> None:
    known: list[Release] = []
    for number, day in enumerate(days, start=1):
        new = release(number, day, kind)
        known = applied([*known, new], after_import(known, new).answering)
    target = data.draw(st.sampled_from([r for r in known if not r.in_force]))
    standing = after_revert(known, to_revert_to(known, kind, target.id))
    assert standing.in_force.id == target.id
    assert Editions(standing.answering).on()[kind].id == target.id
    others = [r for r in standing.answering if r.id != target.id]
    assert all(r.answering for r in others)  # nothing that answered no longer comes back by it
    assert all((r.effective_from or date.min) < (target.effective_from or date.min) for r in others)


def test_a_correction_that_is_reverted_gives_way_to_what_it_corrected() -> None:
    old, first, correction = release(1, DAYS[1]), release(2, DAYS[3]), release(3, DAYS[3])
    known: list[Release] = []
    for new in (old, first, correction):
        known = applied([*known, new], after_import(known, new).answering)
    assert to_revert_to(known, "icd10cm-order").id == first.id
    known = applied(known, after_revert(known, first).answering)
    assert [r.id for r in known if r.answering] == [old.id, first.id]
    assert to_revert_to(known, "icd10cm-order").id == old.id


def test_an_older_edition_that_is_imported_later_stands_beside_and_is_the_one_to_go_back_to() -> None:
    newer, older = release(1, DAYS[3]), release(2, DAYS[1])
    known = applied([newer], after_import([], newer).answering)
    standing = after_import(known, older)
    assert (standing.in_force.id, standing.replaced) == (newer.id, "")
    known = applied([*known, older], standing.answering)
    assert to_revert_to(known, "icd10cm-order").id == older.id


def test_settings_are_slots_of_their_own() -> None:
    editions = Editions([release(1, DAYS[1], "ncci-mue", "practitioner"), release(2, DAYS[3], "ncci-mue", "dme")])
    assert {slot: r.id for slot, r in editions.on(DAYS[2]).items()} == {"ncci-mue/practitioner": "r1"}
    assert editions.unknown_on(DAYS[2]) == {"ncci-mue/dme": DAYS[3]}
    assert [r.id for r in editions.of("ncci-mue/dme")] == ["r2"]
    assert not editions.of("ncci-mue")


def test_what_answers_is_not_pruned_but_earlier_quarters_of_a_cumulative_table_are() -> None:
    for kind, gone in (("icd10cm-order", []), ("ncci-ptp", ["r2", "r1"])):
        known: list[Release] = []
        for number, day in enumerate(DAYS[:4], start=1):
            new = release(number, day, kind)
            known = applied([*known, new], after_import(known, new).answering)
        assert [r.id for r in superseded(list(reversed(known)), 1)] == gone


def test_a_code_system_that_a_release_lacks_is_answered_by_the_last_one_that_holds_it() -> None:
    both, codes_alone = ("hcpcs", "modifier"), ("hcpcs",)
    first = release(1, DAYS[1], "hcpcs", systems=both)
    second = release(2, DAYS[3], "hcpcs", systems=codes_alone)
    editions = Editions([second, first])
    assert editions.on(DAYS[2]) == {"hcpcs": first}
    assert editions.on(DAYS[4]) == editions.on() == {"hcpcs": second, "hcpcs:modifier": first}
    assert editions.on(DAYS[0]) == {}
    third = release(3, DAYS[5], "hcpcs", systems=both)
    assert Editions([first, second, third]).on() == {"hcpcs": third}
