"""Reads the government tables that facts come from: gzipped CSV files in a folder, one reader a table.

Each reader yields only the rows of the codes that are asked for, and says which file, line and column it could not
read. Nothing is decided here about what a row means for a page.
"""

import csv
import gzip
from collections.abc import Callable, Collection, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from services.catalog.content.fact_sheet import AddOnRelation, FeeRow, HcpcsRecord, MueValue, PtpEdit
from services.catalog.content.table_files import (
    ADD_ON,
    AMOUNTS,
    HCPCS,
    INDICATORS,
    MUE,
    PTP,
    QUARTER,
    TableError,
    TableFile,
)

Row = dict[str, str]


def rows(folder: Path, file: TableFile, wanted: Callable[[Row], bool], columns: Collection[str]) -> Iterator[Row]:
    """The wanted rows of a table as text; raises TableError when the file or a column is missing."""
    path = folder / file.name
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            lacking = sorted(set(columns) - set(reader.fieldnames or ()))
            if lacking:
                raise TableError(f"{path}: line 1 lacks the columns {', '.join(lacking)}")
            for row in reader:
                if None in row or None in row.values():
                    raise TableError(
                        f"{path}: line {reader.line_num} does not have {len(reader.fieldnames or ())} columns"
                    )
                if wanted(row):
                    yield row
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: cannot be read as gzipped UTF-8 CSV: {error}") from None


def fee_rows(folder: Path, codes: Collection[str]) -> dict[str, list[FeeRow]]:
    """Rows of the fee schedule by code, global service first; indicators and amounts join on code and modifier."""
    amounts = {
        (row["hcpcs_code"], row["mod"]): row
        for row in rows(folder, AMOUNTS, lambda r: r["hcpcs_code"] in codes, ("hcpcs_code", "mod", "rvu_work"))
    }
    found: dict[str, list[FeeRow]] = {}
    columns = ("hcpcs_code", "mod", "status", "pctc", "glob")
    for row in rows(folder, INDICATORS, lambda r: r["hcpcs_code"] in codes, columns):
        amount = amounts.get((row["hcpcs_code"], row["mod"]))
        if amount is None:
            raise TableError(f"{folder / AMOUNTS.name}: no row for {row['hcpcs_code']} with modifier '{row['mod']}'")
        found.setdefault(row["hcpcs_code"], []).append(_fee_row(row, amount))
    return {code: sorted(fees, key=lambda fee: fee.modifier) for code, fees in found.items()}


def _fee_row(row: Row, amount: Row) -> FeeRow:
    return FeeRow(
        modifier=row["mod"],
        status=row["status"],
        pctc=_indicator(row["pctc"]),
        global_days=row["glob"],
        pre_operative=_decimal(row["pre_op"]),
        intra_operative=_decimal(row["intra_op"]),
        post_operative=_decimal(row["post_op"]),
        multiple_procedure=_indicator(row["mult_proc"]),
        bilateral=_indicator(row["bilat_surg"]),
        assistant=_indicator(row["asst_surg"]),
        co_surgeons=_indicator(row["co_surg"]),
        team=_indicator(row["team_surg"]),
        endoscopic_base=row["endo_base"],
        supervision=row["phys_diag_pro"],
        imaging_family=row["diag_img_fam"],
        non_facility_na=row["non_na"] == "NA",
        facility_na=row["fac_na"] == "NA",
        work=_decimal(amount["rvu_work"]),
        non_facility_pe=_decimal(amount["rvu_non_pe"]),
        facility_pe=_decimal(amount["rvu_fac_pe"]),
        malpractice=_decimal(amount["rvu_mp"]),
        non_facility_total=_decimal(amount["rvu_non_sum"]),
        facility_total=_decimal(amount["rvu_fac_sum"]),
    )


def mue_values(folder: Path, codes: Collection[str]) -> dict[str, list[MueValue]]:
    """MUE values by code, one a setting whose table holds the code."""
    found: dict[str, list[MueValue]] = {}
    for file in MUE:
        assert file.setting is not None  # noqa: S101 (every MUE table has one)
        columns = ("hcpcs_code", "mue_units", "mue_mai", "mue_rationale")
        for row in rows(folder, file, lambda r: r["hcpcs_code"] in codes, columns):
            value = MueValue.model_validate(
                {
                    "setting": file.setting,
                    "units": int(row["mue_units"]),
                    "mai": int(row["mue_mai"]),
                    "rationale": row["mue_rationale"],
                }
            )
            found.setdefault(row["hcpcs_code"], []).append(value)
    return found


def add_on_relations(folder: Path, codes: Collection[str]) -> list[AddOnRelation]:
    """Relations of which either end is one of our codes, in order."""
    columns = ("primary_code", "add_on_code", "aoc_edit_type")
    wanted = rows(folder, ADD_ON, lambda r: r["add_on_code"] in codes or r["primary_code"] in codes, columns)
    relations = {
        (
            row["add_on_code"],
            "" if row["primary_code"] == "CCCCC" else row["primary_code"],
            int(row["aoc_edit_type"]),
        )
        for row in wanted
    }
    return [
        AddOnRelation.model_validate({"add_on": add_on, "primary": primary or None, "type": kind})
        for add_on, primary, kind in sorted(relations)
    ]


def ptp_edits(folder: Path, codes: Collection[str]) -> list[PtpEdit]:
    """Active edits with both columns among our codes, in order."""
    found = []
    columns = ("column_1", "column_2", "deletion_date", "modifier_indicator", "rationale")
    for file in PTP:
        wanted = rows(folder, file, lambda r: r["column_1"] in codes and r["column_2"] in codes, columns)
        found += [
            PtpEdit.model_validate(
                {
                    "column_1": row["column_1"],
                    "column_2": row["column_2"],
                    "setting": file.setting,
                    "modifier_indicator": row["modifier_indicator"],
                    "rationale": row["rationale"],
                }
            )
            for row in wanted
            if not row["deletion_date"]
        ]
    return sorted(set(found), key=lambda edit: (edit.column_1, edit.column_2, edit.setting))


def hcpcs_records(folder: Path, codes: Collection[str]) -> dict[str, HcpcsRecord]:
    """HCPCS Level II records by code; a code whose termination date has come is left out."""
    columns = ("hcpcs_code", "long", "short", "cov", "action", "date_term", "date_added", "date_action")
    return {
        row["hcpcs_code"]: HcpcsRecord(
            long=row["long"],
            short=row["short"],
            coverage=row["cov"],
            action=row["action"],
            added=date.fromisoformat(row["date_added"]),
            action_date=date.fromisoformat(row["date_action"]),
        )
        for row in rows(folder, HCPCS, lambda r: r["hcpcs_code"] in codes, columns)
        if not row["date_term"] or date.fromisoformat(row["date_term"]) > QUARTER[0]
    }


def _indicator(text: str) -> str:
    """Indicators arrive as floats ("5.0") from the table's own making; as published they are digits."""
    return text.removesuffix(".0")


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text or "0").quantize(Decimal("0.01"))
    except InvalidOperation:
        raise TableError(f"'{text}' is not a decimal number") from None
