"""Turns chapters of the Tabular List into rows: nests its blocks, adds every code that a seventh character completes,
and checks what the schema of the file does not.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.code_spans import spans_in
from services.catalog.imports.defects import Defects
from services.catalog.rows import CodeRow, TabularMentionRow
from services.catalog.systems import dotted
from services.catalog.tabular.entry import Entry
from services.catalog.tabular.seventh import characters_for, exceptions_in

SYSTEM = "icd10cm"
FULL_LENGTH = 7
CATEGORY_LEVEL = 10
EXCLUDES = ("excludes1", "excludes2")
_CODE = re.compile(r"[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?", re.ASCII)
_RANGE = re.compile(r"([A-Z][0-9A-Z]{2})(?:-([A-Z][0-9A-Z]{2}))?", re.ASCII)
_CHAPTER = re.compile(r"[1-9][0-9]?", re.ASCII)
_RANGE_IN_TITLE = re.compile(r"\s*\([A-Z][0-9A-Z]{2}(-[A-Z][0-9A-Z]{2})?\)\s*$")


@dataclass(frozen=True, slots=True)
class _Above:
    """What stands above a code: its ancestors, and a digest of all that it inherits."""

    codes: tuple[str, ...] = ()
    content: bytes = b""


@dataclass(slots=True)
class _Node:
    """An entry with its final name, and the sizes of what stands below it."""

    code: str
    display: str
    kind: str
    entry: Entry
    children: list["_Node"]
    level: int = 0
    completions: Sequence[tuple[str, str]] = ()
    """Seventh characters that make codes of it; these codes are made only when they are given, for they are many."""
    extension: tuple[str, str] | None = None
    size: int = 1
    reportable: int = 0


class Outline:
    """Gives the rows of a Tabular List, chapter after chapter, in order."""

    def __init__(self, file: str, defects: Defects) -> None:
        """Take the file's name and where to note what is wrong with it."""
        self._file = file
        self._defects = defects
        self._seen: dict[str, int] = {}
        self._ordinal = 0
        self.codes = 0
        self.mentions: list[TabularMentionRow] = []
        """What the Excludes notes of the rows given so far name."""

    def rows(self, chapters: Iterable[Entry]) -> Iterator[CodeRow]:
        """Give a row for every chapter, block, category and code."""
        for chapter in chapters:
            node = self._chapter(chapter)
            if node is not None and not self._defects.count:
                yield from self._emit(node, _Above())

    def _defect(self, entry: Entry, what: str) -> None:
        self._defects.add(self._file, entry.line, entry.column, what)

    def _chapter(self, chapter: Entry) -> _Node | None:
        if not _CHAPTER.fullmatch(chapter.name):
            self._defect(chapter, f'the chapter\'s <name> is "{chapter.name}"; a number such as 1 is expected')
            return None
        code = f"CHAPTER-{chapter.name}"
        self._note_once(chapter, code)
        self._check_title(chapter, f"chapter {chapter.name}")
        sections = [self._section(section) for section in chapter.children]
        blocks = _nested([section for section in sections if section is not None])
        return _sized(_Node(code, f"Chapter {chapter.name}", "chapter", chapter, blocks))

    def _section(self, section: Entry) -> _Node | None:
        found = _RANGE.fullmatch(section.name)
        if not found:
            self._defect(section, f'the section\'s id is "{section.name}"; a range such as A00-A09 is expected')
            return None
        first, last = found[1], found[2] or found[1]
        code = f"{first}-{last}"
        self._note_once(section, code)
        self._check_title(section, f"section {code}")
        children = []
        for diag in section.children:
            # C4A stands in C43-C44: only the letters are in order.
            if _CODE.fullmatch(diag.name) and not first[0] <= diag.code[0] <= last[0]:
                self._defect(diag, f'"{diag.name}" stands in section {section.name}, which holds {first} to {last}')
            elif (node := self._diag(diag, "", (), ())) is not None:
                children.append(node)
        return _Node(code, code, "block", section, children)

    def _diag(
        self,
        diag: Entry,
        parent: str,
        seven: tuple[tuple[str, str], ...],
        exceptions: tuple[tuple[str, str], ...],
    ) -> _Node | None:
        if not self._check_diag(diag, parent):
            return None
        seven = diag.seven or seven
        exceptions = exceptions + self._exceptions(diag)
        kind = "category" if len(diag.code) == 3 else "subcategory"
        below = [self._diag(child, diag.code, seven, exceptions) for child in diag.children]
        children = [node for node in below if node is not None]
        completions: Sequence[tuple[str, str]] = ()
        if not diag.children and seven and len(diag.code) < FULL_LENGTH:
            completions = characters_for(diag.code, seven, exceptions)
            for character, _ in completions:
                self._note_once(diag, _completed_code(diag.code, character))
        elif not diag.children:
            kind = "category" if len(diag.code) == 3 else "code"
        return _Node(diag.code, dotted(SYSTEM, diag.code), kind, diag, children, _level(diag.code), completions)

    def _exceptions(self, diag: Entry) -> tuple[tuple[str, str], ...]:
        texts = [text for block in diag.notes if block.kind == "note" for text in block.texts]
        found, unread = exceptions_in(texts)
        for text in unread:
            self._defect(diag, f'an exception to the seventh characters is not understood: "{text}"')
        return found

    def _check_diag(self, diag: Entry, parent: str) -> bool:
        if not _CODE.fullmatch(diag.name):
            self._defect(diag, f'"{diag.name}" is no ICD-10-CM code; one such as A00 or A00.0 is expected in <name>')
            return False
        if parent and (not diag.code.startswith(parent) or len(diag.code) <= len(parent)):
            self._defect(diag, f'"{diag.name}" stands below {dotted(SYSTEM, parent)} but does not begin with it')
            return False
        self._check_title(diag, diag.name)
        return self._note_once(diag, diag.code)

    def _check_title(self, entry: Entry, name: str) -> None:
        if not entry.title:
            self._defect(entry, f"{name} has no <desc>; its title is expected there")

    def _note_once(self, entry: Entry, code: str) -> bool:
        first = self._seen.get(code)
        if first is not None:
            self._defect(entry, f'"{code}" stands twice, first in line {first}; each code stands once')
            return False
        self._seen[code] = entry.line
        return True

    def _emit(self, node: _Node, above: _Above) -> Iterator[CodeRow]:
        body, content = _body(node), _content(node, above)
        children = node.children or _completed(node)
        ordinal = self._ordinal
        self._ordinal += 1
        reportable = _is_reportable(node)
        self.codes += reportable
        self.mentions += _mentions(node)
        yield CodeRow(
            system=SYSTEM,
            code=node.code,
            display=node.display,
            kind=node.kind,
            level=node.level,
            ordinal=ordinal,
            last_ordinal=ordinal + node.size - 1,
            parent=above.codes[-1] if above.codes else None,
            ancestors=list(above.codes),
            heading=_heading(node),
            official=True,
            reportable=reportable,
            has_page=True,
            children=len(children),
            reportable_below=node.reportable - reportable,
            body=body,
            content_hash=_digest(content, *(f"{child.code} {child.entry.title}" for child in children)),
        )
        below = _Above((*above.codes, node.code), content)
        for child in children:
            yield from self._emit(child, below)


