"""The promises of ranking, one by one, on a small table of codes with each real engine."""

import pytest
from msgspec.structs import replace

from services.search.adapters.engines import EnginePart
from services.search.engine import Narrowed
from services.search.found import Why
from tests.contract.search.small_index import ENDED, SmallIndex, code

LONG_ON_ELASTICSEARCH = True
ENTRIES = (
    code("icd10cm", "E11", "Type 2 diabetes mellitus", billable=False),
    code("icd10cm", "E11.9", "Type 2 diabetes mellitus without complications"),
    code("icd10cm", "E11.2", "Type 2 diabetes mellitus with kidney complications", billable=False),
    code("icd10cm", "E11.21", "Type 2 diabetes mellitus with diabetic nephropathy"),
    code("icd10cm", "E23.2", "Diabetes insipidus"),
    code("icd10cm", "R73.03", "Prediabetes", "Latent diabetes"),
    code("icd10cm", "O11.9", "Pre-existing hypertension with pre-eclampsia, unspecified trimester"),
    code("icd10cm", "I10", "Essential (primary) hypertension", "hypertension (arterial) (benign) (essential)"),
    code("icd10cm", "I21.9", "Acute myocardial infarction, unspecified"),
    code("icd10cm", "I11.0", "Hypertensive heart disease with heart failure"),
    code("icd10cm", "J86.9", "Pyothorax without fistula", paths=("Abscess, peripleuritic", "Empyema, pleura")),
    code("icd10cm", "K63.89", "Other specified diseases of intestine"),
    code("icd10cm", "K55.30", "Necrotizing enterocolitis, unspecified"),
    code("icd10cm", "L02.91", "Cutaneous abscess, unspecified"),
    code("icd10cm", "I34.0", "Nonrheumatic mitral (valve) insufficiency", "mitral insufficiency"),
    code("icd10cm", "S72.92XA", "Unspecified fracture of left femur, initial encounter for closed fracture"),
    code("icd10cm", "S72.91XA", "Unspecified fracture of right femur, initial encounter for closed fracture"),
    code("icd10cm", "S72.92XD", "Unspecified fracture of left femur, subsequent encounter for closed fracture"),
    code("icd10cm", "R10", "Abdominal and pelvic pain", billable=False),
    code("icd10cm", "R10.9", "Unspecified abdominal pain"),
    code("icd10cm", "R10.31", "Right lower quadrant pain"),
    code("icd10cm", "K64.9", "Unspecified hemorrhoids"),
    code("icd10cm", "K50.90", "Crohn's disease, unspecified, without complications"),
    code("icd10cm", "T78.1XXA", "Other adverse food reactions, initial encounter", last=ENDED),
    code("icd9cm", "992.13", "Invented ended thing", last=ENDED),
    code("cpt", "99213", "Established patient office visit, low decision making"),
    code("cpt", "96360", "First hour of hydration by vein"),
    code("cpt", "96361", "Each further hour of hydration by vein"),
    code("cpt", "96379", "Unlisted injection"),
    code("cpt", "45378", "Diagnostic colonoscopy"),
    code("modifier", "25", "Separate visit on the day of a procedure"),
    code("hcpcs", "J0135", "Injection, adalimumab, 20 mg"),
    replace(code("hcpcs", "J1745", "Infliximab, 10 mg"), summary="It shares its target with adalimumab."),
    code("pos", "25", "Birthing center"),
)


@pytest.mark.parametrize("query", ["E11.9", "e119", "E11 .9", " e11.9 ", "E11.9,", "(E11.9)"])
async def test_a_code_typed_in_full_is_first_however_it_is_written(index: SmallIndex, query: str) -> None:
    first = (await index.found(query)).results[0]
    assert (first.entry.display, first.why) == ("E11.9", Why.CODE)


async def test_look_alike_characters_are_offered_and_never_taken(index: SmallIndex) -> None:
    found = await index.found("011.9")
    assert "O11.9" not in [result.entry.display for result in found.results]
    assert [other.query for other in found.did_you_mean] == ["O11.9"]


@pytest.mark.parametrize("query", ["E11", "E11.-", "e11-"])
async def test_the_beginning_of_a_code_lists_all_of_them_in_order(index: SmallIndex, query: str) -> None:
    assert await index.codes(query) == ["E11", "E11.2", "E11.21", "E11.9"]


