"""What the API of a reader's own library takes and gives."""

from datetime import datetime
from typing import Annotated, Any

from codingahead.catalog.v1 import catalog_pb2
from fastapi import Depends, Path, Query
from pydantic import Field

from gateway.api.paging import NextCursor
from gateway.api.schema import ApiModel
from gateway.library.records import Favourite, FolderOnList, LookUp, Note, Reading
from gateway.library.rules import LONGEST_FOLDER_NAME, LONGEST_NOTE, MOST_FAVOURITES, MOST_FOLDERS, CodeKey, key_of

System = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{2,12}$", description="Code system, e.g. icd10cm.")]
AnyCode = Annotated[str, Path(min_length=1, max_length=64, description="The code, dotted or not, in any case.")]
FolderId = Annotated[str, Path(pattern=r"^fld_[0-9a-f]{16}$", description="The folder's id, as the list gives it.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Entries on a page.")]


def key_in_path(system: System, code: AnyCode) -> CodeKey:
    """Give the key of the code that an address names."""
    return key_of(system, code)


Key = Annotated[CodeKey, Depends(key_in_path)]
Names = dict[CodeKey, catalog_pb2.CodeRef]
FOLDER_PATTERN = r"^fld_[0-9a-f]{16}$"


class NamedCode(ApiModel):
    """A code and its name as it is now."""

    system: str
    code: str = Field(description="The code without its dot.")
    display_code: str = Field(description="The code as it is written.")
    name: str = Field(description="Its one-line name; empty for a code without a page here, or while names are away.")


class FavouriteAnswer(NamedCode):
    """A favourite."""

    folder: str | None = Field(description="The id of its folder; null for none.")
    position: int = Field(description="Its place in the folder, from 0.")
    added_at: datetime


class FavouriteList(ApiModel):
    """Favourites, folder by folder, in the reader's order."""

    favourites: list[FavouriteAnswer]
    next_cursor: NextCursor


class FavouriteWanted(ApiModel):
    """A code to be kept."""

    system: str = Field(pattern=r"^[A-Za-z0-9]{2,12}$", examples=["icd10cm"])
    code: str = Field(min_length=1, max_length=64, description="The code, dotted or not.", examples=["E11.9"])
    folder: str | None = Field(default=None, pattern=FOLDER_PATTERN, description="The folder; null for none.")


class FavouriteChange(ApiModel):
    """Where a favourite is to be; what is left out stays."""

    folder: str | None = Field(default=None, pattern=FOLDER_PATTERN, description="The folder; null for none.")
    position: int | None = Field(default=None, ge=0, lt=MOST_FAVOURITES, description="Its place there, from 0.")


class FolderAnswer(ApiModel):
    """A folder of favourites."""

    id: str
    name: str
    position: int = Field(description="Its place among the folders, from 0.")
    favourites: int = Field(description="How many favourites are in it.")


class FolderList(ApiModel):
    """The folders in the reader's order."""

    folders: list[FolderAnswer]
    next_cursor: NextCursor


class FolderWanted(ApiModel):
    """A folder to be made."""

    name: str = Field(min_length=1, max_length=LONGEST_FOLDER_NAME)


class FolderChange(ApiModel):
    """What is to change of a folder; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=LONGEST_FOLDER_NAME)
    position: int | None = Field(default=None, ge=0, lt=MOST_FOLDERS)


class NoteAnswer(NamedCode):
    """A private note."""

    text: str
    written_at: datetime
    etag: str = Field(description="What If-Match takes to change this text and no other.")


class NoteList(ApiModel):
    """The notes in order of system and code."""

    notes: list[NoteAnswer]
    next_cursor: NextCursor


class NoteWanted(ApiModel):
    """The text of a note."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE, description="No patient information, please.")


class ReadingAnswer(NamedCode):
    """A code page that was read on the site."""

    read_at: datetime = Field(description="When it was read last.")


class LookUpAnswer(ApiModel):
    """What was looked up on the site."""

    words: str
    looked_up_at: datetime


class HistoryAnswer(ApiModel):
    """What was read, the last first, and on the first page what was looked up."""

    recording: bool = Field(description="Whether it goes on being recorded.")
    readings: list[ReadingAnswer]
    look_ups: list[LookUpAnswer]
    next_cursor: NextCursor


class HistoryChoice(ApiModel):
    """Whether what is read and looked up is recorded."""

    recording: bool


def favourite_values(favourite: Favourite, names: Names) -> dict[str, Any]:
    """Give a favourite in the values of its model."""
    return {
        **_code(favourite.key, names),
        "folder": favourite.folder.id if favourite.folder else None,
        "position": favourite.position,
        "added_at": favourite.added_at,
    }


def folder_values(listed: FolderOnList) -> dict[str, Any]:
    """Give a folder in the values of its model."""
    return {
        "id": listed.folder.id,
        "name": listed.folder.name,
        "position": listed.position,
        "favourites": listed.favourites,
    }


def note_values(note: Note, names: Names) -> dict[str, Any]:
    """Give a note in the values of its model."""
    return {**_code(note.key, names), "text": note.text, "written_at": note.written_at, "etag": etag_of(note)}


def etag_of(note: Note) -> str:
    """Give the entity tag of a note."""
    return f'"{note.revision}"'


def reading_values(reading: Reading, names: Names) -> dict[str, Any]:
    """Give a reading in the values of its model."""
    return {**_code(reading.key, names), "read_at": reading.read_at}


def look_up_values(look_up: LookUp) -> dict[str, Any]:
    """Give a look-up in the values of its model."""
    return {"words": look_up.words, "looked_up_at": look_up.looked_up_at}


def _code(key: CodeKey, names: Names) -> dict[str, Any]:
    ref = names[key]
    return {
        "system": key.system,
        "code": key.code,
        "display_code": ref.display_code or key.code,
        "name": ref.heading.text,
    }
