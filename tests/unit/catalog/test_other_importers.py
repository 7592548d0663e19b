"""Licensed descriptors, risk-adjustment mappings and our texts are read right or refused with a place."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalog.imports.cpt import CptDescriptors, copyright_line, descriptors_of
from services.catalog.imports.defects import Defects, ImportRefused
from services.catalog.imports.hcc import HccMappings
from services.catalog.imports.house import House
from services.catalog.imports.importer import Choices, Importer, silent
from services.catalog.rows import CodeRow, HccRow, OfficialTextRow, Row
from shared.clock import SystemClock
from shared.errors import FailedPrecondition, InvalidInput
from tests.unit.catalog.read_rows import rows_of
from tests.unit.catalog.small_content import write_content

LICENSED = Choices(edition="2027", licence_accepted_by="A. Tester")


def read(importer: Importer, *paths: Path, choices: Choices = LICENSED) -> tuple[list[Row], Defects]:
    """All rows and defects."""
    defects = Defects()
    reading = importer.read(paths, choices, defects, silent)
    return rows_of(reading), defects


def descriptors(folder: Path, text: str | bytes, name: str = "LONGULT.txt") -> Path:
    """A descriptor file."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        "Invented notice\nof several lines\n\n10001\tInvented act\n1000T\tOther invented act\n",
        "\ufeff10001\tInvented act\r\n1000T\tOther invented act\r\n",
        "10001 Invented act\n1000T   Other invented act",
        "10001\tInvented act\n1000T\tOther invented act\n".encode("latin-1"),
    ],
)
def test_descriptor_files_of_every_age_are_read(tmp_path: Path, text: str | bytes) -> None:
    rows, defects = read(CptDescriptors(), descriptors(tmp_path, text))
    assert not defects.count
    assert rows == [OfficialTextRow("cpt", "10001", "Invented act", "", ""),
                    OfficialTextRow("cpt", "1000T", "Other invented act", "", "")]  # fmt: skip


def test_the_three_lengths_of_a_descriptor_are_joined(tmp_path: Path) -> None:
    files = [
        descriptors(tmp_path, "10001\tShort\n", "SHORTU.txt"),
        descriptors(tmp_path, "10001\tLong invented text\n"),
        descriptors(tmp_path, "10001\tMedium\n", "MEDU.txt"),
    ]
    assert read(CptDescriptors(), *files)[0] == [
        OfficialTextRow("cpt", "10001", "Long invented text", "Medium", "Short")
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("10001\tAct\n10001\tAct\n", 2, "stands twice"),
        ("10001\tAct\nno code here\n", 2, "five-character code"),
        ("10001\tAct\n10002\t\n", 2, "five-character code"),
        ("only a notice\n", 1, "no descriptor"),
        ("", 1, "no descriptor"),
    ],
)
def test_a_wrong_line_of_descriptors_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    _, defects = read(CptDescriptors(), descriptors(tmp_path, text))
    assert defects.kept[0].line == line
    assert words in defects.kept[0].what
    with pytest.raises(ImportRefused):
        descriptors_of(descriptors(tmp_path, "only a notice\n"))


def test_descriptors_need_licence_edition_and_the_right_files(tmp_path: Path) -> None:
    path = descriptors(tmp_path, "10001\tAct\n")
    with pytest.raises(FailedPrecondition, match="--accept-licence-by"):
        read(CptDescriptors(), path, choices=Choices(edition="2027"))
    with pytest.raises(InvalidInput, match="--edition"):
        read(CptDescriptors(), path, choices=Choices(licence_accepted_by="A"))
    with pytest.raises(InvalidInput, match="long descriptors are missing"):
        read(CptDescriptors(), descriptors(tmp_path, "10001\tAct\n", "MEDU.txt"))
    with pytest.raises(InvalidInput, match="none of them"):
        read(CptDescriptors(), path, descriptors(tmp_path, "", "other.txt"))


def test_the_copyright_line_names_the_year_before_the_edition() -> None:
    now = SystemClock().now()
    assert copyright_line("2027", now).startswith("CPT © 2026 American Medical Association.")
    assert str(now.year) in copyright_line("spring", now)