@pytest.mark.parametrize("query", ["992.1", "992.-", "992.", "992.1-"])
async def test_a_beginning_with_a_dot_is_of_a_code_set_that_writes_dots(index: SmallIndex, query: str) -> None:
    assert await index.codes(query) == ["992.13"]
    assert await index.codes("9921") == ["99213", "992.13"]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("99213-25", ["99213", "25"]),
        ("96360-96379", ["96360", "96361", "96379"]),
        ("E11.9, I10", ["E11.9", "I10"]),
        ("99213 45378", ["99213", "992.13", "45378"]),
        ("E11.9/I10", ["E11.9", "I10"]),
        ("J1745 x 2", ["J1745"]),
        ("99213-25 x1", ["99213", "25"]),
        ("E11.9 Type 2 diabetes mellitus without complications", ["E11.9"]),
        ("I10 - Essential (primary) hypertension", ["I10"]),
        ("dx: E11.9", ["E11.9"]),
        ("E11.9,45378 99213", ["E11.9", "45378", "99213", "992.13"]),
        ("modifier 25", ["25"]),
        ("-25", ["25"]),
    ],
)
async def test_pasted_forms_give_their_codes_in_their_order(index: SmallIndex, query: str, codes: list[str]) -> None:
    assert await index.codes(query) == codes


async def test_a_string_that_is_a_code_in_several_sets_lists_all_and_ended_ones_last(index: SmallIndex) -> None:
    found = await index.found("99213")
    assert [(r.entry.system, r.valid) for r in found.results] == [("cpt", True), ("icd9cm", False)]
    assert {r.entry.system for r in (await index.found("25")).results} == {"modifier", "pos"}


async def test_the_title_of_a_header_leads_to_it_and_fewer_words_to_a_billable_code(index: SmallIndex) -> None:
    assert (await index.codes("type 2 diabetes mellitus"))[0] == "E11"
    codes = await index.codes("diabetes type 2")
    assert codes.index("E11.21") < codes.index("E11.2")


async def test_with_and_without_sides_and_encounters_are_kept(index: SmallIndex) -> None:
    assert (await index.codes("diabetes without complications"))[0] == "E11.9"
    assert (await index.codes("left femur fracture subsequent"))[0] == "S72.92XD"
    assert (await index.codes("fracture right femur"))[0] == "S72.91XA"


@pytest.mark.parametrize(
    "query", ["hypertensive heart disease with heart failure", "failure heart with disease heart hypertensive"]
)
async def test_a_word_that_is_said_twice_has_to_be_found_once(index: SmallIndex, query: str) -> None:
    first = (await index.found(query)).results[0]
    assert (first.entry.display, first.why) == ("I11.0", Why.TITLE)


@pytest.mark.parametrize("query", ["haemorrhoids", "hemorrhoid", "Haemorrhoid"])
async def test_spelling_and_number_of_a_word_do_not_matter(index: SmallIndex, query: str) -> None:
    assert (await index.codes(query))[0] == "K64.9"


@pytest.mark.parametrize("query", ["crohns disease", "Crohn disease", "Crohn\N{RIGHT SINGLE QUOTATION MARK}s disease"])
async def test_possessives_do_not_matter(index: SmallIndex, query: str) -> None:
    assert (await index.codes(query))[0] == "K50.90"


async def test_a_misspelt_word_is_corrected_alone_and_labelled(index: SmallIndex) -> None:
    first = (await index.found("nephropthy diabetes")).results[0]
    assert (first.entry.display, first.why, first.words) == (
        "E11.21", Why.CORRECTION, "nephropthy → nephropathy",
    )  # fmt: skip
    assert all(result.why is not Why.CORRECTION for result in (await index.found("E11.99X")).results)


@pytest.mark.parametrize("query", ["haert attack", "heart atack", "haert attck"])
async def test_a_misspelt_word_of_the_lexicon_is_taken_for_the_nearest_and_both_are_told(
    index: SmallIndex, query: str
) -> None:
    first = (await index.found(query)).results[0]
    assert (first.entry.display, first.why) == ("I21.9", Why.CORRECTION)
    assert "→" in first.words
    assert "“heart attack” is an everyday word for" in first.words


