"""What a reader may keep, and how much of it: codes, names of folders, texts of notes."""

import re
import unicodedata
from typing import NamedTuple

from gateway.spelling import undotted
from shared.errors import InvalidInput

MOST_FOLDERS = 100
MOST_FAVOURITES = 2_000
MOST_NOTES = 2_000
LONGEST_FOLDER_NAME = 80
LONGEST_NOTE = 4_000
"""In characters, which fit the longest form that is read in any script."""
MOST_READINGS = 1_000
MOST_LOOK_UPS = 200
KEPT_DAYS = 365

_SYSTEM = re.compile(r"[a-z0-9]{2,12}", re.ASCII)
_CODE = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*", re.ASCII)
_LONGEST_CODE = 64
_NO_TEXT = frozenset({"Cc", "Cs"})
"""Categories of characters that are no text: controls and halves of surrogate pairs."""


class CodeKey(NamedTuple):
    """A code by its system and its undotted spelling."""

    system: str
    code: str


def key_of(system: str, code: str) -> CodeKey:
    """Give the key of a code in any spelling, whether there is such a code or not; InvalidInput for no code's shape."""
    key = CodeKey(system.strip().lower(), undotted(code))
    if not _SYSTEM.fullmatch(key.system) or not _CODE.fullmatch(key.code) or len(key.code) > _LONGEST_CODE:
        raise InvalidInput("CODE_MALFORMED", "code: a code system and a code of letters and digits are expected.")
    return key


def folder_name(text: str) -> str:
    """Give the name of a folder, its blanks made single."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_FOLDER_NAME or _odd(name):
        raise InvalidInput("FOLDER_INVALID", f"name: a folder's name has 1 to {LONGEST_FOLDER_NAME} characters.")
    return name


def note_text(text: str) -> str:
    """Give the text of a note with plain line ends and without blanks around it."""
    note = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not note:
        raise InvalidInput("NOTE_INVALID", "text: a note needs words; delete it if it is to be empty.")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput("NOTE_INVALID", f"text: these are {len(note):,} characters; up to {LONGEST_NOTE:,} fit.")
    odd = _odd(note)
    if odd:
        raise InvalidInput("NOTE_INVALID", f"text: the character U+{ord(odd):04X} is no text; take it out.")
    return note


def _odd(text: str) -> str:
    """The first character that is no text; empty when all are."""
    return next((c for c in text if unicodedata.category(c) in _NO_TEXT and c not in "\n\t"), "")
