"""Pages draw on payment tables that are loaded whole, and lists of edits go through all of them."""

from datetime import date
from pathlib import Path

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from google.type.date_pb2 import Date

from services.catalog.imports.run import import_file
from shared.errors import InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.integration.catalog.test_pages import page
from tests.unit.catalog.small_payment import mue_text, pfs_text, table_file
from tests.unit.catalog.small_ptp import CSV_HEADER, ptp_file, ptp_text
from tests.unit.catalog.test_coverage_importer import ANSWERS, archive

PRACTITIONER = pb.SETTING_PRACTITIONER
EDITS = (
    *(f"10001\t2{number:04}\t\t20200101\t*\t1\tInvented reason" for number in range(40)),
    "10001\t30001\t\t20200101\t20201231\t1\tInvented reason",
    "10001\t30002\t\t20200101\t20200101\t9\tInvented reason",
    "10001\t30003\t\t20200101\t20210331\t0\tInvented reason",
    "10001\t30003\t\t20210401\t*\t1\tOther reason",
    "J0001\t10001\t\t20220701\t*\t0\tInvented reason",
    "40001\t10001\t\t20270101\t*\t0\tInvented reason",
)


async def load(catalog: Catalog, kind: str, *paths: Path) -> None:
    """Import files of a kind."""
    await import_file(catalog.database, kind, paths, imported_by="tester", clock=catalog.clock)


async def load_edits(catalog: Catalog) -> None:
    """Import invented texts, and PTP edits for practitioners."""
    await catalog.import_house()
    await load(catalog, "ncci-ptp", ptp_file(catalog.folder, ptp_text(*EDITS), "ccipra-v322r0-f1.txt"))


async def listed(
    catalog: Catalog, code: str = "10001", day: date | None = None, **asked: object
) -> pb.ListPtpEditsResponse:
    """A page of a list of edits."""
    when = Date(year=day.year, month=day.month, day=day.day) if day else None
    given = {"system": "cpt", "setting": PRACTITIONER, **asked}
    request = pb.ListPtpEditsRequest(code=code, date=when, **given)  # type: ignore[arg-type]
    return await invoke(catalog.stub.ListPtpEdits, request, timeout=10, token=catalog.token())


def pairs(edits: "pb.ListPtpEditsResponse | pb.EditsSection") -> list[tuple[str, str, str]]:
    """The edits of a list or a page, without more than the pair and the indicator."""
    found = edits.edits if isinstance(edits, pb.ListPtpEditsResponse) else edits.ptp
    return [(edit.column_1.code, edit.column_2.code, edit.modifier_indicator) for edit in found]


async def test_a_page_counts_all_edits_and_shows_the_first_of_each_column(catalog: Catalog) -> None:
    await load_edits(catalog)
    edits = (await page(catalog, "cpt", "10001")).edits
    totals = {(total.setting, total.column): total.total for total in edits.ptp_totals}
    assert totals == {(PRACTITIONER, 1): 41, (PRACTITIONER, 2): 1}
    found = pairs(edits)
    assert len(found) == 26
    assert found[0] == ("10001", "20000", "1")
    assert found[-1] == ("J0001", "10001", "0")
    assert edits.ptp[-1].column_1.has_page, "a partner with a page is a link"
    assert not edits.ptp[0].column_2.has_page
    scope = " ".join(statement.text for statement in edits.scope)
    assert (
        "42 edits apply to 10001 on May 1, 2026 in NCCI procedure-to-procedure edits, practitioner, v32.2, July"
        in scope
    )
    assert "That a pair has none here does not mean that it has none" in scope
    assert "PTP practitioner" not in scope, "our selection is not named where the table is whole"


async def test_edits_are_those_of_the_date_of_service(catalog: Catalog) -> None:
    await load_edits(catalog)

    async def partners(day: date) -> set[tuple[str, str, str]]:
        return {pair for pair in pairs(await listed(catalog, day=day)) if not pair[1].startswith("2")}

    assert await partners(date(2020, 1, 1)) == {("10001", "30001", "1"), ("10001", "30003", "0")}
    assert await partners(date(2021, 3, 31)) == {("10001", "30003", "0")}
    assert await partners(date(2021, 4, 1)) == {("10001", "30003", "1")}
    assert await partners(date(2027, 1, 1)) == {
        ("10001", "30003", "1"), ("J0001", "10001", "0"), ("40001", "10001", "0"),
    }  # fmt: skip
    assert (await listed(catalog, day=date(2019, 12, 31))).total == 0


