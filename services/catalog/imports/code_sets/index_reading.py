"""Reads the XML of an index of ICD-10-CM, term by term, with the line and column of everything.

The Alphabetic Index, the External Cause Index, the Neoplasm Table and the Table of Drugs and Chemicals share one
schema. A document type declaration is refused, so that no entity is ever expanded or fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.parsers import expat

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects

ROOT = "ICD10CM.index"
CHUNK = 256 * 1024
DEEPEST = 20
"""Levels of terms; the official files have nine."""
TERMS = {"mainTerm", "term"}
REFERENCES = {"code", "manif", "subcat", "seecat", "see", "seeAlso", "cell"}
INSIDE = {
    ROOT: {"version", "title", "indexHeading", "letter"},
    "indexHeading": {"head"},
    "letter": {"title", "mainTerm"},
    "mainTerm": {"title", "term", *REFERENCES},
    "term": {"title", "term", *REFERENCES},
    "title": {"nemod"},
}


class Reference(NamedTuple):
    """What a term leads to: an element, its attribute `col`, its text, and where it stands."""

    element: str
    col: str
    text: str
    line: int
    column: int


@dataclass(slots=True)
class Term:
    """A main term or a term below one, with what it says itself."""

    line: int
    column: int
    path: tuple[str, ...]
    """Titles from the main term down to its own."""
    nonessential: tuple[str, ...] = ()
    """Nonessential modifiers of each of them."""
    references: list[Reference] = field(default_factory=list)
    """In the order of the file."""


class _Stop(Exception):
    """Ends the reading; the reason is among the defects."""


@dataclass(slots=True)
class _Open:
    """An element that is not closed yet."""

    name: str
    line: int
    column: int
    text: list[str] = field(default_factory=list)
    nonessential: list[str] = field(default_factory=list)
    col: str = ""


class IndexReader:
    """Reads one file. `terms()` may be gone through once; what stands before the first term is known by then."""

    def __init__(self, file: SourceFile, defects: Defects) -> None:
        """Take the file and where to note what is wrong with it."""
        self._file = file
        self._defects = defects
        self._open: list[_Open] = []
        self._terms: list[Term] = []
        self._finished: list[Term] = []
        self.version = ""
        self.title = ""
        self.columns: dict[str, str] = {}
        """Titles of the table's columns by their numbers."""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def terms(self) -> Iterator[Term]:
        """Every term in the order of the file, parents before what stands below them."""
        try:
            with self._file.open_binary() as file:
                while chunk := file.read(CHUNK):
                    self._parser.Parse(chunk, False)
                    yield from self._take()
                self._parser.Parse(b"", True)
            yield from self._take()
        except expat.ExpatError as error:
            self._defects.add(self._file.label, error.lineno, error.offset + 1, self._reason(error))
        except _Stop:
            pass
        except LookupError:
            self._defect("the file names an encoding that is not known; UTF-8 is expected")

    def _take(self) -> Iterator[Term]:
        """Terms whose main term is closed: nothing is added to them any more."""
        if not self._terms:
            finished, self._finished = self._finished, []
            yield from finished

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        parent = self._open[-1].name if self._open else ""
        if not parent and name != ROOT:
            self._defect(f"the file begins with <{name}>; an index of ICD-10-CM begins with <{ROOT}>")
            raise _Stop
        if parent and name not in INSIDE.get(parent, ()):
            expected = ", ".join(sorted(INSIDE.get(parent, ()))) or "text only"
            self._defect(f"<{name}> is not known inside <{parent}>; expected there: {expected}")
            raise _Stop
        if name in TERMS:
            self._begin_term(name, attributes, line, column)
        self._open.append(_Open(name, line, column, col=attributes.get("col", "")))

    def _begin_term(self, name: str, attributes: dict[str, str], line: int, column: int) -> None:
        level = len(self._terms)
        if name == "term" and attributes.get("level") != str(level):
            self._defect(f'level="{attributes.get("level", "")}" stands on a term of level {level}', line, column)
        if level > DEEPEST:
            self._defect(f"terms are nested deeper than {DEEPEST} levels, as no index is", line, column)
            raise _Stop
        above = self._terms[-1] if self._terms else None
        if above and not above.path[-1]:
            self._defect("the term above has no <title>; one is expected before the terms below it", line, column)
            raise _Stop
        path = (*above.path, "") if above else ("",)
        term = Term(line, column, path, (*above.nonessential, "") if above else ("",))
        self._terms.append(term)
        self._finished.append(term)

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def _end(self, name: str) -> None:
        closed = self._open.pop()
        text = " ".join("".join(closed.text).split())
        if name in TERMS:
            term = self._terms.pop()
            if not term.path[-1]:
                self._defect("a term has no <title>", term.line, term.column)
        elif name in REFERENCES or name in {"title", "version", "head", "nemod"}:
            if not text:
                self._defect(f"<{name}> is empty; text is expected", closed.line, closed.column)
            self._leaf(closed, text)

    def _leaf(self, closed: _Open, text: str) -> None:
        parent = self._open[-1]
        if closed.name == "version":
            self.version = text
        elif closed.name == "head":
            self.columns[closed.col] = text
        elif closed.name == "nemod":
            parent.nonessential.append(text)
            parent.text.append(" ")
        elif closed.name == "title" and parent.name == ROOT:
            self.title = text
        elif closed.name == "title" and parent.name in TERMS:
            term = self._terms[-1]
            term.path = (*term.path[:-1], text)
            term.nonessential = (*term.nonessential[:-1], " ".join(closed.nonessential))
        elif closed.name in REFERENCES:
            self._terms[-1].references.append(Reference(closed.name, closed.col, text, closed.line, closed.column))

    def _doctype(self, *_: object) -> None:
        self._defect(
            "a document type declaration stands here; the official file has none, and none is read, "
            "for it can name other files and grow without limit"
        )
        raise _Stop

    def _defect(self, what: str, line: int = 0, column: int = 0) -> None:
        self._defects.add(
            self._file.label,
            line or self._parser.CurrentLineNumber,
            column or self._parser.CurrentColumnNumber + 1,
            what,
        )

    def _reason(self, error: expat.ExpatError) -> str:
        said = expat.ErrorString(error.code) or "not well-formed"
        if self._open and said in ("no element found", "unclosed token", "unclosed CDATA section"):
            last = self._open[-1]
            return f"the file ends inside <{last.name}> of line {last.line}; it was cut off, and the whole is needed"
        if said == "no element found":
            return f"the file is empty; an index of ICD-10-CM, beginning with <{ROOT}>, is expected"
        return f"this is no well-formed XML ({said}); the official file is well-formed and in UTF-8"
