"""Reads the Tabular List's XML, chapter by chapter, with the line and column of everything.

Expat is used rather than a tree, because defects must name a column. A document type declaration is refused, so that
no entity is ever expanded or fetched.
"""

from collections.abc import Callable, Iterator
from xml.parsers import expat

from services.catalog.imports.archives import SourceFile
from services.catalog.imports.defects import Defects
from services.catalog.tabular import visual
from services.catalog.tabular.entry import NOTE_KINDS, Entry, NoteBlock

ROOT = "ICD10CM.tabular"
CHUNK = 256 * 1024
CONTAINERS = {"chapter", "section", "diag"}
IGNORED = {"introduction", "sectionIndex"}
"""Elements that repeat what stands elsewhere, or explain conventions."""
INSIDE = {
    ROOT: {"version", "introduction", "chapter"},
    "chapter": {"name", "desc", "section", "sectionIndex", *NOTE_KINDS},
    "section": {"desc", "diag", "sevenChrNote", "sevenChrDef", *NOTE_KINDS},
    "diag": {"name", "desc", "diag", "sevenChrNote", "sevenChrDef", "visualImpairment", *NOTE_KINDS},
    "sevenChrNote": {"note"},
    "sevenChrDef": {"extension", "note"},
    **{kind: {"note"} for kind in NOTE_KINDS},
    **visual.INSIDE,
}
LEAVES = {"name", "desc", "note", "extension", "version", "heading", "value"}


class _Stop(Exception):
    """Ends the reading; the reason is among the defects."""


class TabularReader:
    """Reads one file. `chapters()` may be gone through once; `version` is known when it ends."""

    def __init__(self, file: SourceFile, defects: Defects) -> None:
        """Take the file and where to note what is wrong with it."""
        self._file = file
        self._defects = defects
        self._open: list[tuple[str, int, int]] = []
        self._entries: list[Entry] = []
        self._finished: list[Entry] = []
        self._notes: list[str] = []
        self._seven: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._table = visual.VisualTable()
        self._character = ""
        self._skip = 0
        self.version = ""
        self._parser = self._new_parser()

    def chapters(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
        """Give each chapter whole; `progress` is told the bytes read."""
        read = 0
        try:
            with self._file.open_binary() as file:
                while chunk := file.read(CHUNK):
                    self._parser.Parse(chunk, False)
                    read += len(chunk)
                    progress(read)
                    yield from self._take()
                self._parser.Parse(b"", True)
            yield from self._take()
        except expat.ExpatError as error:
            self._defects.add(self._file.label, error.lineno, error.offset + 1, _reason(error, self._open))
        except _Stop:
            pass
        except LookupError:
            self._defect("the file names an encoding that is not known; UTF-8 is expected")

    def _take(self) -> Iterator[Entry]:
        finished, self._finished = self._finished, []
        yield from finished

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    def _defect(self, what: str, line: int = 0, column: int = 0) -> None:
        self._defects.add(
            self._file.label,
            line or self._parser.CurrentLineNumber,
            column or self._parser.CurrentColumnNumber + 1,
            what,
        )

    def _doctype(self, *_: object) -> None:
        self._defect(
            "a document type declaration stands here; the official file has none, and none is read, "
            "for it can name other files and grow without limit"
        )
        raise _Stop

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        if self._skip:
            self._skip += 1
            return
        self._text.clear()
        if not self._open and name != ROOT:
            self._defect(f"the file begins with <{name}>; the Tabular List begins with <{ROOT}>")
            raise _Stop
        if self._open and not self._allowed(name):
            self._skip = 1
            return
        if name in IGNORED:
            self._skip = 1
            return
        self._open.append((name, line, column))
        if name in CONTAINERS:
            self._begin(name, attributes, line, column)
        else:
            self._prepare(name, attributes)

    def _prepare(self, name: str, attributes: dict[str, str]) -> None:
        """Make room for what stands inside an element that is not a container."""
        if name in NOTE_KINDS or name == "sevenChrNote":
            self._notes = []
        elif name == "sevenChrDef":
            self._seven = []
        elif name == "visualImpairment":
            self._table = visual.VisualTable()
        elif name == "visCategory":
            self._table.begin_row()
        elif name == "extension":
            self._character = attributes.get("char", "")

    def _allowed(self, name: str) -> bool:
        parent = self._open[-1][0]
        if name in INSIDE.get(parent, ()):
            return True
        expected = ", ".join(sorted(INSIDE.get(parent, ()))) or "text only"
        self._defect(f"<{name}> is not known inside <{parent}>; expected there: {expected}")
        return False

    def _begin(self, name: str, attributes: dict[str, str], line: int, column: int) -> None:
        entry = Entry(name, line, column, placeholder=attributes.get("placeholder") == "true")
        if name == "section":
            entry.name = attributes.get("id", "").strip()
        if self._entries:
            self._entries[-1].children.append(entry)
        self._entries.append(entry)

    def _end(self, name: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        _, line, column = self._open.pop()
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if name in LEAVES:
            self._leaf(name, text, line, column)
        elif name in NOTE_KINDS:
            self._entries[-1].notes.append(NoteBlock(NOTE_KINDS[name], tuple(self._notes)))
        elif name == "sevenChrNote":
            self._entries[-1].seven_notes += self._notes
        elif name == "sevenChrDef":
            self._entries[-1].seven = tuple(self._seven)
        elif name == "visualImpairment":
            self._entries[-1].notes.append(NoteBlock("note", self._table.notes()))
        elif name in CONTAINERS:
            entry = self._entries.pop()
            if name == "chapter":
                self._finished.append(entry)

    def _leaf(self, name: str, text: str, line: int, column: int) -> None:
        parent = self._open[-1][0]
        if not text:
            self._defect(f"<{name}> is empty; text is expected", line, column)
        elif name == "version":
            self.version = text
        elif name == "extension":
            if len(self._character) != 1 or not self._character.isalnum():
                self._defect(
                    '<extension> needs an attribute char with one letter or digit, as in char="A"', line, column
                )
            self._seven.append((self._character, text))
        elif name == "note" and parent == "sevenChrDef":
            self._refine_character(text, line, column)
        elif name == "note":
            self._notes.append(text)
        elif name == "value":
            self._table.add(parent, text)
        elif name == "name":
            self._entries[-1].name = text
        elif name == "desc":
            self._entries[-1].title = text

    def _refine_character(self, text: str, line: int, column: int) -> None:
        if not self._seven:
            self._defect("a <note> stands before the first <extension>, which it would explain", line, column)
            return
        character, meaning = self._seven[-1]
        self._entries[-1].seven_notes.append(f"{character}, {meaning}: {text}")


def _reason(error: expat.ExpatError, unclosed: list[tuple[str, int, int]]) -> str:
    said = expat.ErrorString(error.code) or "not well-formed"
    if unclosed and said in ("no element found", "unclosed token", "unclosed CDATA section"):
        name, line, _ = unclosed[-1]
        return f"the file ends inside <{name}> of line {line}; it was cut off, and the whole file is needed"
    if said == "no element found":
        return f"the file is empty; the Tabular List's XML, beginning with <{ROOT}>, is expected"
    return f"this is no well-formed XML ({said}); the official file is well-formed and in UTF-8"
