"""What the extractor promises: facts as the tables have them, the same bytes each time, and no code without a table."""

import gzip
import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from services.catalog.content.fact_sheet import FactSheet
from services.catalog.content.facts import extract, main, serialize
from services.catalog.content.loading import load_content
from services.catalog.content.places import ContentError
from services.catalog.content.table_files import ALL_TABLES, INDICATORS, TableError
from tests.unit.catalog_content.folders import TABLES, code_text, write_content, write_tables

CODES = {"00001", "00002", "J0001"}


def test_fee_rows_come_global_first_with_published_indicators_and_rounded_rvus(tmp_path: Path) -> None:
    facts = extract(write_tables(tmp_path), CODES).of("cpt", "00001")
    assert facts is not None
    assert [row.modifier for row in facts.fees] == ["", "TC"]
    service = facts.fees[0]
    assert (service.pctc, service.global_days, service.multiple_procedure) == ("1", "010", "4")
    assert (service.work, service.non_facility_total) == (Decimal("0.21"), Decimal("1.88"))
    assert service.facility_na
    assert not service.non_facility_na


def test_mue_values_stand_by_setting(tmp_path: Path) -> None:
    facts = extract(write_tables(tmp_path), CODES).of("cpt", "00001")
    assert facts is not None
    assert [(m.setting, m.units, m.mai) for m in facts.mue] == [("practitioner", 1, 2), ("outpatient", 2, 3)]


def test_only_active_edits_among_the_codes_are_kept(tmp_path: Path) -> None:
    sheet = extract(write_tables(tmp_path), CODES)
    assert [(e.column_1, e.column_2, e.setting, e.modifier_indicator) for e in sheet.ptp] == [
        ("00001", "00002", "outpatient", "0"),
        ("00001", "00002", "practitioner", "1"),
    ]
    assert list(sheet.ptp_of("00002")) == list(sheet.ptp)
    assert not list(sheet.ptp_of("J0001"))


def test_add_on_relations_keep_the_primary_that_contractors_define(tmp_path: Path) -> None:
    sheet = extract(write_tables(tmp_path), CODES)
    assert [(r.add_on, r.primary, r.type) for r in sheet.add_on] == [("00002", None, 2), ("00002", "00001", 1)]


def test_hcpcs_codes_carry_their_public_descriptors(tmp_path: Path) -> None:
    facts = extract(write_tables(tmp_path), CODES).of("hcpcs", "J0001")
    assert facts is not None
    assert facts.hcpcs is not None
    assert facts.hcpcs.long == "Injection, lamp oil, 1 ml"


def test_every_file_is_named_with_its_checksum(tmp_path: Path) -> None:
    files = extract(write_tables(tmp_path), CODES).files
    assert [file.name for file in files] == [table.name for table in ALL_TABLES]
    assert files[0].sha256 == hashlib.sha256((tmp_path / files[0].name).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("00007", "neither the fee schedule nor an MUE table knows it"),
        ("J0002", "terminated"),
        ("J0009", "absent from"),
    ],
)
def test_a_code_that_no_table_knows_or_that_is_terminated_is_refused(tmp_path: Path, code: str, told: str) -> None:
    with pytest.raises(ContentError, match=f"code {code}: .*{told}"):
        extract(write_tables(tmp_path), {*CODES, code})


def test_what_is_written_reads_back_the_same_and_gives_the_same_bytes(tmp_path: Path) -> None:
    sheet = extract(write_tables(tmp_path), CODES)
    text = serialize(sheet)
    assert FactSheet.model_validate_json(text) == sheet
    assert serialize(extract(tmp_path, CODES)) == text


def test_the_command_writes_a_file_that_the_loader_accepts(tmp_path: Path) -> None:
    content = write_content(tmp_path / "content", *(code_text(code) for code in sorted(CODES)))
    data = write_tables(tmp_path / "data")
    assert main(["--data", str(data), "--content", str(content)]) == 0
    assert {facts.code for facts in load_content(content).facts.codes} == CODES


def test_the_command_says_which_file_is_missing_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = write_content(tmp_path / "content", code_text())
    assert main(["--data", str(tmp_path / "nowhere"), "--content", str(content)]) == 1
    assert f"{INDICATORS.name}: missing" in capsys.readouterr().err
    assert not (content / "facts.json").exists()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["hcpcs_code,mod,status"], "line 1 lacks the columns glob, pctc"),
        ([TABLES[INDICATORS.name][0], "00001,,A"], "line 2 does not have 19 columns"),
    ],
)
def test_a_broken_table_is_told_with_file_and_line(tmp_path: Path, lines: list[str], told: str) -> None:
    write_tables(tmp_path, pfs_rvu_ind_2024_07=lines)
    with pytest.raises(TableError, match=told):
        extract(tmp_path, CODES)


def test_a_cell_that_is_no_number_is_told(tmp_path: Path) -> None:
    rows = [line.replace("0.21000000000000002", "many") for line in TABLES["pfs/pfs_rvu_amt_2024-07.csv.gz"]]
    write_tables(tmp_path, pfs_rvu_amt_2024_07=rows)
    with pytest.raises(TableError, match="'many' is not a decimal number"):
        extract(tmp_path, CODES)


def test_a_file_that_is_not_gzip_is_told(tmp_path: Path) -> None:
    write_tables(tmp_path)
    (tmp_path / INDICATORS.name).write_bytes(b"hcpcs_code")
    with pytest.raises(TableError, match="cannot be read as gzipped"):
        extract(tmp_path, CODES)


def test_a_truncated_file_is_told(tmp_path: Path) -> None:
    write_tables(tmp_path)
    whole = gzip.compress("\n".join(TABLES[INDICATORS.name]).encode())
    (tmp_path / INDICATORS.name).write_bytes(whole[:-12])
    with pytest.raises(TableError, match="cannot be read as gzipped"):
        extract(tmp_path, CODES)
