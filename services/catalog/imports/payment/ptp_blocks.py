"""Reads blocks of lines of a PTP file at once, with numpy: millions of edits, each field of each line checked.

What a block's lines look like as a rule is checked and turned into columns in a few passes over all of them; every
other line goes to `ptp_lines`, which reads it with more patience or says what is wrong. Both agree on every line that
the fast way takes (a test holds them to it).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.catalog.imports.payment.ptp_layout import Layout
from services.catalog.imports.payment.ptp_lines import FIRST_DAY, LAST_DAY, LONGEST_RATIONALE, PtpLine

Bytes: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]
CODE_LENGTH = 5
MOST_RATIONALES = 1_000
UNKNOWN = -1
_TO_LEARN, _STRANGE = -1, -2
_NEWLINE, _RETURN, _STAR, _SPACE = b"\n\r* "
_DAYS_IN_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits as columns."""

    column_1: Bytes
    """Five characters a row."""
    column_2: Bytes
    effective: Numbers
    """Days as numbers such as 20240701; 0 where there is none."""
    deleted: Numbers
    prior_1996: Numbers
    """1 or 0; UNKNOWN where the file does not say."""
    indicator: Bytes
    """The character."""
    rationale: Numbers
    """Ids of `Rationales`."""
    line: Numbers
    """Where the row stands in its block, from 0."""

    def __len__(self) -> int:
        """The count of rows."""
        return len(self.indicator)

    def where(self, rows: Mask) -> "Edits":
        """Some of the rows."""
        places = np.flatnonzero(rows)
        return Edits(*(getattr(self, name)[places] for name in Edits.__slots__))

    @classmethod
    def joined(cls, parts: Sequence["Edits"]) -> "Edits":
        """The rows of several."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


class Rationales:
    """The sentences of a release's edits, each with an id in the order of appearance."""

    def __init__(self) -> None:
        """Begin with none."""
        self.texts: list[str] = []
        self._ids: dict[str, int] = {}
        self.as_written: list[tuple[int, Bytes]] = []
        """Ids and bytes of those that stand in a file as they are: without quotes, blanks around them or accents."""

    def id_of(self, text: str) -> int | None:
        """The id of a sentence; None when there would be more than any edition has."""
        found = self._ids.get(text)
        if found is None and len(self.texts) < MOST_RATIONALES:
            found = self._ids[text] = len(self.texts)
            self.texts.append(text)
        return found

    def learn(self, written: bytes) -> int | None:
        """The id of a sentence as it stands in a file; None when it must be read with more care."""
        text = written.decode("latin-1")
        if not text.isascii() or not text.isprintable() or '"' in text or text != text.strip():
            return None
        found = self.id_of(text)
        if found is not None:
            self.as_written.append((found, np.frombuffer(written, np.uint8)))
        return found


Careful: TypeAlias = Callable[[bytes, int], PtpLine | None]
"""Reads one line, with its number counted from the block's first one, that is 0."""


