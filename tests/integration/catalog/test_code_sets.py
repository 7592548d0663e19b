"""What a caller gets of the code sets over RPC: pages, lists, near codes and the export, on invented files."""

import json
from pathlib import Path

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from google.type.date_pb2 import Date

from shared.errors import InvalidInput, NotFound
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.unit.catalog import code_set_files as files
from tests.unit.catalog.code_set_files import CHOICES, RIGHT, WORKBOOKS, order_line, workbook

ORDER = [("A00", 0, "Invented fever"), ("A000", 1, "Invented fever of the hill"), ("A009", 1, "Invented fever")]


def order(*codes: tuple[str, int, str]) -> bytes:
    """An order file of ICD-10-CM."""
    return "\n".join(order_line(number, *code) for number, code in enumerate(codes, 1)).encode()


def related(code: pb.Code, relation: str) -> dict[str, str]:
    """The related codes of a relation, with what is said of them."""
    return {item.code.display_code: item.note.text for item in code.crosswalks.related if item.relation == relation}


async def import_all(catalog: Catalog) -> None:
    """Import a right set of files of every kind."""
    for kind, given in RIGHT.items():
        await catalog.import_files(kind, given, CHOICES.get(kind))
    name, rows = WORKBOOKS["icd10cm-conversion"]
    await catalog.import_files("icd10cm-conversion", {name: workbook(rows)})


async def roots(catalog: Catalog, system: str, parent: str = "") -> list[str]:
    """The codes of a list."""
    request = pb.ListCodesRequest(system=system, parent=parent)
    answer: pb.ListCodesResponse = await invoke(catalog.stub.ListCodes, request, timeout=10, token=catalog.token())
    return [ref.display_code for ref in answer.codes]


async def test_every_code_set_has_pages_lists_and_an_export(catalog: Catalog) -> None:
    await import_all(catalog)
    texts = {}
    for system, code in [("icd10cm", "A00.9"), ("icd10pcs", "0db13zz"), ("icd9cm", "250.00"), ("icd9pcs", "81.54"),
                         ("hcpcs", "A0021"), ("modifier", "a1"), ("cdt", "D0001")]:  # fmt: skip
        page = await catalog.page(system, code)
        texts[system, page.display_code] = page.official.text
        assert page.releases[0].kind.startswith(system[:5]) or system in {"modifier", "icd9pcs"}
        assert page.common.paragraphs or page.common.absence
        assert page.billing.reportable
    assert texts == {
        ("icd10cm", "A00.9"): "Invented fever, unspecified",
        ("icd10pcs", "0DB13ZZ"): "Excision of Upper Invention, Percutaneous Approach",
        ("icd9cm", "250.00"): "Invented sweetness, controlled",
        ("icd9pcs", "81.54"): "Invented knee",
        ("hcpcs", "A0021"): "Invented ride, per mile",
        ("modifier", "A1"): "Dressing for one invented",
        ("cdt", "D0001"): "invented look. An invented look.",
    }
    assert await roots(catalog, "icd10pcs") == ["0", "G"]
    assert await roots(catalog, "icd10pcs", "0DB") == ["0DB1", "0DB2"]
    assert await roots(catalog, "icd9cm", "CHAPTER-240-279") == ["250"]
    assert await roots(catalog, "modifier") == ["HCPCS Level II modifiers"]
    exported = [part async for part in catalog.stub.ExportCodes(pb.ExportCodesRequest(), metadata=bearer(catalog))]
    keys = [(code.ref.system, code.ref.code) for part in exported for code in part.codes]
    assert len(keys) == len(set(keys))
    assert {("icd10pcs", "0DB13ZZ"), ("cdt", "D0001"), ("icd9pcs", "8154"), ("modifier", "A1")} <= set(keys)
    systems = await invoke(catalog.stub.ListSystems, pb.ListSystemsRequest(), timeout=10, token=catalog.token())
    assert {system.system: system.pages for system in systems.systems} == {
        "icd10cm": 8, "icd10pcs": 7, "hcpcs": 2, "modifier": 1, "cdt": 2, "icd9cm": 4, "icd9pcs": 2,
    }  # fmt: skip


