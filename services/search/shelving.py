"""Makes tables of codes: from all entries, or from another table and what changed."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import msgspec
import numpy as np

from services.search.engine import LONGEST_START, Document
from services.search.entry import SYSTEMS, Entry, Key, Release
from services.search.lexicon import further_names
from services.search.shelf import (
    CONTEXT,
    FAR_OFF,
    FURTHER,
    NAME,
    PATH,
    SUMMARY,
    TERM,
    TITLE,
    Columns,
    Numbers,
    Phrases,
    Shelf,
    Spots,
)
from services.search.words import placed_terms, terms_of

PLACES = {system: place for place, system in enumerate(SYSTEMS)}
LONGEST_TITLE = 63
_PLAIN_KINDS = {TITLE: TERM, TERM: TERM, FURTHER: FURTHER}
"""What the plain name is that is made of a text."""
LONGEST_SPOTTED = 2**16 - 1
"""Characters of a title in which the table can note where words stand."""
_NONESSENTIAL = re.compile(r"\s*\([^()]*\)")
_INITIAL = re.compile(r",? initial encounter(?: for closed fracture| for fracture)?$")
_FIRST_ENCOUNTER = re.compile(r"[MS-Y].{5}A$")
ENCOUNTER = 5
"""The words of "initial encounter for closed fracture"."""
_ABSENT = re.compile(
    r",? (?:uncomplicated|without (?!aura)(?:(?!,| with| in ).)+|not intractable(?:, without status \w+)?)$"
)
"""What a title of ICD-10-CM says last that is absent; with aura and without are kinds of migraine."""
_UNSPECIFIED = re.compile(r",?\s+NOS$|, (?:unspecified(?: organism| site)?|site not specified)$|^Unspecified\s+")


def shelf_of(generation: str, entries: Sequence[Entry], releases: Mapping[str, Release]) -> Shelf:
    """Make the table of some entries, with those above them."""
    words: dict[str, int] = {}
    making = _Making(words, {entry.key: entry for entry in entries}.get)
    for entry in entries:
        making.add(entry)
    order = sorted(range(len(words)), key=list(words).__getitem__)
    vocabulary = list(words)
    renumbered = np.empty(len(words), np.int32)
    renumbered[order] = np.arange(len(words), dtype=np.int32)
    terms = renumbered[np.frombuffer(making.terms, np.int32)] if making.terms else np.empty(0, np.int32)
    phrases = making.phrases(terms)
    return Shelf(
        generation=generation,
        releases=releases,
        packed=b"".join(making.packed),
        offsets=np.cumsum([0, *map(len, making.packed)], dtype=np.int64),
        phrases=phrases,
        spots=making.spots(),
        columns=_columns_of(entries, {entry.key: row for row, entry in enumerate(entries)}.get),
        vocabulary=[vocabulary[n] for n in order],
        ordered=len(words),
        frequency=frequencies(phrases, len(words)),
        built_at=time.time(),
    )


class _Making:
    """Gathers entries."""

    def __init__(self, words: dict[str, int], known: Callable[[Key], Entry | None]) -> None:
        self.words, self.known = words, known
        self.terms, self.starts, self.first = array("i"), array("i", [0]), array("i", [0])
        self.kinds, self.texts = array("b"), array("i")
        self.begins, self.ends, self.spotted = array("H"), array("H"), array("i", [0])
        self.packed: list[bytes] = []
        self._context: dict[tuple[str, tuple[str, ...]], list[int]] = {}

    def add(self, entry: Entry) -> None:
        entry = self._with_terms(entry)
        self.packed.append(msgspec.json.encode(entry))
        for kind, place, text in phrases_of(entry):
            terms = self._spotted(text) if kind == TITLE else terms_of(text)
            self._phrase(kind, [self._number(term) for term in terms], place)
        self._phrase(CONTEXT, self._above(entry), -1)
        self.first.append(len(self.kinds))
        self.spotted.append(len(self.begins))

    def _with_terms(self, entry: Entry) -> Entry:
        """A code for an initial encounter, or for what is unspecified, with the inclusion terms of the one above it.

        That one cannot be reported without a seventh character (ICD-10-CM Guidelines I.A.5) and means the initial
        encounter when none is said (I.C.19.a); the unspecified code is reported where no more is known (I.B.18).
        """
        if entry.system != "icd10cm" or not entry.ancestors:
            return entry
        above = self.known((entry.system, entry.ancestors[-1]))
        if above is None or not above.terms or "-" in above.code:
            return entry
        if not _FIRST_ENCOUNTER.match(entry.code) and not entry.title.startswith(f"{above.title}, unspecified"):
            return entry
        further = [term for term in above.terms if term not in entry.terms]
        return msgspec.structs.replace(entry, terms=(*entry.terms, *further)) if further else entry

    def _spotted(self, title: str) -> list[str]:
        """The terms of a title; where they stand is noted."""
        placed = placed_terms(title[:LONGEST_SPOTTED])
        self.begins.extend(begin for _, begin, _ in placed)
        self.ends.extend(end for _, _, end in placed)
        return [term for term, _, _ in placed]

    def _phrase(self, kind: int, numbers: list[int], text: int) -> None:
        if numbers:
            self.terms.extend(numbers)
            self.starts.append(len(self.terms))
            self.kinds.append(kind)
            self.texts.append(text)

    def _number(self, term: str) -> int:
        return self.words.setdefault(term, len(self.words))

    def _above(self, entry: Entry) -> list[int]:
        key = entry.system, entry.ancestors
        if key not in self._context:
            if len(self._context) > 5_000:
                self._context.clear()
            above = (self.known((entry.system, code)) for code in entry.ancestors)
            terms = (term for each in above if each is not None for term in terms_of(each.title))
            found = dict.fromkeys(self._number(term) for term in terms)
            self._context[key] = list(found)
        return self._context[key]

    def phrases(self, terms: Numbers) -> Phrases:
        """The phrases; their terms are given by the numbers that they have in the table."""
        starts, first = np.array(self.starts, np.int32), np.array(self.first, np.int32)
        return Phrases(terms, starts, np.array(self.kinds, np.int8), np.array(self.texts, np.int32), first)

    def spots(self) -> Spots:
        """Where the terms of titles stand."""
        begins, ends = np.array(self.begins, np.uint16), np.array(self.ends, np.uint16)
        return Spots(begins, ends, np.array(self.spotted, np.int32))


def phrases_of(entry: Entry) -> Iterator[tuple[int, int, str]]:
    """The texts by which an entry is found: the kind of each, and the place by which `text_at` gives it."""
    for place, (kind, text) in enumerate(_texts_of(entry)):
        yield kind, 2 * place, text
        if kind not in _PLAIN_KINDS:
            continue
        if (plain := plainly(text, entry.system)) != text and terms_of(plain) != terms_of(text):
            yield _PLAIN_KINDS[kind], 2 * place + 1, plain


def text_at(entry: Entry, place: int) -> str:
    """The text at a place: of each text of an entry as it stands and, behind it, without what the book adds to it."""
    _, text = next(islice(_texts_of(entry), place // 2, None))
    return plainly(text, entry.system) if place % 2 else text


def _texts_of(entry: Entry) -> Iterator[tuple[int, str]]:
    yield TITLE, entry.title
    further = further_names(entry.system, entry.code)
    for kind, texts in ((TERM, entry.terms), (NAME, entry.names), (FURTHER, further), (PATH, entry.paths)):
        for text in texts:
            yield kind, text
    if entry.summary:
        yield SUMMARY, entry.summary


def plainly(text: str, system: str) -> str:
    """A title or term without what the book adds to the plain name of a condition.

    Words in parentheses are nonessential modifiers, "NOS" is the equivalent of unspecified (ICD-10-CM Guidelines I.A.6
    and 7), and the code with the unspecified title is the one that the plain name leads to. So is that for the initial
    encounter, and of a fracture not said to be open that for a closed one (I.C.19.a and c); and what a
    title of ICD-10-CM says last that is absent, nobody says of the plain condition.
    """
    bare = _NONESSENTIAL.sub(" ", text) if not text.startswith("(") else text
    bare = _INITIAL.sub("", bare)
    if system == "icd10cm":
        bare = _ABSENT.sub("", bare)
    return _UNSPECIFIED.sub("", bare).strip(" ,") or text


def _columns_of(entries: Sequence[Entry], row_of: Callable[[Key], int | None]) -> Columns:
    """What decides the order of entries, and what lies below what."""
    return Columns(
        system=np.array([PLACES[e.system] for e in entries], np.int8),
        billable=np.array([e.billable for e in entries], np.bool_),
        first_day=np.array([e.first_day.toordinal() if e.first_day else 0 for e in entries], np.int32),
        last_day=np.array([e.last_day.toordinal() if e.last_day else FAR_OFF for e in entries], np.int32),
        alive=np.ones(len(entries), np.bool_),
        above=np.array([_row_above(entry, row_of) for entry in entries], np.int32),
    )


def _row_above(entry: Entry, row_of: Callable[[Key], int | None]) -> int:
    """The row of the nearest entry above one; -1 where there is none."""
    rows = (row_of((entry.system, code)) for code in reversed(entry.ancestors))
    return next((row for row in rows if row is not None), -1)


def frequencies(phrases: Phrases, words: int) -> Numbers:
    """In how many titles, terms and names each term stands; in how many paths of indexes where it stands in them only,
    so that a table of drugs does not make the words of its columns common.
    """
    sizes = np.diff(phrases.starts)
    own = np.bincount(phrases.terms[np.repeat(phrases.kinds < PATH, sizes)], minlength=words)
    paths = np.bincount(phrases.terms[np.repeat(phrases.kinds == PATH, sizes)], minlength=words)
    return np.where(own > 0, own, paths).astype(np.int32)


def with_changes(shelf: Shelf, changed: Sequence[Entry], gone: Iterable[Key], releases: Mapping[str, Release]) -> Shelf:
    """Another table, in which some entries took the place of those of the same key, and some are no more."""
    dead = {row for key in (*gone, *(e.key for e in changed)) if (row := shelf.row(key)) is not None}
    words = dict(shelf.numbers)
    new = {entry.key: entry for entry in changed}

    def known(key: Key) -> Entry | None:
        row = shelf.row(key)
        return new.get(key) or (shelf.entry(row) if row is not None else None)

    making = _Making(words, known)
    for entry in changed:
        making.add(entry)
    phrases = _with_phrases(shelf.phrases, making.phrases(np.array(making.terms, np.int32)))
    sizes = np.cumsum(list(map(len, making.packed)), dtype=np.int64)
    alive = np.concatenate([shelf.columns.alive, np.ones(len(changed), np.bool_)])
    alive[list(dead)] = False
    rows = {entry.key: len(shelf) + place for place, entry in enumerate(changed)}
    added = _columns_of(changed, lambda key: rows.get(key, shelf.row(key)))
    now = np.arange(-1, len(shelf), dtype=np.int32)
    for key, row in rows.items():
        if (before := shelf.row(key)) is not None:
            now[before + 1] = row
    return Shelf(
        generation=shelf.generation,
        releases={**shelf.releases, **releases},
        packed=b"".join([bytes(shelf.packed), *making.packed]),
        offsets=np.concatenate([shelf.offsets, sizes + shelf.offsets[-1]]),
        phrases=phrases,
        spots=_with_spots(shelf.spots, making.spots()),
        columns=Columns(
            np.concatenate([shelf.columns.system, added.system]),
            np.concatenate([shelf.columns.billable, added.billable]),
            np.concatenate([shelf.columns.first_day, added.first_day]),
            np.concatenate([shelf.columns.last_day, added.last_day]),
            alive,
            np.concatenate([now[shelf.columns.above + 1], added.above]),
        ),
        vocabulary=list(words),
        ordered=shelf.ordered,
        frequency=frequencies(phrases, len(words)),
        built_at=time.time(),
        _entries=shelf._entries,  # rows stay what they are, only others take their place
        _keys=shelf._keys,
    )


def _with_phrases(old: Phrases, new: Phrases) -> Phrases:
    return Phrases(
        np.concatenate([old.terms, new.terms]),
        np.concatenate([old.starts, new.starts[1:] + old.starts[-1]]),
        np.concatenate([old.kinds, new.kinds]),
        np.concatenate([old.texts, new.texts]),
        np.concatenate([old.first, new.first[1:] + old.first[-1]]),
    )


def _with_spots(old: Spots, new: Spots) -> Spots:
    return Spots(
        np.concatenate([old.begins, new.begins]),
        np.concatenate([old.ends, new.ends]),
        np.concatenate([old.first, new.first[1:] + old.first[-1]]),
    )


def documents_of(shelf: Shelf, rows: Iterable[int], today: int) -> Iterator[Document]:
    """What an engine indexes of some rows."""
    phrases, columns, vocabulary = shelf.phrases, shelf.columns, shelf.vocabulary
    for row in rows:
        entry = shelf.entry(row)
        own: dict[str, None] = {}
        above: list[str] = []
        title: list[str] = []
        for phrase in range(int(phrases.first[row]), int(phrases.first[row + 1])):
            kind = int(phrases.kinds[phrase])
            terms = [vocabulary[n] for n in phrases.terms_of(phrase)]
            if kind == CONTEXT:
                above = terms
            else:
                own.update(dict.fromkeys(terms))
                title += terms if kind != SUMMARY else ()
        starts = {term[:n] for term in title for n in range(1, min(len(term), LONGEST_START) + 1)}
        starts.update(term for term in (*own, *above) if len(term) <= LONGEST_START)
        valid = columns.first_day[row] <= today <= columns.last_day[row]
        yield Document(
            key=entry.key,
            number=row,
            words=" ".join(own),
            context=" ".join(term for term in above if term not in own),
            starts=" ".join(sorted(starts)),
            tags=" ".join(_tags(entry)),
            standing=_standing(row, _length(shelf, row, entry.title), valid=bool(valid), billable=entry.billable),
        )


def _length(shelf: Shelf, row: int, title: str) -> int:
    """How long a title is without what says that the encounter is the initial one; another encounter counts as much."""
    return len(terms_of(_INITIAL.sub("", title))) + ENCOUNTER * bool(shelf.later[row])


def _tags(entry: Entry) -> Iterator[str]:
    yield f"s:{entry.system}"
    yield f"b:{int(entry.billable)}"
    for code in (*entry.ancestors, entry.code):
        yield f"x:{entry.system}/{code}".lower()


def _standing(row: int, words: int, *, valid: bool, billable: bool) -> int:
    """Valid before others, short titles before long ones, billable before headers; the row makes it unmistakable."""
    length = LONGEST_TITLE - min(words, LONGEST_TITLE)
    return ((valid << 7 | length << 1 | billable) << 32) | (2**32 - 1 - row)
