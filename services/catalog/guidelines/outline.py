"""Numbers the sections of the Guidelines as coders cite them: `I.C.4.a.3` from the labels that stand before titles.

Labels nest as Section I., A., 1., a., 1), (a), (i). A label opens a section at the depth of its form; `(i)` is a letter
behind `(h)` and a Roman numeral elsewhere.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_HEADING = re.compile(r"#{1,6}\s+(?P<text>\S.*)")
_ITEM = re.compile(r"-\s+(?P<text>(?:\([a-z]{1,4}\)|[0-9]{1,2}\))(?:\s.*)?)", re.ASCII)
_LABELS = (
    re.compile(
        r"(?:Section (?=[IVX]+\.))?(?P<label>(?<=Section )[IVX]+|Appendix [IVX]+)[.:]?\s*(?P<title>.*)", re.ASCII
    ),
    re.compile(r"(?P<label>[A-Z])\.\s+(?P<title>.*)", re.ASCII),
    re.compile(r"(?P<label>[0-9]{1,2})\.\s+(?P<title>.*)", re.ASCII),
    re.compile(r"(?P<label>[a-z])\.\s+(?P<title>.*)", re.ASCII),
    re.compile(r"(?P<label>[0-9]{1,2})\)\s*(?P<title>.*)", re.ASCII),
    re.compile(r"\((?P<label>[a-z])\)\s*(?P<title>.*)", re.ASCII),
    re.compile(r"\((?P<label>[ivx]{1,5})\)\s*(?P<title>.*)", re.ASCII),
)
_LETTER, _ROMAN = 5, 6
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
LONGEST_TITLE = 160


@dataclass(slots=True)
class Section:
    """A section with the text that stands directly in it."""

    number: str
    """As it is cited, e.g. "I.C.4.a.3" or "I.A.12.a"."""
    title: str
    line: int
    """1-based, where its label stands."""
    paragraphs: list[str] = field(default_factory=list)


def sections_of(lines: Iterable[tuple[int, str]]) -> Iterator[Section]:
    """The sections in their order, from Section I on; what stands before it (notices, contents) is passed over."""
    labels: list[str] = []
    lists: dict[str, list[str]] = {}
    section: Section | None = None
    for number, line in lines:
        text = " ".join(line.split())
        found = _opened(text, labels)
        if found is not None:
            if section is not None:
                yield section
            labels, title = _continued(found[0], lists), found[1]
            if len(labels) == _LETTER + 1:
                lists[labels[-1]] = labels
            section = Section(cited(labels), title[:LONGEST_TITLE], number)
            if len(title) > LONGEST_TITLE:  # a paragraph stands behind the label, without a title of its own
                section.title = ""
                section.paragraphs.append(title)
        elif section is not None and text:
            words = text.lstrip("#- ")
            if text.startswith("#") and not section.title and not section.paragraphs:
                section.title = words
            else:
                section.paragraphs.append(words)
    if section is not None:
        yield section


def cited(labels: list[str]) -> str:
    """The labels as coders write them; parentheses are kept where they tell a letter from a letter."""
    return ".".join(f"({label})" if depth >= _LETTER else label for depth, label in enumerate(labels) if label)


def _opened(text: str, labels: list[str]) -> tuple[list[str], str] | None:
    """The labels and the title of the section that a line opens; None when it opens none."""
    heading, item = _HEADING.fullmatch(text), _ITEM.fullmatch(text)
    marked = heading or item
    if marked is None:
        return None
    for depth, form in _forms(marked["text"], labels):
        if depth and not labels:
            return None  # before Section I
        if item is not None and not _follows(depth, form["label"], labels):
            return None  # a list inside a section
        return [*(labels + [""] * depth)[:depth], form["label"]], form["title"].strip()
    return None


def _continued(labels: list[str], lists: dict[str, list[str]]) -> list[str]:
    """The labels, put behind the list that waits for them where they cannot begin one: `(b)` without an `(a)`.

    In copies of the printed pages a list may go on behind the next title.
    """
    if len(labels) != _LETTER + 1 or labels[-1] == "a":
        return labels
    before = chr(ord(labels[-1]) - 1)
    waiting = lists.get(before)
    if waiting is None or waiting[:_LETTER] == labels[:_LETTER]:
        return labels
    begun_here = any(known[:_LETTER] == labels[:_LETTER] for known in lists.values())
    return labels if begun_here else [*waiting[:_LETTER], labels[-1]]


def _forms(text: str, labels: list[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """The depths at which a text may open a section, the likelier first."""
    depths = list(range(len(_LABELS)))
    roman = _LABELS[_ROMAN].match(text)
    if roman and not (len(labels) > _LETTER and _after(labels[_LETTER]) == roman["label"]):
        depths = [depth for depth in depths if depth != _LETTER]
    for depth in depths:
        form = _LABELS[depth].fullmatch(text)
        if form:
            yield depth, form


def _follows(depth: int, label: str, labels: list[str]) -> bool:
    """Whether a label is the next one at its depth, or the first below an open section."""
    if len(labels) > depth and labels[depth]:
        before = labels[depth]
        if depth == _ROMAN:
            return before in _ROMANS[:-1] and _ROMANS[_ROMANS.index(before) + 1] == label
        return label == (str(int(before) + 1) if before.isdigit() else _after(before))
    return label in ("1", "a", "i")


def _after(letter: str) -> str:
    return chr(ord(letter) + 1) if len(letter) == 1 else ""