async def test_both_readings_of_an_abbreviation_are_offered_by_turns(index: SmallIndex) -> None:
    results = (await index.found("MI")).results[:2]
    assert {result.group for result in results} == {"myocardial infarction", "mitral insufficiency"}
    assert all(result.why is Why.ABBREVIATION for result in results)


async def test_what_nothing_has_as_it_stands_is_not_looked_for_beside_what_it_is_short_for(index: SmallIndex) -> None:
    first = (await index.found("abdominal pain rlq")).results[0]
    assert (first.entry.display, first.why) == ("R10.31", Why.ABBREVIATION)


async def test_an_unfinished_word_finds_first_what_begins_with_it(index: SmallIndex) -> None:
    codes = await index.codes("diabet")
    assert codes.index("E23.2") < codes.index("R73.03")


async def test_lay_terms_and_brands_find_what_they_mean_and_say_so(index: SmallIndex) -> None:
    attack, drug = (await index.found("heart attack")).results[0], (await index.found("humira")).results[0]
    assert (attack.entry.display, attack.why) == ("I21.9", Why.SYNONYM)
    assert (drug.entry.display, "Humira" in drug.words) == ("J0135", True)


async def test_a_plain_injury_is_that_of_the_initial_encounter_for_a_closed_fracture(index: SmallIndex) -> None:
    results = (await index.found("fracture of left femur")).results
    assert [result.entry.display for result in results][:2] == ["S72.92XA", "S72.92XD"]
    assert results[0].words == "fracture of left femur"


async def test_what_only_speaks_of_a_drug_does_not_pass_for_it(index: SmallIndex) -> None:
    drug, other = (await index.found("humira")).results
    assert (drug.entry.display, other.entry.display) == ("J0135", "J1745")
    assert other.words == f"{drug.words}; its text, chapter or section has the rest of the words"


async def test_a_path_of_an_index_leads_to_its_code_and_is_the_reason(index: SmallIndex) -> None:
    first = (await index.found("abscess peripleuritic")).results[0]
    assert (first.entry.display, first.why, first.words) == ("J86.9", Why.INDEX, "Abscess, peripleuritic")
    assert (await index.found("peripleuritic")).results[0].entry.display == "J86.9"
    assert (await index.codes("cutaneous abscess"))[0] == "L02.91"


async def test_a_phrase_of_the_lexicon_is_found_while_its_last_word_is_being_typed(index: SmallIndex) -> None:
    first = (await index.found("heart att", typing=True)).results[0]
    assert (first.entry.display, first.why) == ("I21.9", Why.SYNONYM)


async def test_nec_behind_other_words_says_other_specified_and_is_no_disease(index: SmallIndex) -> None:
    results = (await index.found("intestine NEC")).results
    assert [result.entry.display for result in results[:1]] == ["K63.89"]
    assert all(result.why is not Why.ABBREVIATION for result in results)


async def test_codes_of_later_encounters_stand_below_the_initial_one(index: SmallIndex) -> None:
    codes = await index.codes("left femur fracture")
    assert codes.index("S72.92XA") < codes.index("S72.92XD")


async def test_the_plain_name_leads_to_the_code_of_the_plain_condition(index: SmallIndex) -> None:
    assert (await index.codes("hypertension"))[0] == "I10"


async def test_deleted_codes_stand_below_every_valid_one(index: SmallIndex) -> None:
    found = await index.found("initial encounter")
    assert [result.valid for result in found.results] == sorted((r.valid for r in found.results), reverse=True)
    assert found.results[-1].entry.last_day == ENDED


async def test_a_word_that_nothing_has_leads_to_what_begins_like_it(index: SmallIndex) -> None:
    found = await index.found("colonoscomposite")
    assert (found.results, [result.entry.display for result in found.near]) == ((), ["45378"])
    assert any("colonoscomposite" in sentence for sentence in found.tried)
    assert (await index.found("colzzzzqq")).near == ()


async def test_without_a_result_the_nearest_codes_are_offered_and_the_query_is_noted(index: SmallIndex) -> None:
    found = await index.found("E11.77")
    assert (found.results, [r.entry.display for r in found.near][:1]) == ((), ["E11"])
    assert (await index.found("E11.25")).results == ()  # its pieces are codes and words of others
    assert index.noted.queries == ["E11.77", "E11.25"]


