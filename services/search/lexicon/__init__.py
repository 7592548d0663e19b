"""The words coders use and the words code titles use: our data, its loader, and pure functions over both."""

from services.search.lexicon.kinship import far_kin
from services.search.lexicon.lexicon import Lexicon, Reading, lexicon, place_of
from services.search.lexicon.names import further_names, named_where
from services.search.lexicon.row import Kind, Match, Row, Scope
from services.search.lexicon.spoken import is_verb_form
from services.search.lexicon.words import SIDES, STOP_WORDS, Word, normal_form, placed_words, split, words

__all__ = [
    "SIDES",
    "STOP_WORDS",
    "Kind",
    "Lexicon",
    "Match",
    "Reading",
    "Row",
    "Scope",
    "Word",
    "far_kin",
    "further_names",
    "is_verb_form",
    "lexicon",
    "named_where",
    "normal_form",
    "place_of",
    "placed_words",
    "split",
    "words",
]
