"""Billing units as official descriptors name them; and the whole HCPCS file, held against its own short descriptors."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from services.catalog.content.loading import load_content
from services.catalog.drugs.billing_unit import billing_unit_of, is_drug

FILE = "hcpcs/hcpcs_level2_2024-07.csv.gz"
UNITS = {
    "Injection, abatacept, 10 mg (code may be used for medicare when drug administered under the direct supervision of"
    " a physician, not for use when drug is self administered)": "10 mg",
    "Injection, acetaminophen, not otherwise specified,10 mg": "10 mg",
    "Injection, adrenalin, epinephrine, 0.1 mg": "0.1 mg",
    "Injection, alfentanil hydrochloride, 500 micrograms": "500 mcg",
    "Injection, tetracycline, up to 250 mg": "up to 250 mg",
    "Injection, cefotaxime sodium, per gm": "1 g",
    "Injection, penicillin g benzathine, 100,000 units": "100,000 units of the drug",
    "Injection, interferon, alfa-2b, recombinant, 1 million units": "1,000,000 units of the drug",
    "Injection, antihemophilic factor viii/von willebrand factor complex (human), per factor viii i.u.": "1 unit of the"
    " drug",
    "Injection, potassium chloride, per 2 meq": "2 mEq",
    "Infusion, normal saline solution, sterile (500 ml = 1 unit)": "500 ml",
    "Infusion, normal saline solution, 250 cc": "250 ml",
    "Injection, valoctocogene roxaparvovec-rvox, per ml, containing nominal 2 x 10^13 vector genomes": "1 ml",
    "Injection, piperacillin sodium/tazobactam sodium, 1 gram/0.125 grams (1.125 grams)": "1.125 g",
    "Injection, meropenem and vaborbactam, 10mg/10mg (20mg)": "20 mg",
    "Injection, thyrotropin alpha, 0.9 mg, provided in 1.1 mg vial": "0.9 mg",
    "Injection, hyaluronidase, ovine, preservative free, per 1 usp unit (up to 999 usp units)": "1 unit of the drug",
    "Injection, rho d immune globulin, human, full dose, 300 micrograms (1500 i.u.)": "300 mcg",
    "Injection, daratumumab, 10 mg and hyaluronidase-fihj": "10 mg",
    "Capsaicin 8% patch, per square centimeter": "1 square centimeter",
    "Injection, pegaspargase, per single dose vial": "1 vial",
    "Injection, betibeglogene autotemcel, per treatment": "1 treatment",
}
NO_UNIT = (
    "Unclassified drugs",
    "Injection, imipenem 4 mg, cilastatin 4 mg and relebactam 2 mg",
    "Injection, ceftazidime and avibactam, 0.5 g/0.125 g",
    "Injection, piperacillin sodium/tazobactam sodium, 1 gram/0.125 grams (2 grams)",
    "Buprenorphine/naloxone, oral, greater than 3 mg, but less than or equal to 6 mg buprenorphine",
    "Injection, gamma globulin, intramuscular, over 10 cc",
    "Injection, torsemide, 10 mg/ml",
    "Injection, voretigene neparvovec-rzyl, 1 billion vector genomes",
    "Injection, talimogene laherparepvec, per 1 million plaque forming units",
    "Injection, aprotonin, 10,000 kiu",
)
NONE_IN_FILE = """
C9024 C9032 C9033 C9077 C9452 C9472 J0211 J0275 J0365 J0572 J0573 J0574 J0575 J0577 J0578 J0695 J0702 J0714 J0741
J0742 J0750 J0751 J0799 J0911 J1080 J1454 J1560 J3265 J3398 J3490 J3530 J3535 J3570 J3590 J3591 J7199 J7294 J7295
J7300 J7303 J7304 J7306 J7307 J7330 J7340 J7599 J7620 J7699 J7799 J7999 J8498 J8499 J8597 J8655 J8999 J9153 J9298
J9325 J9999 Q9991 Q9992
"""
"""Drug codes of the file whose descriptors name several amounts, a band of doses, or none."""
SHORT_SAYS_ANOTHER_THING = {"J3471", "J7321"}
"""Their short descriptors carry the bound of the code and a brand's number."""


@pytest.mark.parametrize(("descriptor", "words"), UNITS.items())
def test_a_descriptor_ends_in_its_billing_unit(descriptor: str, words: str) -> None:
    unit = billing_unit_of(descriptor)
    assert unit is not None
    assert unit.words == words


@pytest.mark.parametrize("descriptor", NO_UNIT)
def test_where_a_descriptor_names_no_single_amount_nothing_is_guessed(descriptor: str) -> None:
    assert billing_unit_of(descriptor) is None


def test_every_drug_of_the_file_has_its_unit_or_stands_among_those_without(data_dir: Path) -> None:
    if not (data_dir / FILE).is_file():
        pytest.skip(f"needs data: {FILE} is not in the data folder")
    with gzip.open(data_dir / FILE, "rt", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if is_drug(row["hcpcs_code"], row["long"])]
    units = {row["hcpcs_code"]: billing_unit_of(row["long"]) for row in rows}
    assert len(units) > 1_200
    assert sorted(code for code, unit in units.items() if unit is None) == NONE_IN_FILE.split()
    compared = 0
    for row in rows:
        long, short = units[row["hcpcs_code"]], billing_unit_of(row["short"])
        if long and short and row["hcpcs_code"] not in SHORT_SAYS_ANOTHER_THING:
            assert (long.base, long.measure.kind) == (short.base, short.measure.kind), row
            compared += 1
    assert compared > 400


def test_the_unit_that_our_texts_state_is_that_of_the_descriptor() -> None:
    content = load_content()
    compared = 0
    for text in content.texts:
        facts = content.facts.of(text.code.system, text.code.code)
        if facts is None or facts.billing_unit is None:
            continue
        stated = billing_unit_of(text.code.billing[0].text.replace("billing unit", "of them"))
        assert stated is not None, text.code.code
        fact = facts.billing_unit
        assert (stated.amount, stated.measure.id, stated.up_to) == (fact.amount, fact.measure, fact.up_to), (
            text.code.code
        )
        compared += 1
    assert compared > 190
