"""What each character of an ICD-10-PCS table stands for, learned from the titles of the table's codes.

The order file names no values: it gives a title for each code. Titles are put together from the values' names, so the
words that stand in every title with a value, and in few without it, are that value's name: in table 0DB `Upper
Esophagus` stands with 1 in the fourth place alone. Where no words fit, a value has no name here. Z stands for none
(ICD-10-PCS Official Guidelines A6 and A9: every code has seven characters, and its values are those of one table).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

PLACES = range(3, 7)
"""Characters four to seven, from 0: those that differ within a table."""
APPROACH, BODY_PART = 4, 3
NONE = "Z"
NO_VALUE = "none"
SUREST = 0.4
"""The least share of the titles with some words that must be titles with the value. Below it the words mean less: at
0.4 `Stomach` is still told from `Stomach, Pylorus`."""
_JOINTS = {"to", "with", "from", "into", "using"}
_SOFT_JOINTS = _JOINTS | {"in", "on", "for", "of", ","}
_TOKEN = re.compile(r"[^\s,]+|,")
_APPROACH_NAME = re.compile(r"(?:.* )?Approach|Via Natural or Artificial Opening.*")
Tokens = tuple[str, ...]
Labels = dict[str, dict[str, str]]
"""Names by place (1-based, as text) and value."""


def labels_of_tables(tables: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, Labels]:
    """The names of every table's values, by table; `tables` holds codes with their titles."""
    found = {table: dict(_labels(codes)) for table, codes in tables.items()}
    common: dict[tuple[str, int, str], Counter[str]] = defaultdict(Counter)
    for table, names in found.items():
        for (place, value), name in names.items():
            if name and place in {APPROACH, BODY_PART}:
                common[_shared(table, place), place, value][name] += 1
    for table, names in found.items():
        for (place, value), name in names.items():
            others = common.get((_shared(table, place), place, value))
            if not name and others:
                names[place, value] = others.most_common(1)[0][0]
    return {table: _by_place(names) for table, names in found.items()}


def _shared(table: str, place: int) -> str:
    """Tables that name a value alike: body parts those of a body system, approaches those of a section."""
    return table[:1] if place == APPROACH else table[:2]


def _by_place(names: Mapping[tuple[int, str], str]) -> Labels:
    labels: Labels = {}
    for (place, value), name in sorted(names.items()):
        labels.setdefault(str(place + 1), {})[value] = name
    return labels


def _labels(codes: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[int, str], str]]:
    titles = _without_operation([tuple(_TOKEN.findall(title)) for _, title in codes])
    phrases = [set(_phrases(title)) for title in titles]
    everywhere = Counter(phrase for each in phrases for phrase in each)
    for place in PLACES:
        by_value: dict[str, list[set[Tokens]]] = defaultdict(list)
        for (code, _), each in zip(codes, phrases, strict=True):
            by_value[code[place]].append(each)
        for value, of_value in by_value.items():
            yield (place, value), NO_VALUE if value == NONE else _name(place, of_value, everywhere)


def _without_operation(titles: list[Tokens]) -> list[Tokens]:
    """The titles without the words with which all of a table begin: what is done, which the table's own name says."""
    begins: Tokens = ()
    if len(titles) > 1:
        columns = zip(*titles, strict=False)
        begins = tuple(_while_same(columns))
    return [tuple(_from_first_word(title[len(begins) :])) for title in titles]


def _while_same(columns: Iterable[Tokens]) -> Iterator[str]:
    for words in columns:
        if len(set(words)) > 1:
            return
        yield words[0]


def _from_first_word(tokens: Tokens) -> Tokens:
    while tokens and tokens[0] in _SOFT_JOINTS:
        tokens = tokens[1:]
    return tokens


def _phrases(title: Tokens) -> Iterator[Tokens]:
    """The words between joints, and runs of such words over soft joints."""
    for begin, word in enumerate(title):
        if word in _SOFT_JOINTS or (begin and title[begin - 1] not in _SOFT_JOINTS):
            continue
        for end in range(begin + 1, len(title) + 1):
            if title[end - 1] in _JOINTS:
                break
            if title[end - 1] not in _SOFT_JOINTS and (end == len(title) or title[end] in _SOFT_JOINTS):
                yield title[begin:end]


def _name(place: int, of_value: Sequence[set[Tokens]], everywhere: Counter[Tokens]) -> str:
    """The surest and then longest phrase that all titles with a value have; empty when none is sure enough."""
    best, best_rank = "", (SUREST, 0)
    for phrase in set.intersection(*of_value):
        text = " ".join(phrase).replace(" ,", ",")
        approach = [_APPROACH_NAME.fullmatch(part) is not None for part in text.split(", ")]
        fits = all(approach) or not any(approach) if place == APPROACH else not any(approach)
        rank = (len(of_value) / everywhere[phrase], len(phrase))
        if fits and rank > best_rank:
            best, best_rank = text, rank
    return best