async def test_a_chapter_divides_into_its_sections_and_a_section_into_what_is_below_it(engine: EnginePart) -> None:
    chapter, block = ("4", "Endocrine diseases"), ("E08-E13", "Diabetes mellitus")
    small = SmallIndex(engine)
    await small.hold(
        [
            code("icd10cm", *chapter, billable=False),
            replace(code("icd10cm", *block, billable=False), ancestors=("4",)),
            replace(code("icd10cm", "E11", "Type 2 diabetes", billable=False), ancestors=("4", "E08-E13")),
            replace(code("icd10cm", "E11.9", "Type 2 diabetes, plain"), ancestors=("4", "E08-E13", "E11")),
            replace(code("icd10cm", "E23.2", "Diabetes insipidus"), ancestors=("4", "E20-E35", "E23")),
        ]
    )

    async def counted(section: str) -> dict[str, int]:
        found = await small.found("diabetes", narrowed=Narrowed(section=section), facets=True)
        values = next(facet.values for facet in found.facets if facet.name == "section")
        return {value.value: value.count for value in values}

    assert await counted("") == {"icd10cm/4": 4}
    assert await counted("icd10cm/4") == {"icd10cm/4": 4, "icd10cm/E08-E13": 2, "icd10cm/E20-E35": 1}
    assert await counted("icd10cm/e08-e13") == {"icd10cm/E08-E13": 2, "icd10cm/E11": 1}


WORDED = (
    *ENTRIES,
    code("icd10cm", "J18.9", "Pneumonia, unspecified organism"),
    code("icd10cm", "J12.82", "Pneumonia due to coronavirus disease 2019", "Pneumonia due to COVID-19"),
    code("icd10cm", "G40.909", "Epilepsy, unspecified, not intractable"),
    code("icd10cm", "G40.919", "Epilepsy, unspecified, intractable"),
    code("icd10cm", "R07.9", "Chest pain, unspecified"),
    code("icd10cm", "R07.89", "Pain of the whole chest"),
    code("icd10cm", "Z79.01", "Long term (current) use of anticoagulants"),
    code("icd10cm", "I12.9", "Hypertensive chronic kidney disease with stage 1 through 4"),
    code("icd10cm", "N18.9", "Chronic kidney disease, unspecified"),
    code("icd10cm", "U07.1", "COVID-19"),
    code("icd10cm", "M45.9", "Ankylosing spondylitis of unspecified sites in spine"),
    code("icd10cm", "I35.0", "Nonrheumatic aortic (valve) stenosis"),
    code("hcpcs", "J0881", "Injection, darbepoetin alfa", "Darbepoetin outside dialysis"),
    code("hcpcs", "J0882", "Injection, darbepoetin alfa on dialysis"),
    code("modifier", "50", "Both sides in one session"),
    code("modifier", "59", "Distinct from the other service of the day"),
    code("pos", "11", "Office"),
    code("cpt", "11000", "Office procedure"),
    code("icd10cm", "M75.121", "Complete rotator cuff tear of right shoulder, not specified as traumatic"),
    code("icd10cm", "S46.011A", "Traumatic rotator cuff tear of right shoulder, initial encounter"),
    code("icd10cm", "S72.002A", "Fracture of unspecified part of neck of left femur, initial encounter"),
    code("icd10pcs", "0DH63UZ", "Insertion of Feeding Device into Stomach, Percutaneous Approach"),
    code("icd10cm", "T65.91XA", "Toxic effect of polyethylene glycol from a tube"),
    code("icd10cm", "T84.011A", "Broken internal left hip prosthesis, initial encounter"),
    code("icd10cm", "Y92.53", "Office as the place of service"),
)


@pytest.fixture
async def worded(engine: EnginePart) -> SmallIndex:
    """Entries that are told apart by what a query says about its words."""
    return await SmallIndex.of(engine, WORDED)