def hcc_files(
    folder: Path, mappings: str, labels: str = "HCC37,Invented category,CMS-HCC,V28,V28115L3\n"
) -> list[Path]:
    """The two files of a payment year."""
    mapping, label = folder / "ra_dx_to_cc_2026.csv", folder / "ra_labels_2026.csv"
    mapping.write_text("diagnosis_code,cc,model_name\n" + mappings)
    label.write_text("cc,label,model_domain,model_version,model_fullname\n" + labels)
    return [mapping, label]


def test_mappings_get_their_labels_and_year(tmp_path: Path) -> None:
    text = "S060XXA,37,CMS-HCC Model V28\nS060XXA,31,RxHCC Model V08\n"
    labels = "HCC37,Invented category,CMS-HCC,V28,V28115L3\nRXHCC31,x,RxHCC,R05,x\nRxHCC31,Drug category,RxHCC,R08,x\n"
    rows, defects = read(HccMappings(), *hcc_files(tmp_path, text, labels))
    assert not defects.count
    assert rows == [HccRow("S060XXA", "CMS-HCC V28", "37", "Invented category", 2026),
                    HccRow("S060XXA", "RxHCC V08", "31", "Drug category", 2026)]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("E11.9,37,CMS-HCC Model V28\n", 2, 1, "without its dot"),
        ("E119,,CMS-HCC Model V28\n", 2, 6, "category is empty"),
        ("E119,37,Klingon Model\n", 2, 9, "is no model"),
        ("E119,37\n", 2, 8, "2 values where 3"),
        ("E119,37,CMS-HCC Model V28\nE119,37,CMS-HCC Model V28\n", 3, 1, "stands twice"),
    ],
)
def test_a_wrong_mapping_is_named(tmp_path: Path, text: str, line: int, column: int, words: str) -> None:
    _, defects = read(HccMappings(), *hcc_files(tmp_path, text))
    assert (defects.kept[0].line, defects.kept[0].column) == (line, column)
    assert words in defects.kept[0].what


def test_mappings_without_their_labels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="ra_labels_YEAR"):
        read(HccMappings(), hcc_files(tmp_path, "")[0])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=200), keep=st.integers(0, 60))
def test_any_bytes_are_read_or_refused_with_a_place(tmp_path: Path, junk: bytes, keep: int) -> None:
    files = hcc_files(tmp_path, "E119,37,CMS-HCC Model V28\n")
    files[0].write_bytes(files[0].read_bytes()[:keep] + junk)
    cpt = descriptors(tmp_path, b"10001\tInvented act\n"[:keep] + junk)
    for _, defects in (read(HccMappings(), *files), read(CptDescriptors(), cpt)):
        assert all(defect.line >= 1 and defect.column >= 1 for defect in defects.kept)


def test_our_texts_become_families_and_codes_in_order(tmp_path: Path) -> None:
    rows, defects = read(House(), write_content(tmp_path), choices=Choices())
    assert not defects.count
    codes = [(row.system, row.code, row.kind, row.has_page) for row in rows if isinstance(row, CodeRow)]
    assert codes == [
        ("cpt", "INVENTED", "block", False), ("cpt", "10001", "code", True), ("cpt", "10002", "code", True),
        ("hcpcs", "INVENTED", "block", False), ("hcpcs", "J0001", "code", True),
    ]  # fmt: skip


def test_wrong_texts_are_refused_with_file_code_and_field(tmp_path: Path) -> None:
    folder = write_content(tmp_path)
    text = folder / "texts" / "invented.yaml"
    text.write_text(text.read_text().replace("Invented act 10002", ""))
    (folder / "facts.json").write_text(json.dumps({"codes": 3}))
    _, defects = read(House(), folder, choices=Choices())
    assert any(
        d.file == "texts/invented.yaml" and d.line > 1 and "10002" in d.what and "heading" in d.what
        for d in defects.kept
    )
    assert any(d.file == "facts.json" for d in defects.kept)
    with pytest.raises(InvalidInput, match="one folder"):
        read(House(), text, choices=Choices())
