"""Writes columns of PTP edits as COPY takes them, and sums up a digest of what a release says of each code."""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from services.catalog.imports.payment.procedure_codes import system_of
from services.catalog.imports.payment.ptp_blocks import CODE_LENGTH, UNKNOWN, Bytes, Edits, Mask, Numbers
from services.catalog.payment_rows import NcciPtpCodeRow

_NULL = np.frombuffer(rb"\N", np.uint8)[None, :]
_FOUR_DIGITS = (np.arange(10_000)[:, None] // (1000, 100, 10, 1) % 10 + ord("0")).astype(np.uint8)
_NEVER_APPLIED = ord("9")
Digests = NDArray[np.uint64]


def as_copied(edits: Edits) -> bytes:
    """The rows in COPY's text format, columns as in `NcciPtpRow`; those with the same NULLs stand together."""
    nulls = np.stack([edits.effective == 0, edits.deleted == 0, edits.prior_1996 == UNKNOWN], axis=1)
    patterns = nulls @ np.array([1, 2, 4])
    return b"".join(_of_pattern(edits.where(patterns == pattern), int(pattern)) for pattern in np.unique(patterns))


def _of_pattern(edits: Edits, pattern: int) -> bytes:
    """Rows that are all of one length."""
    prior = np.where(edits.prior_1996 == 1, np.uint8(ord("t")), np.uint8(ord("f")))
    fields: list[Bytes] = [
        edits.column_1,
        edits.column_2,
        _NULL if pattern & 1 else _day(edits.effective),
        _NULL if pattern & 2 else _day(edits.deleted),
        _NULL if pattern & 4 else prior[:, None],
        edits.indicator[:, None],
        _FOUR_DIGITS[edits.rationale],
    ]
    text = np.full((len(edits), sum(field.shape[1] + 1 for field in fields)), ord("\t"), np.uint8)
    at = 0
    for field in fields:
        text[:, at : at + field.shape[1]] = field
        at += field.shape[1] + 1
    text[:, -1] = ord("\n")
    return text.tobytes()


def _day(days: Numbers) -> Bytes:
    return np.concatenate([_FOUR_DIGITS[days // 10_000], _FOUR_DIGITS[days % 10_000]], axis=1)


class CodeDigests:
    """Of every code: how many rows name it, and the sum of a hash of each of its rows, whatever their order."""

    def __init__(self) -> None:
        """Begin with none."""
        self._codes: dict[int, list[int]] = {}

    def add(self, edits: Edits, rationales: list[str]) -> Digests:
        """Take in rows, and give a hash of each: of all that its file says of it."""
        if not len(edits):
            return np.zeros(0, np.uint64)
        sentences = np.array([_hash_of(text) for text in rationales], np.uint64)
        first, second = _packed(edits.column_1), _packed(edits.column_2)
        row = np.zeros(len(edits), np.uint64)
        for values in (first, second, edits.effective, edits.deleted, edits.prior_1996, edits.indicator):
            row = _mixed(row ^ values.astype(np.uint64))
        row = _mixed(row ^ sentences[edits.rationale])
        active = (edits.deleted == 0) & (edits.indicator != _NEVER_APPLIED)
        self._sum(first, row, active, column=1)
        self._sum(second, _mixed(row), active, column=2)
        return row

    def _sum(self, codes: Digests, hashes: Digests, active: Mask, column: int) -> None:
        names, places = np.unique(codes, return_inverse=True)
        sums = np.zeros(len(names), np.uint64)
        np.add.at(sums, places, hashes)
        counts = np.bincount(places, active, len(names)).astype(np.int64)
        for name, total, count in zip(names.tolist(), sums.tolist(), counts.tolist(), strict=True):
            known = self._codes.setdefault(name, [0, 0, 0])
            known[0] = (known[0] + total) % 2**64
            known[column] += count

    def rows(self) -> Iterator[NcciPtpCodeRow]:
        """A row a code, in order."""
        for name, (digest, as_column_1, as_column_2) in sorted(self._codes.items()):
            code = name.to_bytes(8, "big").decode("ascii")[8 - CODE_LENGTH :]
            yield NcciPtpCodeRow(system_of(code), code, as_column_1, as_column_2, digest.to_bytes(8, "big"))


def _packed(codes: Bytes) -> Digests:
    """Codes as numbers that sort as the codes do."""
    packed = np.zeros(len(codes), np.uint64)
    for place in range(CODE_LENGTH):
        packed = packed << np.uint64(8) | codes[:, place].astype(np.uint64)
    return packed


def _mixed(values: Digests) -> Digests:
    """The finishing steps of splitmix64, by which every bit of a value touches every bit of its hash."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)


def _hash_of(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
