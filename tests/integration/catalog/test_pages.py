"""What a caller gets of a code over RPC, on invented releases."""

import json
from datetime import date, timedelta

import pytest
from codingahead.catalog.v1 import catalog_pb2 as pb
from google.type.date_pb2 import Date

from services.catalog.imports.run import import_file
from shared.errors import InvalidInput, NotFound, Unauthenticated
from shared.rpc.client import invoke
from tests.integration.catalog.conftest import Catalog
from tests.unit.catalog.small_tabular import SMALL, written
from tests.unit.catalog.test_guidelines import SMALL as GUIDELINES

EXCEPTION = "7th characters D and S do not apply to codes in category S06 with 6th character 7 - end, or 8 - other."


async def page(catalog: Catalog, system: str, code: str, day: date | None = None) -> pb.Code:
    """Ask for a page, as of a date of service or of today."""
    when = Date(year=day.year, month=day.month, day=day.day) if day else None
    request = pb.GetCodeRequest(system=system, code=code, date=when)
    return (await invoke(catalog.stub.GetCode, request, timeout=10, token=catalog.token())).code


def notes(code: pb.Code) -> list[tuple[str, str, list[str]]]:
    """Kind, place and texts of the notes, in order."""
    return [
        (
            pb.TabularNoteKind.Name(block.kind).removeprefix("TABULAR_NOTE_KIND_"),
            block.inherited_from.display_code,
            [note.text for note in block.notes],
        )
        for block in code.guidelines.tabular_notes
    ]


async def test_a_code_is_found_by_any_spelling_and_is_one_page(catalog: Catalog) -> None:
    await catalog.import_tabular()
    pages = [await page(catalog, system, code) for system, code in
             [("icd10cm", "S060XXA"), ("ICD10CM", "s06.0xxa"), ("icd10cm", " S06.0XXA ")]]  # fmt: skip
    assert pages[0] == pages[1] == pages[2]
    assert pages[0].display_code == "S06.0XXA"
    assert pages[0].official.text == "Invented head wound, right side, initial encounter"
    assert not pages[0].official.copyright
    assert not pages[0].official.licence


async def test_notes_stand_own_first_then_inherited_from_near_to_far(catalog: Catalog) -> None:
    await catalog.import_tabular()
    assert notes(await page(catalog, "icd10cm", "S060XXA")) == [
        ("INCLUSION_TERM", "S06.0", ["Right-handed bump"]),
        ("EXCLUDES1", "S06", ["invented scratch (S09.0)"]),
        ("NOTE", "S06", [EXCEPTION]),
        ("SEVENTH_CHARACTER", "S06", ["Add the 7th character to each code of S06, except as noted below",
                                      "S, sequela: left over"]),
        ("USE_ADDITIONAL", "S00-S09", ["code for the invented tool (S90.-)"]),
        ("EXCLUDES2", "Chapter 19", ["invented birth injury (P10-P15)"]),
    ]  # fmt: skip
    own = notes(await page(catalog, "icd10cm", "S06"))
    assert own[0] == ("INCLUSION_TERM", "", ["Made-up bump"])


async def test_codes_in_notes_are_links_where_they_exist(catalog: Catalog) -> None:
    await catalog.import_tabular()
    blocks = (await page(catalog, "icd10cm", "S06")).guidelines.tabular_notes
    named = {note.text: [ref.display_code for ref in note.codes] for block in blocks for note in block.notes}
    assert named["invented scratch (S09.0)"] == ["S09.0"]
    assert named["code for the invented tool (S90.-)"] == ["S90"]
    assert named["invented birth injury (P10-P15)"] == []


async def test_seventh_characters_are_those_that_make_codes(catalog: Catalog) -> None:
    await catalog.import_tabular()

    async def characters(code: str) -> list[str]:
        seventh = (await page(catalog, "icd10cm", code)).guidelines.seventh_characters
        return [meaning.character for meaning in seventh.characters]

    assert await characters("S06") == ["A", "D", "S"]
    assert await characters("S060") == ["A", "D", "S"]
    assert await characters("S061X7") == ["A"]
    assert await characters("S061X7A") == ["A"]
    assert await characters("S090") == []


async def test_the_tree_is_walked_by_ancestors_children_and_neighbours(catalog: Catalog) -> None:
    await catalog.import_tabular()
    code = await page(catalog, "icd10cm", "S060XXD")
    assert [ref.display_code for ref in code.ancestors] == ["Chapter 19", "S00-S99", "S00-S09", "S06", "S06.0"]
    assert (code.previous.code, code.next.code) == ("S060XXA", "S060XXS")
    last = await page(catalog, "icd10cm", "S061X9S")
    assert last.HasField("previous")
    assert not last.HasField("next")
    assert [ref.code for ref in (await page(catalog, "icd10cm", "S060")).children] == ["S060XXA", "S060XXD", "S060XXS"]


