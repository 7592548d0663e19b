"""Folders of invented content and invented tables, in the layout of the real ones, for the tests beside it."""

import copy
import gzip
from pathlib import Path
from typing import Any

import yaml

from services.catalog.content.table_files import ADD_ON, AMOUNTS, HCPCS, INDICATORS, MUE, PTP

SOURCES = {"invented-manual": {"title": "An invented manual", "publisher": "Nobody", "url": "https://example.org/m"}}


def code_text(code: str = "00001", **changes: Any) -> dict[str, Any]:
    """A whole and correct text of an invented code; keyword arguments replace fields, None takes one out."""
    entry: dict[str, Any] = {
        "system": "cpt" if code[0].isdigit() else "hcpcs",
        "code": code,
        "heading": "Polishing of a lantern",
        "summary": "A keeper polishes the lantern. It differs from its neighbour, where the lamp is lit.",
        "report_when": [{"text": "Report it after dusk."}],
        "documentation": [{"text": "The log names the keeper."}],
        "billing": [{"text": "One unit a night.", "source": "invented-manual", "at": "ch. 1"}],
    }
    entry.update(copy.deepcopy(changes))
    return {key: value for key, value in entry.items() if value is not None}


def write_content(folder: Path, *codes: dict[str, Any], name: str = "lanterns.yaml") -> Path:
    """A content folder with one family of the codes; returns the folder."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "texts" / name).write_text(yaml.safe_dump({"family": "Lanterns", "codes": list(codes)}), encoding="utf-8")
    (folder / "sources.yaml").write_text(yaml.safe_dump(SOURCES), encoding="utf-8")
    return folder


_INDICATOR_HEADER = (
    "hcpcs_code,mod,status,pctc,glob,pre_op,intra_op,post_op,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,"
    "endo_base,phys_diag_pro,diag_img_fam,non_na,fac_na,not_used_mcr"
)
_AMOUNT_HEADER = (
    "hcpcs_code,mod,rvu_work,rvu_non_pe,rvu_fac_pe,rvu_mp,rvu_non_sum,rvu_fac_sum,"
    "rvu_opps_non_pe,rvu_opps_fac_pe,rvu_opps_mp,cf"
)
_HCPCS_HEADER = "hcpcs_code,long,short,cov,action,date_term,date_added,date_action"
_PTP_HEADER = "column_1,column_2,deletion_date,modifier_indicator,rationale"
_MUE_HEADER = "hcpcs_code,mue_units,mue_mai,mue_rationale,mue_service"

TABLES = {
    INDICATORS.name: [
        _INDICATOR_HEADER,
        "00001,TC,A,1.0,XXX,0.0,0.0,0.0,4.0,0.0,0.0,0.0,0.0,,01,88,,NA,",
        "00001,,A,1.0,010,0.1,0.8,0.1,4.0,0.0,0.0,0.0,0.0,,09,88,,NA,",
        "00009,,A,0.0,XXX,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,,09,99,,,",
    ],
    AMOUNTS.name: [
        _AMOUNT_HEADER,
        "00001,,0.21000000000000002,1.63,0.5,0.04,1.88,0.75,0.0,0.0,0.0,30.0",
        "00001,TC,0.0,1.0,1.0,0.01,1.01,1.01,0.0,0.0,0.0,30.0",
        "00009,,1.0,1.0,1.0,1.0,3.0,3.0,0.0,0.0,0.0,30.0",
    ],
    MUE[0].name: [_MUE_HEADER, "00001,1,2,Nature of Lantern,Practitioner", "00002,3,3,Clinical: Data,Practitioner"],
    MUE[1].name: [_MUE_HEADER, "00001,2,3,Clinical: Data,Outpatient Hospital"],
    MUE[2].name: [_MUE_HEADER],
    ADD_ON.name: ["primary_code,add_on_code,aoc_edit_type", "00001,00002,1", "CCCCC,00002,2", "00008,00009,1"],
    PTP[0].name: [
        _PTP_HEADER,
        "00001,00002,,1,Misuse of Column Two code with Column One code",
        "00002,00001,2023-12-31,0,Standards of lantern practice",
        "00001,00009,,1,Standards of lantern practice",
    ],
    PTP[1].name: [_PTP_HEADER, "00001,00002,,0,Mutually exclusive procedures"],
    HCPCS.name: [
        _HCPCS_HEADER,
        'J0001,"Injection, lamp oil, 1 ml",Lamp oil,C,N,,1990-01-01,1995-01-01',
        "J0002,Wick,Wick,C,D,2024-06-30,1990-01-01,2024-06-30",
    ],
}


def write_tables(folder: Path, **changed: list[str]) -> Path:
    """A data folder with all tables; `changed` replaces the lines of a table by the name of its file without dots."""
    for name, lines in TABLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        key = path.name.split(".")[0].replace("-", "_")
        text = "\n".join(changed.get(key, lines)) + "\n"
        path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return folder
