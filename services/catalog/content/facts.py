"""Writes facts.json: what the government tables say of every code that has a text.

Run it after a text was added or a new edition of a table arrived:
`python -m services.catalog.content.facts --data FOLDER`. The same tables and texts always give the same bytes.
It refuses a code that no table knows or that HCPCS Level II has terminated, so that no deleted code gets a page.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from services.catalog.content import tables
from services.catalog.content.edition import CONTENT_FOLDER, FACTS_FILE
from services.catalog.content.fact_sheet import BillingUnitFact, CodeFacts, FactSheet, HcpcsRecord
from services.catalog.content.format import system_of
from services.catalog.content.loading import load_content
from services.catalog.content.places import START, ContentError, Problem
from services.catalog.content.table_files import ALL_TABLES, HCPCS, TableError
from services.catalog.drugs.billing_unit import billing_unit_of, is_drug


def extract(data: Path, codes: set[str]) -> FactSheet:
    """The facts of the codes; raises TableError for a broken table and ContentError for a code no table knows."""
    files = tuple(table.described(data) for table in ALL_TABLES)
    fees = tables.fee_rows(data, codes)
    mue = tables.mue_values(data, codes)
    hcpcs = tables.hcpcs_records(data, {code for code in codes if system_of(code) == "hcpcs"})
    _refuse_unknown(codes, set(fees) | set(mue), set(hcpcs))
    facts = (
        CodeFacts(
            system=system_of(code),
            code=code,
            fees=tuple(fees.get(code, ())),
            mue=tuple(mue.get(code, ())),
            hcpcs=hcpcs.get(code),
            billing_unit=_billing_unit(code, hcpcs.get(code)),
        )
        for code in sorted(codes)
    )
    return FactSheet(
        files=files,
        codes=tuple(facts),
        add_on=tuple(tables.add_on_relations(data, codes)),
        ptp=tuple(tables.ptp_edits(data, codes)),
    )


def _billing_unit(code: str, record: HcpcsRecord | None) -> BillingUnitFact | None:
    unit = billing_unit_of(record.long) if record is not None and is_drug(code, record.long) else None
    return BillingUnitFact(amount=unit.amount, measure=unit.measure.id, up_to=unit.up_to) if unit else None


def _refuse_unknown(codes: set[str], cpt_known: set[str], hcpcs_known: set[str]) -> None:
    whats = []
    for code in sorted(codes):
        if system_of(code) == "hcpcs" and code not in hcpcs_known:
            whats.append(f"code {code}: absent from, or terminated in, {HCPCS.name}; take its text out")
        if system_of(code) == "cpt" and code not in cpt_known:
            whats.append(f"code {code}: neither the fee schedule nor an MUE table knows it; take its text out")
    if whats:
        raise ContentError([Problem("texts", START, what) for what in whats])


def serialize(sheet: FactSheet) -> str:
    """JSON with one fact a line, in a settled order, so that a change of edition reads well as a difference."""
    return "{\n" + ",\n".join(_sections(sheet)) + "\n}\n"


def _sections(sheet: FactSheet) -> Iterator[str]:
    for name in FactSheet.model_fields:
        lines = [
            json.dumps(entry.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
            for entry in getattr(sheet, name)
        ]
        if name == "codes":
            lines = [_code_group(json.loads(line)) for line in lines]
        body = ",\n".join(lines)
        yield f'"{name}": [\n{body}\n]'


def _code_group(entry: dict[str, object]) -> str:
    """One code over a few lines: itself, each fee row, each MUE value, its HCPCS record, its billing unit."""
    parts = [json.dumps({key: entry[key] for key in ("system", "code")})[1:-1]]
    for name in ("fees", "mue"):
        listed = entry.get(name)
        if isinstance(listed, list):
            parts.append(f'"{name}": [\n  ' + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in listed) + "]")
    if "hcpcs" in entry:
        parts.append(f'"hcpcs": {json.dumps(entry["hcpcs"], ensure_ascii=False)}')
    if "billing_unit" in entry:
        parts.append(f'"billing_unit": {json.dumps(entry["billing_unit"])}')
    return "{" + ",\n ".join(parts) + "}"


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.catalog.content.facts", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with ncci/, pfs/ and hcpcs/")
    parser.add_argument("--content", type=Path, default=CONTENT_FOLDER, help="folder with texts/ and sources*.yaml")
    chosen = parser.parse_args(arguments)
    try:
        content = load_content(chosen.content, with_facts=False)
        sheet = extract(chosen.data, {text.code.code for text in content.texts})
    except (ContentError, TableError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    written = chosen.content / FACTS_FILE
    written.write_text(serialize(sheet), encoding="utf-8")
    sys.stdout.write(f"{written}: {len(sheet.codes)} codes, {len(sheet.ptp)} PTP edits\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
