"""The lexicon: whole, free of doubles and chains, and true to what coders type."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import simple_icd_10_cm
from hypothesis import given
from hypothesis import strategies as st

from services.search.lexicon import Kind, Lexicon, Match, Row, Scope, lexicon, normal_form, split, words
from services.search.lexicon.loading import COLUMNS, FOLDER, LexiconDefects, load, sources
from services.search.readings import longer_first

HEAD = ",".join(COLUMNS)
SOURCES = "key,title,address\nmesh,Medical Subject Headings,https://meshb.nlm.nih.gov/\n"


def _folder(place: Path, *lines: str) -> Path:
    (place / "sources.csv").write_text(SOURCES)
    (place / "terms.csv").write_text("\n".join((HEAD, *lines)) + "\n")
    return place


def _means(text: str) -> set[str]:
    return {reading.row.expansion for reading in lexicon().readings_of(text)}


def test_it_has_the_rows_that_coders_need_each_with_a_public_source() -> None:
    rows = lexicon().rows
    kinds = Counter(row.kind for row in rows)
    assert len(rows) >= 1_800
    assert set(kinds) == set(Kind)
    assert kinds[Kind.ABBREVIATION] >= 600
    addresses = {source.key: source.address for source in sources()}
    assert all(addresses[row.source.partition(":")[0]].startswith("https://") for row in rows)
    assert {row.source.partition(":")[0] for row in rows} == set(addresses), "a source that no row cites is left over"


def test_files_are_sorted_so_that_a_change_is_one_line_of_a_difference() -> None:
    for file in FOLDER.glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            found = [tuple(line.values())[:3] for line in csv.DictReader(lines)]
        if file.name != "sources.csv":
            assert found == sorted(found, key=lambda row: (row[0].lower(), row[2].lower())), file.name


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["a b,lay,c,any,any,mesh", "A b,lay,C,any,any,mesh"], "terms.csv:3: “A b” with “C” stands at terms.csv:2"),
        (["a,lay,b,any,any,mesh", "b,lay,c,any,any,mesh"], "terms.csv:2: “b” is itself a term, at terms.csv:3"),
        (["a,lay,b,any,any,"], "terms.csv:2: source is empty"),
        (["a,lay,b,any,any,my aunt"], "terms.csv:2: “my aunt” is no source that sources.csv lists"),
        (["a,poem,b,any,any,mesh"], "terms.csv:2: 'poem' is not a valid Kind"),
        (["a,lay, b,any,any,mesh"], "terms.csv:2: expansion has blanks that do not belong there"),
        (["a,spelling,b,any,any,mesh"], "terms.csv:2: a row of kind spelling does not match by any"),
        (["a,lay,a,any,any,mesh"], "terms.csv:2: “a” leads to itself"),
        (["a,lay,b,within,any,mesh"], "terms.csv:2: a row that matches within a code set is of a procedure and cites"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(tmp_path: Path, lines: list[str], says: str) -> None:
    with pytest.raises(LexiconDefects) as refused:
        load(_folder(tmp_path, *lines))
    assert any(defect.startswith(says) for defect in refused.value.defects), refused.value.defects


def test_an_ambiguous_abbreviation_offers_every_reading() -> None:
    assert _means("MI") == {"myocardial infarction", "mitral insufficiency"}
    assert _means("mi") == _means("MI")
    assert {"multiple sclerosis", "mitral stenosis"} <= _means("MS")


@pytest.mark.parametrize("typed", ["mix", "htnx", "am i", "MI2"])
def test_abbreviations_match_whole_tokens_only(typed: str) -> None:
    assert not any(
        reading.row.kind is Kind.ABBREVIATION for reading in lexicon().readings_of(typed) if typed != "HTNs-"
    )


def test_an_abbreviation_that_is_a_word_in_small_letters_needs_capitals() -> None:
    assert "aortic stenosis" in _means("severe AS")
    assert not _means("as well as")
    assert "acute lymphoblastic leukemia" in _means("ALL") - _means("all")


def test_the_plural_of_an_abbreviation_is_the_abbreviation() -> None:
    assert _means("UTIs") == _means("UTI") == {"urinary tract infection"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("heart attack", "myocardial infarction"),
        ("Heart-attacks", "myocardial infarction"),
        ("pink eye", "conjunctivitis"),
        ("shingles", "zoster"),
        ("water on the knee", "effusion knee"),
        ("high blood pressure", "hypertension"),
        ("Keytruda", "pembrolizumab"),
        ("neulasta", "pegfilgrastim"),
        ("Lou Gehrig\N{RIGHT SINGLE QUOTATION MARK}s disease", "amyotrophic lateral sclerosis"),
        ("knee replacement", "total knee replacement"),
        ("blood draw", "blood draw from a vein"),
        ("renal", "kidney"),
        ("kidneys", "renal"),
    ],
)
def test_what_people_say_leads_to_what_titles_say(typed: str, meant: str) -> None:
    assert meant in _means(typed)


def test_readings_say_where_they_stand_and_why_and_longer_phrases_come_first() -> None:
    first, *rest = lexicon().readings_of("old heart attack")
    assert (first.start, first.end) == (0, 3)
    assert first.words == words("old myocardial infarction")
    assert first.reason == "“old heart attack” is an everyday word for “old myocardial infarction”"
    assert [reading.end - reading.start for reading in rest] == sorted((r.end - r.start for r in rest), reverse=True)


@pytest.mark.parametrize(
    ("typed", "phrase", "span"),
    [
        ("biopsy of the breast", "breast biopsy", (0, 4)),
        ("xray then injection in knee", "knee injection", (2, 5)),
        ("ultrasound carotid", "carotid ultrasound", (0, 2)),
    ],
)
def test_a_phrase_is_read_in_any_order_and_with_small_words_between(
    typed: str, phrase: str, span: tuple[int, int]
) -> None:
    turned = {(each.row.term, each.start, each.end) for each in lexicon().turned(split(typed))}
    assert (phrase, *span) in turned
    assert not lexicon().turned(split(phrase)), "as it is written it is read as written"


@pytest.mark.parametrize(
    "typed", ["biopsy without breast", "breast, then a biopsy", "knee", "biopsy of the left breast"]
)
def test_a_phrase_with_other_words_inside_is_not_turned(typed: str) -> None:
    assert not {"breast biopsy"} & {each.row.term for each in lexicon().turned(split(typed))}


def test_a_phrase_as_it_is_written_stands_before_turned_ones() -> None:
    words_of_it = split("breast biopsy")
    written = list(lexicon().readings(words_of_it))
    assert longer_first(written, lexicon().turned(split("biopsy breast"))) == written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("oedema", "edema"),
        ("haemorrhages", "hemorrhage"),
        ("anaemia", "anemia"),
        ("diarrhoea", "diarrhea"),
        ("oesophageal", "esophageal"),
        ("tumours", "tumor"),
        ("paediatric", "pediatric"),
        ("leukaemias", "leukemia"),
        ("fibre", "fiber"),
        ("disk", "disc"),
        ("vertebrae", "vertebra"),
        ("metastases", "metastasis"),
        ("carcinomata", "carcinoma"),
        ("feet", "foot"),
        ("allergies", "allergy"),
        ("abscesses", "abscess"),
        ("headaches", "headache"),
        ("viruses", "virus"),
        ("Ménière's", "meniere"),
        ("Alzheimer\N{RIGHT SINGLE QUOTATION MARK}s", "alzheimer"),
        ("diabetes", "diabetes"),
    ],
)
def test_spellings_of_one_word_have_one_normal_form(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other) == other


def test_hyphens_and_slashes_part_words_and_places_are_kept() -> None:
    text = "Type-2 diabetes/CKD"
    assert words(text) == ("type", "2", "diabetes", "ckd")
    assert [text[word.start : word.end] for word in split(text)] == ["Type", "2", "diabetes", "CKD"]


@given(st.text(max_size=24))
def test_any_text_has_words_and_each_normal_form_keeps(text: str) -> None:
    for word in split(text):
        if word.raw.isascii():
            assert normal_form(word.normal) == word.normal


def test_no_american_word_of_the_tabular_list_changes_but_by_number() -> None:
    """A British spelling that also hits American words would make two words one."""
    titles = {
        w.raw.lower()
        for code in simple_icd_10_cm.get_all_codes()
        for w in split(simple_icd_10_cm.get_description(code))
    }
    spelled = {word for word in titles if normal_form(word) not in {word, normal_form(word.rstrip("s"))}}
    known = {word for word in spelled if normal_form(word)[:3] == word[:3]}
    assert len(titles) > 8_000
    assert spelled - known <= {"grey", "feet", "teeth", "mice", "haematobium", "nevi", "aesthetic", "lice"}, (
        spelled - known
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (
            "hx of stroke",
            "personal history of transient ischemic attack and cerebral infarction without residual deficits",
        ),
        ("prior MI", "old myocardial infarction"),
        ("status post TKA", "presence of artificial knee joint"),
        ("history of TKA", "presence of artificial knee joint"),
        ("FHx breast cancer", "family history of malignant neoplasm of breast"),
        ("takes insulin", "long term use of insulin"),
        ("mother with breast cancer", "family history of malignant neoplasm of breast"),
        ("flu vaccination", "encounter for immunization"),
        ("xanax OD", "poisoning by benzodiazepines accidental"),
        ("xanax overdose on purpose", "poisoning by benzodiazepines intentional self-harm"),
        ("lisinopril adverse effect", "adverse effect of angiotensin-converting-enzyme inhibitors"),
        ("insulin underdosing", "underdosing of insulin and oral hypoglycemic drugs"),
    ],
)
def test_a_row_with_one_opening_or_ending_of_a_phrase_holds_for_all_that_say_the_same(typed: str, meant: str) -> None:
    readings = [each for each in lexicon().readings_of(typed) if each.row.expansion == meant]
    assert readings
    assert typed in readings[0].reason


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("passing out", "syncope"),
        ("passes out", "syncope"),
        ("throw up", "vomiting"),
        ("overdosed on xanax", "poisoning by benzodiazepines accidental"),
        ("suicide attempt by aspirin overdose", "poisoning by aspirin intentional self-harm"),
        ("hit by a car", "pedestrian on foot injured in collision with car"),
    ],
)
def test_a_phrase_is_known_in_any_tense_and_with_small_words(typed: str, meant: str) -> None:
    turned = {each.row.expansion for each in lexicon().turned(split(typed))}
    assert any(each.startswith(meant) for each in turned | _means(typed))


def test_a_word_that_many_titles_share_stands_for_its_default_by_itself_alone() -> None:
    default = "type 2 diabetes mellitus without complications"
    assert default in _means("diabetes")
    assert default not in _means("diabetes insipidus") | _means("gestational diabetes")
    assert [each.row.expansion for each in lexicon().begun(split("diab"), "diab")][:1] == [default]
    assert not lexicon().begun(split("dia"), "dia")


def test_a_phrase_that_counts_by_itself_alone_is_no_reading_of_the_end_of_a_longer_query() -> None:
    row = Row("drug eruption", Kind.SYNONYM, "generalized skin eruption", Match.WHOLE, Scope.DIAGNOSIS, "mesh")
    own = Lexicon([row])
    assert [each.row for each in own.begun(split("drug erup"), "erup")] == [row]
    assert not own.begun(split("localized drug eruption"), "eruption")
    assert not own.readings_of("localized drug eruption") + own.turned(split("localized eruption by drug"))


def test_a_phrase_that_the_last_word_finishes_is_proposed_and_longer_ones_where_there_is_none() -> None:
    whole, longer = (
        Row(term, Kind.SYNONYM, said, Match.ANY, Scope.ANY, "mesh")
        for term, said in (
            ("foley catheter", "indwelling catheter"),
            ("foley catheter blocked", "mechanical complication"),
        )
    )
    typed = split("foley cath")
    assert [each.row for each in Lexicon([whole, longer]).begun(typed, "cath")] == [whole]
    assert [each.row for each in Lexicon([longer]).begun(typed, "cath")] == [longer]
