"""Files of a folder are told apart by their names: kind, setting, and which of them make one import."""

import zipfile
from pathlib import Path

from services.catalog.imports.recognition import sort_files
from services.catalog.imports.registry import IMPORTERS


def folder_of(folder: Path, names: list[str], archives: dict[str, list[str]]) -> list[Path]:
    """Empty files and archives of empty files, in order of name."""
    for name in names:
        (folder / name).write_bytes(b"")
    for name, inside in archives.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            for member in inside:
                archive.writestr(member, "")
    return sorted(folder.iterdir())


def sorted_names(paths: list[Path]) -> tuple[list[tuple[str, str, list[str]]], list[str], list[str]]:
    """Imports, unknown files and repeated ones, by name."""
    sorting = sort_files(paths, tuple(IMPORTERS.values()))
    imports = [(found.kind, found.setting, [path.name for path in found.paths]) for found in sorting.imports]
    return imports, [path.name for path in sorting.unknown], [path.name for path in sorting.repeated]


def test_files_of_one_edition_go_together_and_the_newest_edition_comes_first(tmp_path: Path) -> None:
    paths = folder_of(
        tmp_path,
        [
            "icd10cm_order_2025.txt",
            "icd10cm-drug-April-1-2026.xml.gz",
            "icd10cm-eindex-April-1-2026.xml.gz",
            "ccipra-v302r0-f1.txt",
            "ccipra-v302r0-f2.txt",
            "ccipra-v303r0-f1.txt",
            "ccioph-v302r0-f1.txt",
            "notes.pdf",
        ],
        {"2026-code-descriptions-tabular-order.zip": ["in/icd10cm_order_2026.txt", "in/guide.pdf"]},
    )
    imports, unknown, repeated = sorted_names(paths)
    assert imports == [
        ("icd10cm-order", "", ["2026-code-descriptions-tabular-order.zip"]),
        ("icd10cm-order", "", ["icd10cm_order_2025.txt"]),
        ("icd10cm-index", "", ["icd10cm-drug-April-1-2026.xml.gz", "icd10cm-eindex-April-1-2026.xml.gz"]),
        ("ncci-ptp", "outpatient", ["ccioph-v302r0-f1.txt"]),
        ("ncci-ptp", "practitioner", ["ccipra-v303r0-f1.txt"]),
        ("ncci-ptp", "practitioner", ["ccipra-v302r0-f1.txt", "ccipra-v302r0-f2.txt"]),
    ]
    assert (unknown, repeated) == (["notes.pdf"], [])


def test_a_file_that_stands_in_an_archive_too_is_imported_once(tmp_path: Path) -> None:
    paths = folder_of(
        tmp_path,
        ["icd10cm-order-2026.txt.gz"],
        {"2026-code-descriptions-tabular-order.zip": ["icd10cm_order_2026.txt"]},
    )
    assert sorted_names(paths) == (
        [("icd10cm-order", "", ["2026-code-descriptions-tabular-order.zip"])],
        [],
        ["icd10cm-order-2026.txt.gz"],
    )


def test_an_archive_of_files_of_several_kinds_serves_each(tmp_path: Path) -> None:
    inside = ["icd10cm-tabular-April-1-2026.xml", "icd10cm-index-April-1-2026.xml"]
    paths = folder_of(tmp_path, [], {"icd10cm-April-1-2026-XML.zip": inside})
    assert [kind for kind, _, _ in sorted_names(paths)[0]] == ["icd10cm-tabular", "icd10cm-index"]
