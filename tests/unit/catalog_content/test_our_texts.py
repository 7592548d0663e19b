"""Our own texts as they ship: complete, in order of the house, and in step with the facts beside them."""

import hashlib
import re
from pathlib import Path

import pytest

from services.catalog.content.edition import CONTENT_FOLDER, FACTS_FILE
from services.catalog.content.facts import extract, serialize
from services.catalog.content.lint import findings
from services.catalog.content.loading import Content, load_content
from services.catalog.content.table_files import ALL_TABLES

DRUG_ADMINISTRATION = {
    *(str(code) for code in (96360, 96361, *range(96365, 96378), 96379, 96380, 96381)),
    *(str(code) for code in (96401, 96402, 96405, 96406, 96409, 96411, 96413, 96415, 96416, 96417)),
    *(str(code) for code in (96420, 96422, 96423, 96425, 96440, 96446, 96450)),
    *(str(code) for code in (96521, 96522, 96523, 96542, 96547, 96548, 96549)),
    "G0498",
    "C8957",
}
EVALUATION_AND_MANAGEMENT = {
    *(str(code) for code in (*range(99202, 99206), *range(99211, 99216))),
    *(str(code) for code in (99221, 99222, 99223, *range(99231, 99237), 99238, 99239)),
    *(str(code) for code in (*range(99281, 99286), 99291, 99292, 99417, 99418)),
    *("G2211", "G2212", "G0316", "G0317", "G0318"),
}
_AMOUNT = re.compile(r"\d+(?:\.\d+)?")
DELETED_SINCE_THE_TABLES = {"99441", "99442", "99443", "J1300", "J1940", "J3370", "J9250", "J9070"}


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content()


@pytest.fixture(scope="module")
def codes(content: Content) -> set[str]:
    return {text.code.code for text in content.texts}


def test_the_texts_keep_the_house_rules(content: Content) -> None:
    assert findings(content) == []


def test_there_are_at_least_130_codes(codes: set[str]) -> None:
    assert len(codes) >= 130


def test_drug_administration_is_complete(codes: set[str]) -> None:
    assert DRUG_ADMINISTRATION - codes == set()


def test_evaluation_and_management_is_complete(codes: set[str]) -> None:
    assert EVALUATION_AND_MANAGEMENT - codes == set()


def test_an_infusion_practice_finds_its_drugs(codes: set[str]) -> None:
    assert sum(code[0] in "JQ" for code in codes) >= 40


def test_codes_deleted_since_the_edition_of_the_tables_stay_out(codes: set[str]) -> None:
    assert codes & DELETED_SINCE_THE_TABLES == set()


def test_every_text_has_its_facts_and_no_facts_stand_alone(content: Content) -> None:
    assert {text.code.key for text in content.texts} == {f"{f.system}/{f.code}" for f in content.facts.codes}


def test_every_hcpcs_text_has_its_public_descriptor(content: Content) -> None:
    lacking = [facts.code for facts in content.facts.codes if facts.system == "hcpcs" and facts.hcpcs is None]
    assert lacking == []


def test_the_billing_unit_that_we_state_for_a_drug_is_that_of_its_descriptor(content: Content) -> None:
    unclassified = {"J3490", "J3590", "J9999"}
    no_drug = {"Q0091"}  # taking a screening smear
    wrong = []
    for text in content.texts:
        code = text.code.code
        facts = content.facts.of("hcpcs", code)
        if code[0] not in "JQ" or code in unclassified | no_drug or facts is None or facts.hcpcs is None:
            continue
        stated = _AMOUNT.search(text.code.billing[0].text.replace(",", ""))
        if stated is None or stated.group() not in _AMOUNT.findall(facts.hcpcs.long):
            wrong.append((code, text.code.billing[0].text, facts.hcpcs.long))
    assert wrong == []


def test_every_source_is_used(content: Content) -> None:
    used = {key for text in content.texts for _, key in text.code.citations()}
    used |= {key for part in content.claim_codes for code in part.codes for _, key in code.citations()}
    assert set(content.sources) - used == set()


def test_the_edits_name_only_our_codes(content: Content, codes: set[str]) -> None:
    assert {code for edit in content.facts.ptp for code in (edit.column_1, edit.column_2)} <= codes


@pytest.mark.long
def test_the_facts_are_what_the_tables_give(data_dir: Path, codes: set[str]) -> None:
    for table in ALL_TABLES:
        if not (data_dir / table.name).is_file():
            pytest.skip(f"{table.name} is not in the data folder")
    written = (CONTENT_FOLDER / FACTS_FILE).read_bytes()
    again = serialize(extract(data_dir, codes)).encode()
    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(written).hexdigest()