async def test_a_header_says_that_it_is_not_reportable_and_leads_to_the_codes(catalog: Catalog) -> None:
    await catalog.import_tabular()
    code = await page(catalog, "icd10cm", "S06.1")
    assert not code.reportable
    assert "may not be reported" in code.billing.reportable
    assert [ref.code for ref in code.billing.reportable_codes] == ["S061X7A", "S061X9A", "S061X9D", "S061X9S"]
    assert code.billing.reportable_codes_total == 4


async def test_the_plain_words_explain_placeholder_and_seventh_character(catalog: Catalog) -> None:
    await catalog.import_tabular()
    words = " ".join((await page(catalog, "icd10cm", "S060XXA")).common.paragraphs)
    assert "seventh character, A, means “initial encounter”" in words
    assert "Each X in the fifth and sixth places" in words
    words = " ".join((await page(catalog, "icd10cm", "S061X9A")).common.paragraphs)
    assert "The X in the fifth place" in words


async def test_documentation_is_drawn_from_what_tells_siblings_apart(catalog: Catalog) -> None:
    await catalog.import_tabular()
    said = {s.text: [c.locator for c in s.citations] for s in
            (await page(catalog, "icd10cm", "S06")).documentation.requirements}  # fmt: skip
    assert any("right and left" in text and at == ["section I.B.13"] for text, at in said.items())
    assert any("active treatment" in text and at == ["section I.C.19.a"] for text, at in said.items())


@pytest.mark.parametrize("code", ["CHAPTER-19", "S00-S09", "S06", "S060", "S060XXA", "S90"])
async def test_every_section_of_a_diagnosis_has_something_to_say(catalog: Catalog, code: str) -> None:
    await catalog.import_tabular()
    got = await page(catalog, "icd10cm", code)
    assert got.official.text
    assert got.common.paragraphs
    assert got.guidelines.report_when
    assert got.documentation.requirements
    assert got.billing.guidance
    assert got.edits.scope
    assert got.fees.notes
    assert got.crosswalks.notes
    assert got.coverage.coverage


async def test_a_release_is_current_on_its_days_only_and_the_revision_tells(catalog: Catalog) -> None:
    await catalog.import_tabular()
    now = await page(catalog, "icd10cm", "S90")
    assert now.releases[0].current
    catalog.clock.step(catalog.clock.now().replace(month=10, day=1) - catalog.clock.now())
    later = await page(catalog, "icd10cm", "S90")
    assert not later.releases[0].current
    assert later.revision != now.revision
    assert (later.releases[0].effective_to.month, later.releases[0].effective_to.day) == (9, 30)


async def test_a_procedure_page_joins_our_text_and_the_tables(catalog: Catalog) -> None:
    await catalog.import_house()
    code = await page(catalog, "cpt", "10001")
    assert code.common.label == "Our summary, not the CPT descriptor"
    assert code.heading.origin == pb.TEXT_ORIGIN_OURS
    assert not code.official.text
    assert "no licensed CPT file" in code.official.absence
    assert [row.modifier for row in code.fees.rows] == ["", "26", "TC"]
    assert code.fees.rows[0].status_meaning.startswith("Active code")
    assert code.fees.rows[2].facility_total == ""
    assert {i.name: i.meaning for i in code.fees.rows[0].indicators}["PC/TC"].startswith("Diagnostic test")
    assert code.edits.mue[0].mai_meaning.startswith("Date of service edit, clinical")
    assert code.edits.ptp[0].column_2.heading.text == "Invented act 10002"
    assert code.edits.add_on[0].type_meaning.startswith("Type 1")
    assert code.billing.guidance[0].citations[0].title == "Invented Manual"
    assert {release.title for release in code.releases} >= {"MUE outpatient", "PTP practitioner", "Fee schedule RVUs"}
    assert not any(release.current for release in code.releases if release.title == "PTP practitioner")


async def test_no_row_in_a_table_is_never_no_edit(catalog: Catalog) -> None:
    await catalog.import_house()
    scope = " ".join(s.text for s in (await page(catalog, "hcpcs", "J0001")).edits.scope)
    assert "No edit found for practitioners" in scope
    assert "PTP practitioner, July 2024" in scope
    assert "may still have an edit" in scope
    assert "does not mean no limit" in scope


async def test_no_dollar_stands_on_a_procedure_page(catalog: Catalog) -> None:
    await catalog.import_house()
    assert "$" not in str(await page(catalog, "cpt", "10001"))


async def test_hcpcs_text_is_official_and_free(catalog: Catalog) -> None:
    await catalog.import_house()
    code = await page(catalog, "hcpcs", "j0001")
    assert code.official.text == "Injection, inventol, 1 mg"
    assert not code.official.licence
    assert code.coverage.history[0].date.year == 2006


