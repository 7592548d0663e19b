"""Recognises files by their names: of which kind they are, and for which setting."""

from collections.abc import Sequence
from pathlib import Path

from services.catalog.imports.importer import Choices, Importer
from shared.errors import InvalidInput


def setting_of(importer: Importer, paths: Sequence[Path], choices: Choices) -> str:
    """The setting that files are imported for: as the operator says, else as their names say.

    Raises:
        InvalidInput: the kind has no such setting, or it is neither said nor named, or names differ in it.

    """
    known = importer.settings
    if choices.setting:
        if choices.setting not in known:
            has = f"its settings are {', '.join(known)}" if known else "leave the setting out"
            raise InvalidInput("SETTING_WRONG", f'setting: {importer.kind} has no setting "{choices.setting}"; {has}.')
        return choices.setting
    if not known:
        return ""
    named = {named_setting(importer, path.name) for path in paths} - {""}
    if len(named) != 1:
        what = (
            "the names of the files do not say it" if not named else f"the files are for {' and '.join(sorted(named))}"
        )
        raise InvalidInput(
            "SETTING_MISSING", f"setting: {importer.kind} is loaded for one setting at a time, and {what}: say one of "
            f"{', '.join(known)} (--setting).",
        )  # fmt: skip
    return named.pop()


def named_setting(importer: Importer, name: str) -> str:
    """The setting that a file's name says; empty where it says none."""
    for pattern in importer.recognised:
        if pattern.match(name) is not None:
            return pattern.setting
    return ""