async def test_what_not_or_except_stands_before_is_left_out_and_that_is_said(worded: SmallIndex) -> None:
    for query in ("pneumonia not covid", "pneumonia, excluding COVID-19", "pneumonia except for covid"):
        found = await worded.found(query)
        assert [result.entry.display for result in found.results] == ["J18.9"], query
        assert found.tried[0].startswith("Left out, as the query says: what has “"), query
    assert await worded.codes("epilepsy not intractable") == ["G40.909"], "titles that say so themselves stay"
    assert (await worded.codes("rotator cuff tear not traumatic"))[0] == "M75.121", "also in other words between"
    assert await worded.codes("aranesp not on dialysis") == ["J0881"], "also without “not”"
    assert await worded.codes("epilepsy not otherwise specified"), "no word of the classification is left out"
    assert (await worded.codes("diabetes without complications"))[0] == "E11.9", "with and without are kept"
    assert (await worded.codes("diabetes with no complications"))[0] == "E11.9", "titles say it in another word"
    assert await worded.codes("pneumonia without covid") == ["J18.9"], "no title says it: it is left out"


async def test_a_side_may_stand_anywhere_in_a_phrase_of_the_lexicon(worded: SmallIndex) -> None:
    for query in ("broken left hip", "left broken hip", "broken hip left"):
        first = (await worded.found(query)).results[0]
        assert first.entry.display == "S72.002A", query
        assert "“broken hip” is an everyday word for" in first.words, query


async def test_an_abbreviation_inside_of_a_phrase_means_what_the_phrase_means(worded: SmallIndex) -> None:
    assert "T65.91XA" in await worded.codes("PEG")
    assert await worded.codes("PEG tube placement") == ["0DH63UZ"]


async def test_a_code_set_that_is_named_stands_first_and_hides_nothing(worded: SmallIndex) -> None:
    assert set(await worded.codes("place of service office")) == {"11", "11000", "Y92.53", "99213"}
    assert (await worded.codes("place of service office"))[0] == "11"
    assert (await worded.codes("bilateral modifier"))[0] == "50"
    found = await worded.found("modifier for distinct procedural service")
    assert found.results[0].entry.display == "59"
    assert found.tried[0] == "“modifier” names a code set: what of it fits stands first."
    for query in ("cpt 99213", "CPT code: 99213"):
        assert await worded.codes(query) == ["99213"], query
    for query in ("code:99213", "code 99213"):
        assert await worded.codes(query) == await worded.codes("99213"), query
    assert await worded.codes("pos 25") == ["25"]
    found = await worded.found("cpt hemorrhoids")
    assert [result.entry.display for result in found.results] == ["K64.9"]
    assert "nothing has the other words" in found.tried[0]


async def test_words_in_quotes_are_a_phrase_and_or_divides_two_searches(worded: SmallIndex) -> None:
    assert {"R07.9", "R07.89"} <= set(await worded.codes("chest pain"))
    assert await worded.codes('"chest pain"') == ["R07.9"]
    found = await worded.found('"pain hemorrhoids chest"')
    assert all(result.why is Why.SOME_WORDS for result in found.results)
    assert set(await worded.codes("pneumonia OR hemorrhoids")) == {"J18.9", "J12.82", "K64.9"}


async def test_a_drug_without_a_code_of_its_own_leads_to_how_its_use_is_coded(worded: SmallIndex) -> None:
    first = (await worded.found("eliquis")).results[0]
    assert first.entry.display == "Z79.01"
    assert "has no HCPCS Level II code" in first.words
    assert (await worded.codes("eliquis 5 mg tablet"))[0] == "Z79.01"


async def test_two_abbreviations_of_one_query_are_written_out_together_and_glued_digits_are_parted(
    worded: SmallIndex,
) -> None:
    first = (await worded.found("HTN CKD")).results[0]
    assert first.entry.display == "I12.9"
    assert "“HTN” is short for" in first.words
    assert "“CKD” is short for" in first.words
    assert (await worded.codes("covid19"))[0] == "U07.1"
    assert (await worded.codes("E11.9\\"))[0] == "E11.9"
    found = await worded.found("hemorhoids")
    assert [result.entry.display for result in found.results] == await worded.codes("hemorrhoids")
    assert found.results[0].why is Why.CORRECTION


async def test_a_reading_that_fits_loosely_takes_no_turn(worded: SmallIndex) -> None:
    assert (await worded.codes("severe AS nonrheumatic aortic valve"))[0] == "I35.0"
    assert {"M45.9", "I35.0"} <= set(await worded.codes("AS")), "what each reading fits is offered"