def read_block(block: bytes, layout: Layout, rationales: Rationales, careful: Careful) -> Edits:
    """The edits of whole lines, each ended by a line feed."""
    text = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(text == _NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    cuts = _cuts(text, starts, ends, layout)
    usual = _usual(text, cuts, layout)
    numbers = np.flatnonzero(usual)
    fast, taken = _columns(text, cuts if usual.all() else cuts.where(usual), numbers, layout, rationales)
    usual[numbers[~taken]] = False
    lines = ((block[starts[n] : ends[n]], int(n)) for n in np.flatnonzero(~usual))
    slow = [(n, found) for line, n in lines if (found := careful(line, n)) is not None]
    return Edits.joined([fast, _of_lines(slow, rationales)]) if slow else fast


@dataclass(frozen=True, slots=True)
class _Cuts:
    """Where the fields of lines begin (column i) and the next ones do (column i + 1)."""

    places: NDArray[np.int64]
    regular: Mask
    """Lines that have as many fields as the layout."""

    def where(self, lines: Mask) -> "_Cuts":
        return _Cuts(self.places[lines], self.regular[lines])

    def start(self, field: int) -> Numbers:
        return self.places[:, field]

    def length(self, field: int) -> Numbers:
        return self.places[:, field + 1] - self.places[:, field] - 1


def _cuts(text: Bytes, starts: Numbers, ends: Numbers, layout: Layout) -> _Cuts:
    """The fields of each line; of a line with another count of them, zeros."""
    separators = np.flatnonzero(text == ord(layout.separator))
    first = np.searchsorted(separators, starts)
    inner = len(layout.fields) - 1
    regular = np.searchsorted(separators, ends) - first == inner
    places = np.zeros((len(starts), inner + 2), np.int64)
    places[:, 0] = starts
    if regular.all():
        places[:, 1:-1] = separators[first[0] : first[0] + len(starts) * inner].reshape(-1, inner) + 1
    else:
        places[regular, 1:-1] = separators[first[regular, None] + np.arange(inner)] + 1
    places[:, -1] = ends - (text[ends - 1] == _RETURN) + 1
    return _Cuts(places, regular)


def _usual(text: Bytes, cuts: _Cuts, layout: Layout) -> Mask:
    """Lines whose fields have the usual lengths, so that their bytes can be looked at side by side."""
    deleted = cuts.length(layout.deleted)
    never = deleted == len(layout.never)
    if layout.never:
        never &= text[cuts.start(layout.deleted)] == ord(layout.never)
    usual = cuts.regular & (cuts.length(layout.column_1) == CODE_LENGTH) & (cuts.length(layout.column_2) == CODE_LENGTH)
    usual &= (cuts.length(layout.indicator) == 1) & (never | (deleted == layout.dates.length))
    usual &= cuts.length(layout.rationale) <= LONGEST_RATIONALE
    if layout.effective is not None:
        usual &= cuts.length(layout.effective) == layout.dates.length
    if layout.prior_1996 is not None:
        usual &= cuts.length(layout.prior_1996) <= 1
    found: Mask = usual
    return found


def _columns(text: Bytes, cuts: _Cuts, lines: Numbers, layout: Layout, rationales: Rationales) -> tuple[Edits, Mask]:
    """The columns of usual lines that are right, and which of the lines those are."""
    column_1, column_2 = (_at(text, cuts.start(f), CODE_LENGTH) for f in (layout.column_1, layout.column_2))
    indicator = text[cuts.start(layout.indicator)]
    none = np.zeros(len(indicator), np.int64)
    effective = none if layout.effective is None else _days(text, cuts.start(layout.effective), layout)
    named = cuts.length(layout.deleted) == layout.dates.length
    deleted = none.copy()
    deleted[named] = _days(text, cuts.start(layout.deleted)[named], layout)
    rationale = _rationales(text, cuts, layout, rationales)
    right = _are_codes(column_1) & _are_codes(column_2) & np.isin(indicator, np.frombuffer(b"019", np.uint8))
    right &= (effective >= 0) & (deleted >= 0) & (~named | (deleted >= effective)) & (rationale >= 0)
    prior = none + UNKNOWN
    if layout.prior_1996 is not None:
        mark = text[cuts.start(layout.prior_1996)]
        blank = (cuts.length(layout.prior_1996) == 0) | (mark == _SPACE)
        right &= blank | (mark == _STAR)
        prior = (~blank).astype(np.int64)
    found = Edits(column_1, column_2, effective, deleted, prior, indicator, rationale, lines)
    return (found if right.all() else found.where(right)), right


def _at(text: Bytes, starts: Numbers, length: int) -> Bytes:
    """So many characters from each start on."""
    if not len(starts):
        return np.empty((0, length), np.uint8)
    return sliding_window_view(text, length)[starts]


def _are_codes(codes: Bytes) -> Mask:
    """Four digits and a digit or letter, or a letter and four digits (procedure_codes.is_code)."""
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    letter = (codes >= ord("A")) & (codes <= ord("Z"))
    ends = (digit[:, 0] & (digit[:, 4] | letter[:, 4])) | (letter[:, 0] & digit[:, 4])
    found: Mask = ends & digit[:, 1] & digit[:, 2] & digit[:, 3]
    return found


def _days(text: Bytes, starts: Numbers, layout: Layout) -> Numbers:
    """Days as numbers; -1 for what is none of the calendar."""
    written = _at(text, starts, layout.dates.length)
    digits = written[:, layout.dates.digits] - np.uint8(ord("0"))  # what is no digit becomes more than 9
    right = (digits <= 9).all(axis=1) & (written[:, layout.dates.dashes] == ord("-")).all(axis=1)
    pairs = digits[:, ::2] * np.int64(10) + digits[:, 1::2]
    year, month, day = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2], pairs[:, 3]
    right &= (year >= FIRST_DAY.year) & (year <= LAST_DAY.year) & (month >= 1) & (month <= 12)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS_IN_MONTH[np.where(right, month, 0)] + (leap & (month == 2))
    return np.where(right & (day >= 1) & (day <= last), year * 10_000 + month * 100 + day, -1)


def _rationales(text: Bytes, cuts: _Cuts, layout: Layout, known: Rationales) -> Numbers:
    """The ids of the rationales, new ones learned on the way; negative for what the slow way must look at."""
    starts, lengths = cuts.start(layout.rationale), cuts.length(layout.rationale)
    ids = np.full(len(starts), _TO_LEARN, np.int64)

    def put(number: int, sentence: Bytes, rows: Numbers) -> None:
        rows = rows[lengths[rows] == len(sentence)]
        if len(sentence) and len(rows):
            said = _at(text, starts[rows], len(sentence)).view(f"S{len(sentence)}")[:, 0]
            rows = rows[said == bytes(sentence)]
        ids[rows] = number

    for number, sentence in known.as_written:
        put(number, sentence, np.flatnonzero(ids == _TO_LEARN))
    for _ in range(MOST_RATIONALES):
        unknown = np.flatnonzero(ids == _TO_LEARN)
        if not len(unknown):
            break
        sentence = text[starts[unknown[0]] : starts[unknown[0]] + lengths[unknown[0]]]
        learned = known.learn(bytes(sentence))
        put(_STRANGE if learned is None else learned, sentence, unknown)
    return ids


def _of_lines(numbered: Sequence[tuple[int, PtpLine]], rationales: Rationales) -> Edits:
    lines = [line for _, line in numbered]

    def codes(names: list[str]) -> Bytes:
        return np.frombuffer("".join(names).encode(), np.uint8).reshape(-1, CODE_LENGTH)

    def numbers(values: list[Any]) -> Numbers:
        return np.array(values, np.int64)

    return Edits(
        codes([line.column_1 for line in lines]),
        codes([line.column_2 for line in lines]),
        numbers([line.effective for line in lines]),
        numbers([line.deleted for line in lines]),
        numbers([UNKNOWN if line.prior_1996 is None else int(line.prior_1996) for line in lines]),
        np.frombuffer("".join(line.indicator for line in lines).encode(), np.uint8),
        numbers([rationales.id_of(line.rationale) for line in lines]),
        numbers([number for number, _ in numbered]),
    )
