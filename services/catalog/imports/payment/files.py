"""The files of a payment table: those that are called as published, or what else an operator names."""

from collections.abc import Sequence
from pathlib import Path

from services.catalog.imports.archives import SourceFile, members
from services.catalog.imports.importer import Importer, called
from services.catalog.imports.recognition import named_setting
from shared.errors import InvalidInput

_TEXT = called(r".*\.(?:txt|csv)")
_WORKBOOK = ".xlsx"


def files_of(importer: Importer, paths: Sequence[Path]) -> list[SourceFile]:
    """The files in order; where a path holds none that is called as published, its texts, whatever their names.

    A workbook beside a text of the same name is left out: CMS's archives hold each table in several forms.

    Raises:
        InvalidInput: a path holds neither, or cannot be read.

    """
    found: list[SourceFile] = []
    for path in paths:
        known = [file for file in members([path], *importer.recognised) if not file.name.lower().endswith(".zip")]
        texts = {_stem(file) for file in known if not file.name.lower().endswith(_WORKBOOK)}
        known = [f for f in known if not f.name.lower().endswith(_WORKBOOK) or _stem(f) not in texts]
        found += known or members([path], _TEXT, wanted=importer.files)
    if not found:
        raise InvalidInput("FILES_WRONG", f"No file was named; expected: {importer.files}.")
    return found


def _stem(file: SourceFile) -> str:
    return Path(file.name.lower()).stem


def one_file_of(importer: Importer, paths: Sequence[Path]) -> SourceFile:
    """The only such file; InvalidInput when there are several."""
    found = files_of(importer, paths)
    if len(found) != 1:
        named = ", ".join(file.label for file in found[:5])
        raise InvalidInput("FILES_WRONG", f"One file is expected, {importer.files}; {len(found)} were named: {named}.")
    return found[0]


def stated_setting(importer: Importer, files: Sequence[SourceFile]) -> str:
    """The setting that the files' own names state, within archives too; InvalidInput when they state several."""
    stated = sorted({named_setting(importer, file.name) for file in files} - {""})
    if len(stated) > 1:
        raise InvalidInput(
            "FILES_WRONG", f"The files are for {' and '.join(stated)}; import those of one setting at a time."
        )
    return stated[0] if stated else ""