async def test_a_licensed_cpt_text_stands_with_its_licence_and_copyright(catalog: Catalog) -> None:
    await catalog.import_house()
    await catalog.import_cpt("10001\tInvented wording of a licensed file\n")
    official = (await page(catalog, "cpt", "10001")).official
    assert official.text == "Invented wording of a licensed file"
    assert official.licence == "ama-cpt"
    assert official.copyright.startswith("CPT © 2026 American Medical Association")
    missing = (await page(catalog, "cpt", "10002")).official
    assert "has no descriptor of this code" in missing.absence


async def test_an_unknown_code_names_the_nearest(catalog: Catalog) -> None:
    await catalog.import_tabular()
    await catalog.import_house()
    with pytest.raises(NotFound, match=r"S09\.0") as missing:
        await page(catalog, "icd10cm", "S09O")
    assert json.loads(missing.value.metadata["near"])[0] == {
        "system": "icd10cm", "code": "S090", "display": "S09.0", "heading": "Invented scratch",
    }  # fmt: skip
    with pytest.raises(NotFound) as elsewhere:
        await page(catalog, "icd10cm", "10001")
    assert json.loads(elsewhere.value.metadata["near"])[0]["system"] == "cpt"


async def test_a_family_of_codes_has_no_page_but_is_browsed(catalog: Catalog) -> None:
    await catalog.import_house()
    with pytest.raises(NotFound, match="has no page"):
        await page(catalog, "cpt", "INVENTED")
    request = pb.ListCodesRequest(system="cpt", parent="INVENTED")
    below = await invoke(catalog.stub.ListCodes, request, timeout=10, token=catalog.token())
    assert [ref.code for ref in below.codes] == ["10001", "10002"]


@pytest.mark.parametrize(("system", "code"), [("icd10cm", "\x00"), ("icd10cm", "a" * 500), ("cpt", "' OR 1=1 --")])
async def test_bad_input_gets_a_sentence(catalog: Catalog, system: str, code: str) -> None:
    await catalog.import_tabular()
    with pytest.raises(InvalidInput, match="has not the shape of a code"):
        await page(catalog, system, code)


async def test_nothing_is_answered_without_a_principal(catalog: Catalog) -> None:
    with pytest.raises(Unauthenticated):
        await invoke(catalog.stub.ListSystems, pb.ListSystemsRequest(), timeout=10)


async def test_before_anything_is_loaded_that_is_said(catalog: Catalog) -> None:
    with pytest.raises(NotFound, match="No ICD-10-CM codes are loaded here yet"):
        await page(catalog, "icd10cm", "E11")


async def test_a_page_that_was_read_follows_the_release_in_force_and_the_day(catalog: Catalog) -> None:
    await catalog.import_tabular()
    before = await page(catalog, "icd10cm", "S06.0")
    assert await page(catalog, "icd10cm", "s060") == before
    await catalog.import_tabular(SMALL.replace("Invented head wound, right side", "Invented head wound, far side"))
    after = await page(catalog, "icd10cm", "S06.0")
    assert after.heading.text == "Invented head wound, far side"
    assert after.revision != before.revision
    catalog.clock.step(timedelta(days=200))
    assert not (await page(catalog, "icd10cm", "S06.0")).releases[0].current


async def test_notes_elsewhere_that_exclude_a_code_are_named_the_most_specific_first(catalog: Catalog) -> None:
    wide = "<excludes2><note>any invented wound (S00-S09)</note></excludes2>"
    await catalog.import_tabular(SMALL.replace("<desc>Invented spoon</desc>", f"<desc>Invented spoon</desc>{wide}"))
    scratch = (await page(catalog, "icd10cm", "S09.0")).guidelines
    found = [(each.code.display_code, each.code.heading.text, each.text) for each in scratch.excluded_at]
    assert found == [
        ("S06", "Invented head wound", "invented scratch (S09.0)"),
        ("S90", "Invented spoon", "any invented wound (S00-S09)"),
    ]
    assert scratch.excluded_at[0].kind == pb.TABULAR_NOTE_KIND_EXCLUDES1
    assert scratch.excluded_at_total == 2
    block = (await page(catalog, "icd10cm", "S00-S09")).guidelines
    assert [each.code.code for each in block.excluded_at] == ["S90"]
    assert not (await page(catalog, "icd10cm", "S90")).guidelines.excluded_at


async def test_sections_of_the_guidelines_that_speak_of_a_code_are_cited(catalog: Catalog) -> None:
    await catalog.import_tabular()
    assert not (await page(catalog, "icd10cm", "S06.0XXA")).guidelines.mentions
    path = written(catalog.folder, GUIDELINES, "guidelines.md")
    await import_file(catalog.database, "icd10cm-guidelines", [path], imported_by="tester", clock=catalog.clock)
    code = await page(catalog, "icd10cm", "S06.0XXA")
    assert [(each.section, each.named) for each in code.guidelines.mentions] == [
        ("I.C.19.a", "S06.0"),
        ("I.C.19", "S00-S99"),
    ]
    assert "ICD-10-CM Official Guidelines for Coding and Reporting" in {release.title for release in code.releases}
