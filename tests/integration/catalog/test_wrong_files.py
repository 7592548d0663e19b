"""A file that is not right, of whatever kind and in whatever way, is refused with its place; nothing of it lands."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from services.catalog.imports.defects import ImportRefused
from services.catalog.imports.importer import Choices
from services.catalog.imports.run import import_file
from shared.errors import InvalidInput
from tests.integration.catalog.conftest import Catalog
from tests.unit.catalog.small_content import write_content
from tests.unit.catalog.small_tabular import SMALL

MAPPING = "diagnosis_code,cc,model_name\nE119,37,CMS-HCC Model V28\n"
LABELS = "cc,label,model_domain,model_version,model_fullname\nHCC37,Invented,CMS-HCC,V28,Invented model\n"
LICENSED = Choices(edition="2027", licence_accepted_by="A. Tester")


def zipped(text: str) -> bytes:
    """The text in a zip archive, the form in which such files are often handed out."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("inside.txt", text)
    return target.getvalue()


RIGHT = {
    "icd10cm-tabular": SMALL,
    "hcc": MAPPING,
    "cpt": "10001\tInvented act\n10002\tInvented deed\n",
}
WRONG: dict[str, Callable[[str], bytes]] = {
    "empty": lambda _: b"",
    "cut off": lambda text: text.encode()[: len(text) // 2] + b'"',
    "an archive": zipped,
    "a cut archive": lambda text: zipped(text)[:60],
    "one huge line": lambda _: b"x" * 2_000_000,
    "zeros": lambda text: text.encode().replace(b"1", b"\0"),
}
REPEATED = {
    "icd10cm-tabular": SMALL.replace(
        "<diag><name>S09.0</name><desc>Invented scratch</desc></diag>",
        "<diag><name>S09.0</name><desc>Invented scratch</desc></diag>" * 2,
    ),
    "hcc": MAPPING + MAPPING.splitlines()[1] + "\n",
    "cpt": RIGHT["cpt"] + "10001\tInvented act\n",
}


def files_of(kind: str, folder: Path, content: bytes) -> list[Path]:
    """The files of an import whose main file has the content."""
    names = {"icd10cm-tabular": "tabular.xml", "hcc": "ra_dx_to_cc_2026.csv", "cpt": "LONGULT.txt"}
    path = folder / names[kind]
    path.write_bytes(content)
    if kind != "hcc":
        return [path]
    labels = folder / "ra_labels_2026.csv"
    labels.write_text(LABELS)
    return [path, labels]


async def nothing_landed(catalog: Catalog) -> bool:
    """Whether no row of any release is in the database."""
    async with catalog.database.connection() as conn:
        for table in ("release", "code", "hcc", "official_text", "our_text", "outbox"):
            if (await (await conn.execute(f"SELECT 1 FROM {table} LIMIT 1")).fetchone()) is not None:
                return False
    return True


@pytest.mark.parametrize("kind", RIGHT)
async def test_a_wrong_file_is_refused_with_a_place_and_nothing_lands(catalog: Catalog, kind: str) -> None:
    for way, spoil in WRONG.items():
        files = files_of(kind, catalog.folder, spoil(RIGHT[kind]))
        with pytest.raises(ImportRefused) as refused:
            await import_file(catalog.database, kind, files, imported_by="tester", choices=LICENSED)
        first = refused.value.defects.kept[0]
        assert first.file == files[0].name, way
        assert first.line >= 1, way
        assert first.column >= 1, way
    assert await nothing_landed(catalog)


@pytest.mark.parametrize("kind", RIGHT)
async def test_a_code_that_stands_twice_is_refused_where_it_stands_again(catalog: Catalog, kind: str) -> None:
    files = files_of(kind, catalog.folder, REPEATED[kind].encode())
    with pytest.raises(ImportRefused) as refused:
        await import_file(catalog.database, kind, files, imported_by="tester", choices=LICENSED)
    assert refused.value.defects.kept[0].line > 2
    assert await nothing_landed(catalog)


@pytest.mark.parametrize("kind", RIGHT)
async def test_a_folder_or_a_missing_file_is_refused(catalog: Catalog, kind: str) -> None:
    files = files_of(kind, catalog.folder, b"")
    files[0].unlink()
    with pytest.raises(InvalidInput, match="cannot be read"):
        await import_file(catalog.database, kind, files, imported_by="tester", choices=LICENSED)
    files[0].mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        await import_file(catalog.database, kind, files, imported_by="tester", choices=LICENSED)
    assert await nothing_landed(catalog)


async def test_a_wrong_byte_of_a_mapping_is_told_with_its_line_and_column(catalog: Catalog) -> None:
    files = files_of("hcc", catalog.folder, MAPPING.encode("utf-8-sig").replace(b"V28", b"V\xff28"))
    with pytest.raises(ImportRefused, match="line 2, column 24: the byte ff is not UTF-8"):
        await import_file(catalog.database, "hcc", files, imported_by="tester")
    assert await nothing_landed(catalog)


async def test_wrong_texts_of_ours_are_refused_at_their_line_and_nothing_lands(catalog: Catalog) -> None:
    folder = write_content(catalog.folder / "content")
    texts = folder / "texts" / "invented.yaml"
    texts.write_text(texts.read_text().replace("heading: Invented act 10002", "heading: ''"))
    line = texts.read_text().splitlines().index("  heading: ''") + 1
    with pytest.raises(ImportRefused, match=f"texts/invented.yaml, line {line}, column 12: code 10002, field heading"):
        await import_file(catalog.database, "house", [folder], imported_by="tester")
    assert await nothing_landed(catalog)