async def test_without_first_days_the_row_that_was_not_yet_deleted_answers(catalog: Catalog) -> None:
    await catalog.import_house()
    rows = ("10001,20001,2019-12-31,0,Old", "10001,20001,2021-12-31,1,Middle", "10001,20001,,0,New",
            "10001,20002,2020-06-30,9,Never")  # fmt: skip
    text = CSV_HEADER + "".join(f"{row}\r\n" for row in rows)
    await load(catalog, "ncci-ptp", table_file(catalog.folder, text, "ncci_ptp_out_2026-04-01.csv"))

    async def answer(day: date) -> tuple[int, str]:
        found = await listed(catalog, day=day, setting=pb.SETTING_OUTPATIENT)
        (edit,) = found.edits
        assert not edit.HasField("effective_from")
        assert any("came without first days" in statement.text for statement in found.scope)
        return found.total, edit.rationale

    assert await answer(date(2019, 12, 31)) == (1, "Old")
    assert await answer(date(2020, 1, 1)) == (1, "Middle")
    assert await answer(date(2022, 1, 1)) == (1, "New")
    practitioner = (await page(catalog, "cpt", "10001")).edits
    assert [total.setting for total in practitioner.ptp_totals] == [pb.SETTING_OUTPATIENT] * 2
    assert ("10001", "10002", "1") in pairs(practitioner), "our selection answers for the other setting"


async def test_a_list_goes_through_all_edits_page_by_page(catalog: Catalog) -> None:
    await load_edits(catalog)
    for size in (1, 7, 41, 42, 1000):
        found: list[tuple[str, str, str]] = []
        token = ""
        while True:
            answer = await listed(catalog, page_size=size, page_token=token)
            assert answer.total == 42
            assert len(answer.edits) <= size
            found += pairs(answer)
            token = answer.next_page_token
            if not token:
                break
        assert len(set(found)) == len(found) == 42
        assert found[:2] == [("10001", "20000", "1"), ("10001", "20001", "1")]
        assert found[-1] == ("J0001", "10001", "0")


async def test_a_list_is_narrowed_to_a_column_and_to_codes(catalog: Catalog) -> None:
    await load_edits(catalog)
    assert pairs(await listed(catalog, column=2)) == [("J0001", "10001", "0")]
    assert pairs(await listed(catalog, with_code="j0001")) == [("J0001", "10001", "0")]
    assert (await listed(catalog, with_code="2001")).total == 10
    none = await listed(catalog, with_code="99213")
    assert none.total == 0
    assert none.scope[0].text.startswith("No edit applies to 10001 with 99213 on May 1, 2026 in NCCI")
    assert none.release.setting == "practitioner"
    without_page = await listed(catalog, code="20005")
    assert pairs(without_page) == [("10001", "20005", "1")], "a code without a page has edits all the same"


async def test_a_list_stays_with_the_release_it_began_with(catalog: Catalog) -> None:
    await load_edits(catalog)
    first = await listed(catalog, page_size=40)
    await load(catalog, "ncci-ptp", ptp_file(catalog.folder, ptp_text(EDITS[0]), "ccipra-v323r0-f1.txt"))
    rest = await listed(catalog, page_size=40, page_token=first.next_page_token)
    assert pairs(rest) == [("10001", "30003", "1"), ("J0001", "10001", "0")]
    with pytest.raises(InvalidInput, match="page_token"):
        await listed(catalog, code="10002", page_token=first.next_page_token)


@pytest.mark.parametrize(
    ("asked", "error", "sentence"),
    [
        ({"setting": pb.SETTING_OUTPATIENT}, NotFound, "of this setting are not loaded here"),
        ({"setting": pb.SETTING_DME}, InvalidInput, "publishes no procedure-to-procedure edits for DME suppliers"),
        ({"system": "icd10cm"}, NotFound, '"icd10cm" has no procedure-to-procedure edits'),
        ({"code": "1000"}, InvalidInput, '"1000" is no code of cpt'),
        ({"code": "J0001"}, InvalidInput, '"J0001" is no code of cpt'),
        ({"column": 3}, InvalidInput, "column: 1 or 2 is expected"),
        ({"with_code": "999999"}, InvalidInput, "neither a code of five characters"),
        ({"page_token": "made-up"}, InvalidInput, "page_token"),
        ({"page_size": 1_001}, InvalidInput, "page_size"),
    ],
)
async def test_wrong_questions_are_refused_in_sentences(
    catalog: Catalog, asked: dict[str, object], error: type[Exception], sentence: str
) -> None:
    await load_edits(catalog)
    with pytest.raises(error, match=sentence):
        await listed(catalog, **asked)  # type: ignore[arg-type]


