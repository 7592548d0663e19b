"""Compares our texts with official descriptors and finds any six consecutive words that both have in common.

It keeps our own words ours: run it wherever a licensed descriptor file is loaded. It reads no file itself; the
command that does (`python -m services.catalog compare-texts`) hands it a mapping of code to descriptor.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from services.catalog.content.format import CodeText

RUN_LENGTH = 6
_WORD = re.compile(r"[a-z0-9]+(?:[.'][a-z0-9]+)*")


@dataclass(frozen=True)
class Overlap:
    """Words that a field of one of our texts shares with the descriptor of a code, not always its own."""

    code: str
    field: str
    descriptor_of: str
    words: str

    def __str__(self) -> str:
        return (
            f"code {self.code}, field {self.field}: shares '{self.words}' with the descriptor of {self.descriptor_of}"
        )


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _WORD.findall(plain)


def find_overlaps(
    texts: Iterable[CodeText], descriptors: Mapping[str, str], run_length: int = RUN_LENGTH
) -> list[Overlap]:
    """Every longest run of at least `run_length` common words, by code and field, once for each descriptor."""
    official = _Descriptors(descriptors, run_length)
    return [
        Overlap(text.code, field, other, words)
        for text in texts
        for field, prose in text.fields_of_text()
        for other, words in official.runs_in(words_of(prose))
    ]


class _Descriptors:
    """The descriptors' words, indexed by every run of the length that counts."""

    def __init__(self, descriptors: Mapping[str, str], run_length: int) -> None:
        self._run_length = run_length
        self._words = {code: words_of(text) for code, text in descriptors.items()}
        self._index: dict[tuple[str, ...], set[str]] = {}
        for code, words in self._words.items():
            for start in range(len(words) - run_length + 1):
                self._index.setdefault(tuple(words[start : start + run_length]), set()).add(code)

    def runs_in(self, words: list[str]) -> Iterator[tuple[str, str]]:
        """Each longest common run with the code whose descriptor has it."""
        reached: dict[str, int] = {}
        for start in range(len(words) - self._run_length + 1):
            for other in sorted(self._index.get(tuple(words[start : start + self._run_length]), ())):
                if start >= reached.get(other, 0):
                    end = self._end_of_run(words, start, self._words[other])
                    reached[other] = end - self._run_length + 1
                    yield other, " ".join(words[start:end])

    def _end_of_run(self, words: list[str], start: int, descriptor: list[str]) -> int:
        """Where the longest common run that begins at `start` ends, exclusive."""
        end = start + self._run_length
        while end < len(words) and _contains(descriptor, words[start : end + 1]):
            end += 1
        return end


def _contains(descriptor: list[str], run: list[str]) -> bool:
    return any(descriptor[i : i + len(run)] == run for i in range(len(descriptor) - len(run) + 1))