async def test_what_holds_within_a_code_set_is_read_where_it_is_searched_alone(engine: EnginePart) -> None:
    entries = [
        code("icd10cm", "E89.89", "State after thymus removed"),
        code("icd10pcs", "07TM0ZZ", "Resection of Thymus, Open Approach"),
        code("icd10pcs", "07TM4ZZ", "Resection of Thymus, Percutaneous Endoscopic Approach"),
    ]
    small = await SmallIndex.of(engine, entries)
    found = await small.found("thymus removed laparoscopic", narrowed=Narrowed(systems=("icd10pcs",)))
    assert found.results[0].entry.display == "07TM4ZZ"
    assert "“laparoscopic”" in found.results[0].words
    everywhere = await small.found("thymus removed")
    assert everywhere.results[0].entry.display == "E89.89"
    assert all("“removed”" not in result.words for result in everywhere.results)


async def test_who_asks_for_a_later_encounter_gets_it_where_no_title_has_all_words(engine: EnginePart) -> None:
    titles = {"A": "initial encounter", "D": "subsequent encounter", "S": "sequela"}
    entries = [code("icd10cm", f"T81.31X{each}", f"Disruption of wound, {said}") for each, said in titles.items()]
    entries += [
        code("icd10cm", f"S{each:02}.1X{way}", f"Bruise of site {each}, {titles[way]}")
        for each in range(99)
        for way in "ADS"
    ]
    small = await SmallIndex.of(engine, entries)
    assert (await small.codes("disruption of wound of zyxwv"))[0] == "T81.31XA"
    assert (await small.codes("disruption of wound of zyxwv subsequent"))[0] == "T81.31XD"
    assert (await small.codes("disruption of wound of zyxwv sequela"))[0] == "T81.31XS"


async def test_a_code_set_without_the_telling_words_gives_what_has_the_others(engine: EnginePart) -> None:
    feet = [code("icd10pcs", f"0A{number:02}", f"Strap on foot {number}") for number in range(10, 50)]
    small = await SmallIndex.of(engine, [*feet, code("icd10cm", "M31.1", "Thrombotic illness")])
    found = await small.found("thrombotic foot", narrowed=Narrowed(systems=("icd10pcs",)))
    assert found.results
    assert found.results[0].words == "foot"


async def test_within_a_code_set_a_phrase_in_the_words_of_another_hides_no_shorter_one(engine: EnginePart) -> None:
    small = await SmallIndex.of(
        engine,
        [
            code("icd10pcs", "5A2204Z", "Restoration of Cardiac Rhythm, Single"),
            code("icd10pcs", "02QA0ZZ", "Repair Heart, Open Approach"),
            code("cpt", "92960", "Planned shock to the heart from outside"),
        ],
    )
    found = await small.found("elective cardioversion", narrowed=Narrowed(systems=("icd10pcs",)))
    assert found.results[0].entry.code == "5A2204Z"
    assert (await small.codes("elective cardioversion"))[0] == "92960"


async def test_who_names_a_device_means_that_it_is_put_in_unless_it_says_more(engine: EnginePart) -> None:
    small = await SmallIndex.of(
        engine,
        [
            code("icd10pcs", "02PA3QZ", "Removal of Heart Assist System from Heart, Percutaneous Approach"),
            code("icd10pcs", "02WA3QZ", "Revision of Heart Assist System in Heart, Percutaneous Approach"),
            code(
                "icd10pcs", "02HA3QZ", "Insertion of Implantable Heart Assist System into Heart, Percutaneous Approach"
            ),
            code("icd10pcs", "2W5DX2Z", "Removal of Cast on Left Lower Arm"),
            code("icd10pcs", "2W3DX2Z", "Immobilization of Left Lower Arm using Cast"),
        ],
    )
    assert (await small.codes("heart assist system"))[0] == "02HA3QZ"
    assert (await small.codes("revision heart assist system"))[0] == "02WA3QZ"
    assert (await small.codes("left lower arm cast"))[:2] == ["2W3DX2Z", "2W5DX2Z"]
    assert (await small.codes("removal of cast left lower arm"))[0] == "2W5DX2Z"
