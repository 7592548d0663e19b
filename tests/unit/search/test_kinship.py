"""Far kin: what a title may say in place of a word, from files by hand and from what was learned."""

import pytest

from services.search.entry import Entry
from services.search.lexicon import far_kin, normal_form
from services.search.lexicon.kinship import KIND, WHOLE, rows
from services.search.lexicon.loading import sources
from services.search.question import KIN
from tests.search.gathered_names import Name
from tests.search.learned_kin import learned, of_names


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("toe", "foot"),
        ("jejunum", "intestine"),
        ("cyst", "disease"),
        ("laceration", "injury"),
        ("amphetamine", "stimulant"),
        ("pyelitis", "kidney"),
        ("thelitis", "nipple"),
        ("thelitis", "inflammation"),
        ("iritis", "iridocyclitis"),
    ],
)
def test_a_word_has_the_words_that_titles_say_for_it(word: str, other: str) -> None:
    assert 0 < far_kin(normal_form(word))[normal_form(other)] < KIN


def test_the_whole_is_no_kin_of_the_part() -> None:
    assert "toe" not in far_kin("foot")
    assert far_kin("e11") == {}


def test_every_row_by_hand_stands_once_in_order_with_a_source() -> None:
    known = {source.key for source in sources()} | {"ours"}
    for name in ("wholes", "kinds", "roots", "endings"):
        words = [word for word, _, _ in rows(name)]
        assert words == sorted(set(words)), name
        assert {source.partition(":")[0] for _, _, source in rows(name)} <= known, name
    learned_pairs = [(word, other) for word, other, _ in rows("learned")]
    assert learned_pairs == sorted(set(learned_pairs))
    assert max(WHOLE, KIND) < KIN, "far kin would count as near"


def test_what_titles_say_for_a_word_is_learned_from_texts_that_mean_one_thing() -> None:
    texts = [
        ("fever puerperal", "pyrexia puerperium"),
        ("fever", "pyrexia"),
        ("abscess puerperal", "abscess puerperium"),
    ]
    pairs = [([*text.split(), ""], title.split(), 1.0) for text, title in texts * 2]
    shares = {(word, said): share for word, said, share in learned(pairs)}
    assert shares["fever", "pyrexia"] > 0.5
    assert shares["puerperal", "puerperium"] > 0.5
    assert ("fever", "puerperium") not in shares
    assert ("abscess", "abscess") not in shares


def test_further_names_are_learned_from_unless_the_same_texts_are_told_already() -> None:
    entries = [Entry("icd10cm", "F488", "F48.8", "Other mental disorders")]
    named = [Name("F488", text, "icd9cm: 300.5") for text in ("Nervous debility", "Fatigue")] + [Name("F9", "Tic", "")]
    title = ["other", "mental", "disorder"]
    told = [(["fatigue", ""], title, 1.0)]
    assert list(of_names(named, entries, told)) == [(["nervous", "debility", ""], title, 1.0)]