async def test_mue_fees_and_coverage_come_from_the_tables_that_are_loaded(catalog: Catalog) -> None:
    await catalog.import_house()
    mue = mue_text("10001,7,2 Date of Service Edit: Policy,Invented")
    await load(catalog, "ncci-mue", table_file(catalog.folder, mue, "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"))
    fees = pfs_text().replace("11111", "10001")
    for name in ("PPRRVU2026_Apr_QPP.csv", "PPRRVU2026_Apr_nonQPP.csv"):
        table_file(catalog.folder, fees, name)
    await load(catalog, "pfs-rvu", *sorted(catalog.folder.glob("PPRRVU2026*")))
    add_on = "\n".join(f"1\t{20000 + number}\t\t10001\t\t2020001\t\t" for number in range(70))
    header = "AOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT\tAOC_Edit_DelDT"
    await load(catalog, "ncci-aoc", table_file(catalog.folder, f"{header}\tNotes\n{add_on}\n", "AOC_V2026Q2-MCR.txt"))
    listing = [{**ANSWERS["article"][0], "article_eff_date": "04/01/2026"}]
    codes = [{**ANSWERS["article/hcpc-code"][0], "hcpc_code_id": "10001"}]
    snapshot = [{"data_captured_through": "20260430"}]
    answers = {**ANSWERS, "article": listing, "article/hcpc-code": codes, "metadata/local-data-schedule": snapshot}
    await load(catalog, "coverage", archive(catalog.folder, answers))
    code = await page(catalog, "cpt", "10001")
    assert [(value.setting, value.units, value.mai) for value in code.edits.mue] == [(PRACTITIONER, 7, 2)]
    assert [(row.modifier, row.work_rvu) for row in code.fees.rows] == [("", "1.50"), ("26", "0.50")]
    assert (code.edits.add_on_total, len(code.edits.add_on)) == (70, 60)
    kinds = {release.kind for release in code.releases}
    assert {"ncci-mue", "pfs-rvu", "ncci-aoc", "coverage"} <= kinds
    assert not kinds & {"pfs-amounts", "pfs-indicators", "add-on"}
    assert "mue" in kinds, "the outpatient table is still our selection's"
    said = " ".join(statement.text for statement in (*code.edits.scope, *code.fees.notes, *code.coverage.coverage))
    assert "NCCI Medically Unlikely Edits, practitioner, April 2026" in said
    assert "MUE outpatient, July 2024, publishes no value for outpatient hospitals" in said
    assert "Of 70 relations the first 60 are shown." in said
    assert "Relative value units of Medicare Physician Fee Schedule relative values, April 2026." in said
    assert "Article A50001, “Billing and Coding: Invented Tests” (Invented Contractor), in effect since April" in said
    assert "lists it among its services." in said
    early = await page(catalog, "cpt", "10001", day=date(2026, 4, 29))
    told = " ".join(statement.text for statement in early.coverage.coverage)
    assert "begins on April 30, 2026: what it held on April 29, 2026 is not known here." in told
    assert "not loaded here" not in told


async def test_before_its_first_day_a_table_gives_no_value_and_says_once_that_it_does_not_know(
    catalog: Catalog,
) -> None:
    await catalog.import_house()
    mue = mue_text("10001,7,2 Date of Service Edit: Policy,Invented")
    await load(catalog, "ncci-mue", table_file(catalog.folder, mue, "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"))
    early = await page(catalog, "cpt", "10001", day=date(2024, 6, 30))
    assert not early.edits.mue
    assert not early.edits.add_on
    assert not early.fees.rows
    said = [statement.text for statement in (*early.edits.scope, *early.fees.notes)]
    unknown = [text.partition(",")[0] for text in said if "what it held on June 30, 2024 is not known here." in text]
    assert unknown[0] == "NCCI Medically Unlikely Edits", "the release that is loaded, not our selection as well"
    assert len(said) == len(set(said))
    assert not any("not loaded" in text or "publishes no value" in text for text in said)
    begun = await page(catalog, "cpt", "10001", day=date(2024, 7, 1))
    assert [(value.setting, value.units) for value in begun.edits.mue] == [(PRACTITIONER, 2)]
    assert len(begun.fees.rows) == 3
