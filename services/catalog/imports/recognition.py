"""Recognises files by their names: of which kind they are, for which setting, and which of them go together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.catalog.imports.archives import member_names
from services.catalog.imports.importer import Choices, Importer
from shared.errors import InvalidInput

_EDITION = re.compile(
    r"20\d\d(?:[-_]\d\d)*(?!\d)|fy\d\d|v\d+r\d+|(?:january|april|july|october)(?:[-_ ]\d{1,2})?|(?<![a-z])q[1-4]",
    re.ASCII,
)
"""What of a name states the edition: a year or day, a fiscal year, a version, a month of an update, a quarter."""


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


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one import, as their names tell."""

    kind: str
    setting: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a folder holds: the imports in the order in which they are made, and the files that are not imported."""

    imports: tuple[Found, ...]
    unknown: tuple[Path, ...]
    repeated: tuple[Path, ...]
    """Files that stand in the folder a second time, mostly once by themselves and once in an archive."""


def sort_files(paths: Sequence[Path], importers: Sequence[Importer]) -> Sorting:
    """Tell which files make which imports, by their names and those of an archive's members.

    Files of one kind and setting whose names state the same edition go together; of one kind the newest edition comes
    first. An archive that holds files of several kinds is part of an import of each.
    """
    groups: dict[tuple[str, str, tuple[str, ...]], dict[str, Path]] = {}
    order = {importer.kind: place for place, importer in enumerate(importers)}
    unknown: list[Path] = []
    repeated: list[Path] = []
    for path in paths:
        taken = False
        for importer in importers:
            for setting, edition, names in _parts(importer, path):
                taken = True
                group = groups.setdefault((importer.kind, setting, edition), {})
                if all(name in group for name in names):
                    repeated.append(path)
                else:
                    group.update(dict.fromkeys(names, path))
        if not taken:
            unknown.append(path)
    keys = sorted(groups, key=lambda key: key[2], reverse=True)
    imports = [
        Found(kind, setting, tuple(dict.fromkeys(groups[kind, setting, edition].values())))
        for kind, setting, edition in sorted(keys, key=lambda key: (order[key[0]], key[1]))
    ]
    return Sorting(tuple(imports), tuple(unknown), tuple(repeated))


def _parts(importer: Importer, path: Path) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """What of a path is for an importer: setting, edition, and the names of its files, spelt alike."""
    if path.suffix.lower() != ".zip":
        known = _match(importer, path.name)
        if known is not None:
            yield *known, [_spelt(path.name)]
        return
    whole = _match(importer, path.name)
    parts: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for name in member_names(path):
        known = _match(importer, name)
        if known is not None:
            parts.setdefault(whole or known, []).append(_spelt(name))
    if whole is not None and not parts:
        parts[whole] = [_spelt(path.name)]
    for (setting, edition), names in parts.items():
        yield setting, edition, names


def _match(importer: Importer, name: str) -> tuple[str, tuple[str, ...]] | None:
    bare = name[: -len(".gz")] if name.lower().endswith(".gz") else name
    for pattern in importer.recognised:
        groups = pattern.match(name)
        if groups is None:
            groups = pattern.match(bare)
        if groups is not None:
            return pattern.setting, tuple(_EDITION.findall(bare.lower())) or groups
    return None


def _spelt(name: str) -> str:
    """A name whatever its case, its dashes and how it is packed."""
    return re.sub(r"[-_ ]", "-", name.lower().removesuffix(".gz"))