def _mentions(node: _Node) -> Iterator[TabularMentionRow]:
    for block in node.entry.notes:
        for text in block.texts if block.kind in EXCLUDES else ():
            for span in spans_in(text):
                yield TabularMentionRow(node.code, block.kind, text, *span)


def _level(code: str) -> int:
    return CATEGORY_LEVEL + len(code) - 3


def _completed_code(code: str, character: str) -> str:
    """The code with its seventh character, and a placeholder X in each place between."""
    return code.ljust(FULL_LENGTH - 1, "X") + character


def _completed(node: _Node) -> list[_Node]:
    """The codes that seventh characters make of one."""
    nodes = []
    for character, meaning in node.completions:
        code = _completed_code(node.code, character)
        entry = Entry("diag", node.entry.line, node.entry.column, name=code, title=f"{node.entry.title}, {meaning}")
        nodes.append(
            _Node(
                code,
                dotted(SYSTEM, code),
                "code",
                entry,
                [],
                _level(code),
                extension=(character, meaning),
                reportable=1,
            )
        )
    return nodes


def _is_reportable(node: _Node) -> bool:
    return not node.children and not node.completions and node.entry.element == "diag"


def _sized(node: _Node, level: int = 0) -> _Node:
    """Fill in how many entries and reportable codes stand below, and the levels of blocks."""
    if node.kind in ("chapter", "block"):
        node.level = level
    for child in node.children:
        _sized(child, level + 1)
    completed = len(node.completions)
    node.size = 1 + completed + sum(child.size for child in node.children)
    node.reportable = _is_reportable(node) + completed + sum(child.reportable for child in node.children)
    return node


def _nested(blocks: Sequence[_Node]) -> list[_Node]:
    """Blocks in the order of the file, each inside the narrowest earlier block whose range holds its own."""
    roots: list[_Node] = []
    open_blocks: list[_Node] = []
    for block in blocks:
        while open_blocks and not _holds(open_blocks[-1], block):
            open_blocks.pop()
        (open_blocks[-1].children if open_blocks else roots).append(block)
        open_blocks.append(block)
    return roots


def _holds(wide: _Node, narrow: _Node) -> bool:
    first, last = wide.code.split("-")
    begin, end = narrow.code.split("-")
    return first <= begin and end <= last


def _heading(node: _Node) -> str:
    if node.kind in ("chapter", "block"):
        return _RANGE_IN_TITLE.sub("", node.entry.title)
    return node.entry.title


def _body(node: _Node) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if node.entry.notes:
        body["notes"] = [[block.kind, list(block.texts)] for block in node.entry.notes]
    if node.entry.seven:
        body["seven"] = [list(pair) for pair in node.entry.seven]
    if node.entry.seven_notes:
        body["seven_notes"] = list(node.entry.seven_notes)
    if node.entry.placeholder:
        body["placeholder"] = True
    if node.extension:
        body["extension"] = list(node.extension)
    return body


def _content(node: _Node, above: _Above) -> bytes:
    return _digest(above.content, node.code, node.entry.title, repr(_body(node)))


def _digest(before: bytes, *texts: str) -> bytes:
    digest = hashlib.blake2b(before, digest_size=16)
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.digest()
