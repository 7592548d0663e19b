"""A small invented content folder: three procedure codes with texts and facts."""

import json
from pathlib import Path
from typing import Any

import yaml

EDITION = {"publisher": "CMS", "url": "https://www.cms.gov/invented", "edition": "July 2024",
           "effective_from": "2024-07-01", "effective_to": "2024-09-30", "sha256": "0" * 64}  # fmt: skip

RELATIONS = {"10002": "neighbour", "J0001": "administration"}


def write_content(folder: Path) -> Path:
    """Write the folder; whatever lies there is overwritten."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    (folder / "texts" / "invented.yaml").write_text(yaml.safe_dump({"family": "Invented acts", "codes": _texts()}))
    (folder / "sources.yaml").write_text(
        yaml.safe_dump({"manual": {"title": "Invented Manual", "publisher": "CMS", "url": "https://www.cms.gov/x"}})
    )
    write_facts(folder, facts())
    return folder


def write_facts(folder: Path, sheet: dict[str, Any]) -> None:
    """Write the fact sheet alone."""
    (folder / "facts.json").write_text(json.dumps(sheet))


def _texts() -> list[dict[str, Any]]:
    rule = {"source": "manual", "at": "ch. 1"}
    return [
        {
            "system": system,
            "code": code,
            "heading": f"Invented act {code}",
            "summary": f"The clinician performs invented act {code}. It differs from its neighbours.",
            "report_when": [{"text": f"Report it for invented act {code}."}],
            "documentation": [{"text": "Show that it was done."}],
            "billing": [{"text": "Bill one unit.", **rule}],
            "modifiers": [{"modifier": "59", "text": "For a separate session.", **rule}],
            "related": [{"system": "cpt", "code": "10001", "relation": RELATIONS[code], "text": "The lesser act."}]
            if code != "10001"
            else [],
        }
        for system, code in (("cpt", "10001"), ("cpt", "10002"), ("hcpcs", "J0001"))
    ]


def facts() -> dict[str, Any]:
    """The fact sheet."""
    return {
        "files": [
            {"name": "ind.csv", "table": "pfs-indicators", "title": "Fee schedule indicators", **EDITION},
            {"name": "amt.csv", "table": "pfs-amounts", "title": "Fee schedule RVUs", **EDITION},
            {"name": "mue.csv", "table": "mue", "setting": "practitioner", "title": "MUE practitioner", **EDITION},
            {"name": "muo.csv", "table": "mue", "setting": "outpatient", "title": "MUE outpatient", **EDITION},
            {"name": "aoc.csv", "table": "add-on", "title": "Add-on edits", **EDITION},
            {"name": "ptp.csv", "table": "ptp", "setting": "practitioner", "title": "PTP practitioner", **EDITION},
            {"name": "hcpcs.csv", "table": "hcpcs", "title": "HCPCS Level II", **EDITION},
        ],
        "codes": [
            {
                "system": "cpt",
                "code": "10001",
                "fees": [fee_row("26", facility_na=False), fee_row(""), fee_row("TC", facility_na=True)],
                "mue": [{"setting": "practitioner", "units": 2, "mai": 3, "rationale": "Clinical: Data"}],
            },
            {
                "system": "hcpcs",
                "code": "J0001",
                "hcpcs": {
                    "long": "Injection, inventol, 1 mg",
                    "short": "Inventol injection",
                    "coverage": "D",
                    "action": "N",
                    "added": "2006-01-01",
                    "action_date": "2006-01-01",
                },
                "billing_unit": {"amount": "1", "measure": "mg"},
            },
        ],
        "add_on": [{"add_on": "10002", "primary": "10001", "type": 1}],
        "ptp": [
            {
                "column_1": "10001",
                "column_2": "10002",
                "setting": "practitioner",
                "modifier_indicator": "1",
                "rationale": "Misuse of column two code with column one code",
            }
        ],
    }


def fee_row(modifier: str, *, facility_na: bool = False) -> dict[str, Any]:
    """A row of the fee schedule."""
    amounts = ("pre_operative", "intra_operative", "post_operative", "non_facility_pe", "facility_pe", "malpractice",
               "non_facility_total", "facility_total")  # fmt: skip
    return {
        "modifier": modifier,
        "status": "A",
        "pctc": "1",
        "global_days": "XXX",
        "multiple_procedure": "4",
        "bilateral": "3",
        "assistant": "0",
        "co_surgeons": "0",
        "team": "0",
        "supervision": "01",
        "imaging_family": "99",
        "facility_na": facility_na,
        "work": "1.22",
        **dict.fromkeys(amounts, "0.50"),
    }
