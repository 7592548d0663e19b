"""Further names of codes: the file, and how they are gathered from official publications."""

import csv

from services.catalog.tabular.entry import Entry as Listed
from services.catalog.tabular.entry import NoteBlock
from services.search.entry import Entry
from services.search.lexicon import further_names, named_where
from services.search.lexicon.loading import sources
from services.search.lexicon.names import BOOKS, COLUMNS, FILE
from services.search.shelf import FURTHER, TERM
from services.search.shelving import phrases_of, plainly, text_at
from tests.search.gathered_names import Name, of_icd9cm, of_notes, worth_keeping
from tests.search.icd9cm_tabular import names_of

TABULAR = """
300.5 Neurasthenia

Fatigue neurosis

Psychogenic:

asthenia

general fatigue

Use additional code to identify any associated physical disorder

Excludes: anxiety state (300.00-300.09)

neurotic depression (300.4)

300.6 Depersonalization disorder

Derealization (neurotic)
"""


def test_every_name_stands_once_in_order_and_says_where_it_is_from() -> None:
    with FILE.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    assert tuple(head) == COLUMNS
    assert rows == sorted(rows)
    assert len({(code, name.casefold()) for code, name, _ in rows}) == len(rows)
    assert (
        {source.partition(": ")[0] for _, _, source in rows}
        <= BOOKS.keys()
        == {each.key for each in sources(FILE.parent)}
    )


def test_a_code_is_led_to_by_a_name_of_another_book_and_the_sentence_says_by_which() -> None:
    source = further_names("icd10cm", "M940")["Tietze's disease"]
    assert named_where("Tietze's disease", source) == "“Tietze's disease” leads here by ICD-9-CM at 733.6"
    assert further_names("icd9cm", "M940") == {}


def test_a_further_name_without_what_is_not_essential_is_a_further_name_and_no_term() -> None:
    typhoid = Entry("icd10cm", "A0100", "A01.00", "Typhoid fever, unspecified", terms=("Typhoid (abdominal)",))
    kinds = {text: (kind, text_at(typhoid, place)) for kind, place, text in phrases_of(typhoid)}
    named = "Typhoid (fever) (infection) [any site]"
    plain = plainly(named, "icd10cm")
    assert (kinds[named], kinds[plain]) == ((FURTHER, named), (FURTHER, plain))
    assert (kinds["Typhoid"], kinds["Typhoid fever"]) == ((TERM, "Typhoid"), (TERM, "Typhoid fever"))


def test_terms_of_icd9cm_are_completed_by_what_stands_below_and_notes_are_none() -> None:
    assert names_of(TABULAR) == {
        "3005": ["Fatigue neurosis", "Psychogenic asthenia", "Psychogenic general fatigue"],
        "3006": ["Derealization (neurotic)"],
    }


def test_a_code_of_icd9cm_gives_its_names_to_the_one_code_that_it_leads_to() -> None:
    names = {"3005": ["Fatigue neurosis"], "7819": ["Abnormal posture"], "1741": ["Areola"]}
    titles = {"3005": "Neurasthenia", "7819": "Other symptoms", "1741": "Malignant neoplasm of nipple"}
    mappings = ["3005 F488 10000", "7819 R293 10000", "7819 R294 10000", "1741 C50019 00000"]
    assert list(of_icd9cm(names, titles, mappings)) == [
        Name("F488", "Neurasthenia", "icd9cm: 300.5"),
        Name("F488", "Fatigue neurosis", "icd9cm: 300.5"),
        Name("C50019", "Malignant neoplasm of nipple", "icd9cm: 174.1"),
    ]


def test_a_note_that_names_one_code_names_what_the_code_is_for() -> None:
    notes = NoteBlock(
        "excludes1", ("writer's cramp, organic (G25.89)", "hallux rigidus (M20.2) and hammer toe (M20.4)")
    )
    below = Listed("diag", 1, 1, name="M20.1", title="Hallux valgus", notes=[notes])
    listed = Listed("diag", 1, 1, name="M20", title="Deformities of toes", children=[below])
    assert list(of_notes([listed])) == [Name("G2589", "writer's cramp, organic", "icd10cm: M20.1")]


def test_names_are_left_out_that_the_list_says_itself_or_that_lead_to_several_places() -> None:
    entries = [
        Entry("icd10cm", code, code, title)
        for code, title in (("F488", "Other mental disorders"), ("H269", "Unspecified cataract"), ("E710", "Cataracta"))
    ]
    found = [Name("F488", text, "icd9cm: 300.5") for text in ("Neurasthenia", "Cataract", "Fatigue")]
    kept = worth_keeping([*found, Name("E710", "Fatigue", "icd9cm: 780.7")], entries)
    assert [name.text for name in kept] == ["Neurasthenia"]