def bearer(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """The token as metadata of a call."""
    return (("authorization", f"Bearer {catalog.token()}"),)


async def test_licensed_dental_text_names_its_owner_and_licence(catalog: Catalog) -> None:
    await import_all(catalog)
    page = await catalog.page("cdt", "D0001")
    assert page.official.licence == "ada-cdt"
    assert page.official.copyright.startswith("Current Dental Terminology © 2027 American Dental Association.")
    assert "invented look" not in "".join(page.common.paragraphs), "the owner's words stand in the licensed slot alone"


async def test_a_procedure_page_explains_each_character(catalog: Catalog) -> None:
    await import_all(catalog)
    page = await catalog.page("icd10pcs", "0DB10ZX")
    words = " ".join(page.common.paragraphs)
    assert "The fourth character, 1, stands for Upper Invention." in words
    assert "The seventh character, X, stands for Diagnostic." in words
    table = await catalog.page("icd10pcs", "0DB")
    assert not table.reportable
    assert [ref.display_code for ref in table.billing.reportable_codes] == ["0DB10ZX", "0DB10ZZ", "0DB13ZZ", "0DB20ZZ"]


async def test_equivalents_stand_on_both_sides_with_their_flags_in_words(catalog: Catalog) -> None:
    await import_all(catalog)
    old = related(await catalog.page("icd9cm", "250.00"), "equivalent")
    assert "one of several codes that are needed together (scenario 1, choice list 1)" in old["A00.9"]
    assert "From there, mapping ICD-10-CM to this code: approximate." in old["A00.9"]
    new = related(await catalog.page("icd10cm", "A00.0"), "equivalent")
    assert new == {
        "001.0": "From here, mapping to ICD-9-CM: identical. From there, mapping ICD-9-CM to this code: identical."
    }
    nothing = await catalog.page("icd9cm", "E880.0")
    assert any("no code of ICD-10-CM corresponds to E880.0" in note.text for note in nothing.crosswalks.notes)


async def test_exemption_from_present_on_admission_is_told_either_way(catalog: Catalog) -> None:
    await import_all(catalog)
    exempt = [s.text for s in (await catalog.page("icd10cm", "A00.0")).billing.guidance]
    assert any("A00.0 is exempt from reporting whether" in text for text in exempt)
    other = [s.text for s in (await catalog.page("icd10cm", "A00.9")).billing.guidance]
    assert any("A00.9 is not among the exempt codes" in text for text in other)


async def test_a_valid_code_tells_what_was_assigned_before_and_no_successor(catalog: Catalog) -> None:
    await import_all(catalog)
    page = await catalog.page("icd10cm", "A00.9")
    assert related(page, "predecessor") == {
        "A00": "Assigned before October 1, 2017: A00 and B19.1.",
        "B19.1": "Assigned before October 1, 2017: A00 and B19.1.",
    }
    assert not related(page, "successor")
    assert [(e.date.year, e.date.month) for e in page.coverage.history] == [(2017, 10)]


async def test_a_deleted_code_shows_its_last_day_and_leads_to_its_successors(catalog: Catalog) -> None:
    rows = [*files.CONVERSION[:2], ["A00.0", 2025, "A00.8"], ["A00.9", 2024, "A00.8"]]
    await catalog.import_files("icd10cm-conversion", {WORKBOOKS["icd10cm-conversion"][0]: workbook(rows)})
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2026.txt": order(*ORDER)})
    sentence = r"There is no ICD-10-CM code A00\.8 .* leads from it to A00\.0, A00\.9"
    with pytest.raises(NotFound, match=sentence) as absent:
        await catalog.page("icd10cm", "A00.8")
    near = json.loads(absent.value.metadata["near"])
    assert [entry["display"] for entry in near[:2]] == ["A00.0", "A00.9"]
    with_it = order(*ORDER[:1], ("A008", 1, "Invented fever, other"), ORDER[2])
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2025.txt": with_it})
    page = await catalog.page("icd10cm", "A00.8")
    assert not page.reportable
    assert page.billing.reportable == ("A00.8 is not valid: its last day was September 30, 2025, by ICD-10-CM FY 2026.")
    assert page.guidelines.do_not_report[0].text == page.billing.reportable
    assert [ref.display_code for ref in page.status.successors] == ["A00.0"]
    assert related(page, "successor") == {"A00.0": "Valid since October 1, 2025; assigned before: A00.8."}
    assert page.releases[0].edition == "FY 2025"


@pytest.mark.parametrize("never", ["A00.99", "A00.9XXA", "B19.1"])
async def test_what_never_was_a_code_is_led_on_by_no_code_above_it(catalog: Catalog, never: str) -> None:
    rows = [*files.CONVERSION[:2], ["A00.0", 2025, "A00.9"], ["A00.9", 2024, "B15-B20"]]
    await catalog.import_files("icd10cm-conversion", {WORKBOOKS["icd10cm-conversion"][0]: workbook(rows)})
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2026.txt": order(*ORDER)})
    with pytest.raises(NotFound, match="There is no ICD-10-CM code") as absent:
        await catalog.page("icd10cm", never)
    assert "leads from it" not in str(absent.value)


async def test_an_older_list_of_the_same_code_set_brings_no_code_back(catalog: Catalog) -> None:
    await catalog.import_tabular()
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2025.txt": order(("Z99", 1, "Invented and gone"))})
    page = await catalog.page("icd10cm", "Z99")
    assert "Z99 is not valid: its last day was" in page.billing.reportable
    assert "Z99" not in await roots(catalog, "icd10cm")
    exported = [part async for part in catalog.stub.ExportCodes(pb.ExportCodesRequest(), metadata=bearer(catalog))]
    assert "Z99" not in {code.ref.code for part in exported for code in part.codes}


async def test_the_hcpcs_file_goes_before_our_selection_which_fills_the_rest(catalog: Catalog) -> None:
    await catalog.import_house()
    await catalog.import_files("hcpcs", RIGHT["hcpcs"])
    page = await catalog.page("hcpcs", "J0001")
    assert page.official.text == "Injection, inventol"
    assert page.common.paragraphs[0].startswith("The clinician performs invented act J0001.")
    assert not page.reportable
    assert page.billing.reportable == (
        "J0001 is not valid: its last day was December 31, 2017, by HCPCS Level II 2019, the last that had "
        "begun of those loaded here, though it had ended by then."
    )
    assert related(page, "successor") == {"J0002": "The HCPCS file names it for the ended code."}
    assert [(event.date.year, event.event.text) for event in page.coverage.history] == [(2017, "Last day.")]
    exported = [part async for part in catalog.stub.ExportCodes(pb.ExportCodesRequest(), metadata=bearer(catalog))]
    headings = {(c.ref.system, c.ref.code): c.ref.heading.text for part in exported for c in part.codes}
    assert headings["hcpcs", "J0001"] == "Injection, inventol"
    assert ("cpt", "10001") in headings


async def test_a_deleted_code_is_valid_and_without_successor_on_an_earlier_day(catalog: Catalog) -> None:
    rows = [*files.CONVERSION[:2], ["A00.0", 2025, "A00.8"]]
    await catalog.import_files("icd10cm-conversion", {WORKBOOKS["icd10cm-conversion"][0]: workbook(rows)})
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2026.txt": order(*ORDER)})
    await catalog.import_files("icd10cm-poa", RIGHT["icd10cm-poa"])
    with_it = order(*ORDER[:1], ("A008", 1, "Invented fever, other"), ORDER[2])
    await catalog.import_files("icd10cm-order", {"icd10cm_order_2025.txt": with_it})
    request = pb.GetCodeRequest(system="icd10cm", code="A00.8", date=Date(year=2025, month=9, day=30))
    answer = await invoke(catalog.stub.GetCode, request, timeout=10, token=catalog.token())
    assert answer.code.reportable
    assert not answer.code.status.successors
    assert not related(answer.code, "successor")
    assert "reporting, FY 2026, begins on October 1, 2025: what it held on September 30, 2025 is not known here." in (
        " ".join(statement.text for statement in answer.code.billing.guidance)
    )
    request.date.CopyFrom(Date(year=2025, month=10, day=1))
    gone = await invoke(catalog.stub.GetCode, request, timeout=10, token=catalog.token())
    assert [(ref.display_code, ref.heading.text) for ref in gone.code.status.successors] == [
        ("A00.0", "Invented fever of the hill")
    ]


def with_claim_codes(folder: Path) -> None:
    """Add a CPT modifier, an HCPCS modifier and a place of service to invented content."""
    rule = {"text": "Put it on the visit.", "source": "manual"}
    ours = {"code": "25", "heading": "Invented visit", "summary": "It marks a visit.", "source": "manual"}
    official = {"official": True, "source": "manual"}
    parts = {
        "cpt": ("modifier", "CPT modifiers", [{**ours, "report_when": [rule]}]),
        "hcpcs": ("modifier", "HCPCS Level II modifiers", [{"code": "ZZ", "heading": "Invented", **official}]),
        "pos": ("pos", None, [{"code": "11", "heading": "Office", "description": "Invented rooms.", **official}]),
    }
    (folder / "claim-codes").mkdir()
    for name, (system, group, codes) in parts.items():
        document = {"system": system, "codes": codes, **({"group": group} if group else {})}
        (folder / "claim-codes" / f"{name}.yaml").write_text(json.dumps(document))


async def test_modifiers_of_both_publishers_are_listed_and_have_pages(catalog: Catalog) -> None:
    await catalog.import_house(with_claim_codes)
    await catalog.import_files("hcpcs", RIGHT["hcpcs"])
    assert await roots(catalog, "modifier") == ["HCPCS Level II modifiers", "CPT modifiers"]
    assert await roots(catalog, "modifier", "CPT-MODIFIERS") == ["25"]
    assert await roots(catalog, "modifier", "HCPCS-MODIFIERS") == ["A1", "ZZ"]
    ours = await catalog.page("modifier", "25")
    assert not ours.official.text
    assert "Appendix A" in ours.official.absence
    assert list(ours.common.paragraphs) == ["It marks a visit."]
    assert ours.guidelines.report_when[0].citations[0].title == "Invented Manual"
    assert ours.reportable
    assert ours.status.validity == pb.VALIDITY_UNKNOWN, "the HCPCS file says nothing of the AMA's modifiers"
    assert (await catalog.page("modifier", "ZZ")).official.text == "Invented"
    place = await catalog.page("pos", "11")
    assert (place.heading.text, place.official.text) == ("Office", "Invented rooms.")


async def test_modifiers_stay_when_a_later_file_of_hcpcs_comes_without_them(catalog: Catalog) -> None:
    await catalog.import_house(with_claim_codes)
    await catalog.import_files("hcpcs", RIGHT["hcpcs"])
    await catalog.import_files("hcpcs", {"hcpcs_level2_2024-07.csv": files.HCPCS_CSV.encode()})
    page = await catalog.page("modifier", "A1")
    assert page.reportable
    assert page.status.validity == pb.VALIDITY_VALID
    assert next((r.kind, r.edition, r.current) for r in page.releases) == ("hcpcs", "2019", False)
    assert await roots(catalog, "modifier", "HCPCS-MODIFIERS") == ["A1", "ZZ"]
    request = pb.ListCodesRequest(system="modifier", parent="HCPCS-MODIFIERS", page_size=1)
    first = await invoke(catalog.stub.ListCodes, request, timeout=10, token=catalog.token())
    request.page_token = first.next_page_token
    second = await invoke(catalog.stub.ListCodes, request, timeout=10, token=catalog.token())
    assert ([c.display_code for c in second.codes], second.next_page_token) == (["ZZ"], "")
    listed = await invoke(
        catalog.stub.ListCodes, pb.ListCodesRequest(system="hcpcs"), timeout=10, token=catalog.token()
    )
    assert [r.edition for r in listed.releases if r.kind == "hcpcs"] == ["July 2024"]


async def test_a_code_without_our_text_is_described_by_its_place(catalog: Catalog) -> None:
    await catalog.import_files("hcpcs", RIGHT["hcpcs"])
    page = await catalog.page("hcpcs", "A0021")
    assert page.common.paragraphs[0].startswith(
        "A0021 is a code of HCPCS Level II from the section of A0000 to A3999, “Transportation, including ambulance”."
    )
    assert not page.common.absence
    assert any("Not payable by Medicare" in statement.text for statement in page.coverage.coverage)


async def test_a_code_of_another_system_is_near(catalog: Catalog) -> None:
    await import_all(catalog)
    with pytest.raises(NotFound) as absent:
        await catalog.page("icd9cm", "A0021")
    assert json.loads(absent.value.metadata["near"])[0]["system"] == "hcpcs"


async def test_index_entries_that_lead_to_a_code_stand_on_its_page_and_in_a_list(catalog: Catalog) -> None:
    await import_all(catalog)
    fever = (await catalog.page("icd10cm", "A00.9")).guidelines
    assert [(list(e.path), e.index, e.named) for e in fever.index_entries] == [
        (["Fever (invented) (of inventors)"], "External Cause Index", "A00.9")
    ]
    assert fever.index_entries_total == 1

    async def listed(code: str, size: int = 0, token: str = "") -> pb.ListIndexLeadsResponse:
        request = pb.ListIndexLeadsRequest(code=code, page_size=size, page_token=token)
        answer: pb.ListIndexLeadsResponse = await invoke(
            catalog.stub.ListIndexLeads, request, timeout=10, token=catalog.token()
        )
        return answer

    poisoned = await listed("t36.0X1a")  # completed by a seventh character
    assert [(list(e.path), e.column, e.named) for e in poisoned.entries] == [
        (["Inventol"], "Poisoning Accidental", "T36.0X1")
    ]
    below = await listed("B20.1")  # the index asks for more characters
    assert [(list(e.path), e.named) for e in below.entries] == [(["Fever (invented) (of inventors)", "hill"], "B20.-")]
    assert not (await listed("T36.0X")).entries
    assert (await listed("S06.01", 1)).next_page_token == ""
    with pytest.raises(InvalidInput):
        await listed("A00.9", token="x")
    with pytest.raises(InvalidInput):
        await listed("A0")
