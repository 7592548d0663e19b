"""Phrases as people say them: a verb in whatever tense, with or without the little words. Fell off a bike, falling off
the bike and fall off bike are one.
"""

from collections.abc import Sequence
from functools import lru_cache

from services.search.lexicon.words import STOP_WORDS

SILENT = STOP_WORDS | frozenset(
    [
        "my", "his", "her", "their", "your", "our", "some", "i", "he", "she", "they", "we", "it",
        "im", "pt", "patient", "are", "was", "were", "been", "being", "am", "while",
        "when", "who", "that", "keep", "very", "really", "got", "get", "getting",
    ]
)  # fmt: skip
"""Words that come and go in a phrase; small words of titles among them."""
_STRONG = {
    form: verb
    for verb, forms in {
        "fall": "fell fallen", "throw": "threw thrown", "break": "broke broken", "lose": "lost", "bite": "bit bitten",
        "run": "ran", "strike": "struck stricken", "swell": "swollen", "tear": "tore torn", "drink": "drank drunk",
        "eat": "ate eaten", "wake": "woke woken", "take": "took taken", "feel": "felt", "bleed": "bled",
        "shoot": "shot", "sting": "stung", "burn": "burnt", "sleep": "slept", "drive": "drove driven", "freeze":
        "froze frozen", "shake": "shook shaken", "grind": "ground", "see": "saw seen",
        "stick": "stuck", "catch": "caught", "spit": "spat", "step": "stept", "hear": "heard", "speak": "spoke spoken",
        "shrink": "shrunk", "sink": "sunk", "give": "gave given", "forget": "forgot forgotten",
    }.items()
    for form in forms.split()
}  # fmt: skip
_ENDINGS = ("ing", "ed")
_SHORTEST = 3


@lru_cache(maxsize=65_536)
def spoken_form(word: str) -> str:
    """The form that a verb's tenses share; other words may lose an ending too, which is as well for comparing."""
    if word in _STRONG:
        return _STRONG[word].removesuffix("e")
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST:
            doubled = stem[-1] == stem[-2] and stem[-1] not in "lsz"
            return (stem[:-1] if doubled else stem).removesuffix("e")
    return word.removesuffix("e") if len(word) > _SHORTEST else word


def is_verb_form(one: str, other: str) -> bool:
    """Whether two words are a verb in two forms, of which one shows its ending: purge and purging."""
    return (one.endswith(_ENDINGS) or other.endswith(_ENDINGS)) and spoken_form(one) == spoken_form(other)


def spoken(words: Sequence[str]) -> tuple[str, ...]:
    """Words in normal form without those that come and go, each in the form that its tenses share."""
    return tuple([spoken_form(word) for word in words if word not in SILENT])
