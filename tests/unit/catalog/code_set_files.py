"""Small invented files of the code sets in their official layouts, and how to spoil them."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from services.catalog.imports.defects import Defects
from services.catalog.imports.importer import Choices, silent
from services.catalog.imports.registry import importer_of
from services.catalog.rows import Row
from tests.unit.catalog.read_rows import rows_of

CHOICES = {"cdt": Choices(edition="2027", licence_accepted_by="A. Tester")}


def order_line(number: int, code: str, flag: int, title: str) -> str:
    """A line of an order file."""
    return f"{number:05d} {code:<7} {flag} {title[:60]:<60} {title}"


ICD10CM_ORDER = "\n".join(
    order_line(number, *fields)
    for number, fields in enumerate(
        [
            ("A00", 0, "Invented fever"),
            ("A000", 1, "Invented fever of the hill"),
            ("A009", 1, "Invented fever, unspecified"),
            ("B20", 1, "Invented chill"),
            ("S06", 0, "Invented bruise"),
            ("S060", 0, "Invented bruise of the head"),
            ("S060X", 0, "Invented bruise of the head"),
            ("S060XXA", 1, "Invented bruise of the head, initial encounter"),
        ],
        1,
    )
)
ICD10PCS_ORDER = "\n".join(
    order_line(number, *fields)
    for number, fields in enumerate(
        [
            ("0DB", 0, "Invented System, Excision"),
            ("0DB10ZX", 1, "Excision of Upper Invention, Open Approach, Diagnostic"),
            ("0DB10ZZ", 1, "Excision of Upper Invention, Open Approach"),
            ("0DB13ZZ", 1, "Excision of Upper Invention, Percutaneous Approach"),
            ("0DB20ZZ", 1, "Excision of Lower Invention, Open Approach"),
            ("GZ1", 0, "Mental Health, Invented Tests"),
            ("GZ10ZZZ", 1, "Invented Tests, Developmental"),
        ],
        1,
    )
)
ICD9_DX = (
    "0010  Invented fever\n25000 Invented sweetness, controlled\n25001 Invented sweetness, not\nE8800 Invented fall\n"
)
ICD9_SG = "0001 Invented sound\n8154 Invented knee\n"
I9GEM = "0010  A000    00000\n25000 A009    10111\n25000 S060XXA 10112\nE8800 NoDx    11000\n"
I10GEM = "A000    0010  00000\nA009    25000 10000\n"
CONVERSION: list[list[object]] = [
    ["An invented notice about the table.", None, None],
    ["Current code assignment", "Effective", "Previous Code(s) Assignment"],
    ["A00.0 ", 2016, "A00"],
    ["A00.9", 2017, "A00 and B19.1"],
    ["B20", "2020-04-01", "B10-B19; C00"],
    ["S06.0XXA", 2019, "None"],
]
POA = 'Order26\tPOAexemptCode\tDescription\n00002\tA00.0\tInvented fever\n00009\tS06.0XXA\t"Bruise, initial"\n'
INDEX_XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
  <version>2026</version>
  <title>INVENTED INDEX</title>
  <letter>
    <title>F</title>
    <mainTerm>
      <title>Fever<nemod>(invented) (of inventors)</nemod></title>
      <code>A00.9</code>
      <term level="1">
        <title>hill</title>
        <code>A00.0</code>
        <manif>B20.-</manif>
      </term>
      <term level="1">
        <title>head</title>
        <see>Bruise, head</see>
      </term>
    </mainTerm>
    <mainTerm>
      <title>Fright</title>
      <seeAlso>Fever</seeAlso>
      <subcat>S06.0</subcat>
    </mainTerm>
  </letter>
</ICD10CM.index>
"""
DRUG_XML = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.index>
  <version>2026</version>
  <indexHeading>
    <head col="1">Substance</head>
    <head col="2">Poisoning Accidental</head>
    <head col="3">Adverse effect</head>
  </indexHeading>
  <letter>
    <title>I</title>
    <mainTerm>
      <title>Inventol</title>
      <cell col="2">T36.0X1</cell>
      <cell col="3">--</cell>
    </mainTerm>
  </letter>
</ICD10CM.index>
"""
CDT = "Procedure Code\tNomenclature\tDescriptor\nD0001\tinvented look\tAn invented look.\nD0002\tpolish\n"
HCPCS_CSV = (
    "hcpcs_code,long,short,price,multi,cov,betos,tos,action,cim,mcm,statute,lab,xref,asc_grp,proc,anes,"
    "date_term,date_added,date_asc,date_action\n"
    'A0021,"Invented ride, per mile",Ride,00,9,I,O1A,D,N,,,,,A0030,,,0,,1985-01-01,,1996-09-10\n'
    'J0001,Injection inventol,Inventol,11:21,A,D,O1E,1:P,N,"60-3, 60-9",2049,,,,,,0,2021-12-31,1990-01-01,,2022-01-01\n'
)


def hcpcs_record(code: str, number: int, kind: str, text: str, short: str = "", **at: str) -> str:
    """A record of 320 bytes; `at` names values by the place of their first byte, as in at_230="C"."""
    record = list(f"{code:>5}{number:05d}{kind}{text:<80}{short:<28}".ljust(320))
    for place, value in at.items():
        begin = int(place.removeprefix("at_")) - 1
        record[begin : begin + len(value)] = value
    return "".join(record)


HCPCS_TEXT = "\n".join(
    [
        "***Disclaimers\t\t\t",
        "*Inclusion of an invented product conveys nothing.\xa0",
        "",
        hcpcs_record("A1", 100, "7", "Dressing for one invented", "Dressing", at_230="C", at_269="20020701"),
        hcpcs_record("A0021", 100, "3", "Invented ride, per", "Ride", at_230="I", at_257="O1A", at_293="N"),
        hcpcs_record("A0021", 200, "4", "mile"),
        hcpcs_record("D0120", 100, "3", "Text of another owner", "Text", at_293="N"),
        hcpcs_record(
            "J0001", 100, "3", "Injection, inventol", "Inventol", at_120="51", at_205="J0002", at_285="20171231"
        ),
    ]
)
_WORKBOOK_HEADER: list[object] = [
    *("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "PRICE1", "XREF1", "COV", "BETOS"),
    *("TOS1", "TOS2", "ADD DT", "ACT EFF DT", "TERM DT", "ACTION CD"),
]
HCPCS_WORKBOOK: list[list[object]] = [
    ["An invented note"],
    [None],
    _WORKBOOK_HEADER,
    ["   A1", "0010", 7, "Dressing for one invented", "Dressing", None, None, "C", None, None, None, "20020701", None],
    ["A0021", "0010", "3", "Invented ride, per", "Ride", "00", "A0030", "I", "O1A", "D", "P", "19850101", "20200101",
     None, "N"],
    ["A0021", "0020", "4", "mile"],
]  # fmt: skip


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


RIGHT: dict[str, dict[str, bytes]] = {
    "icd10cm-order": {"icd10cm_order_2026.txt": ICD10CM_ORDER.encode()},
    "icd10pcs-order": {"icd10pcs_order_2026.txt": ICD10PCS_ORDER.encode()},
    "icd9cm": {"CMS32_DESC_LONG_DX.txt": ICD9_DX.encode(), "CMS32_DESC_LONG_SG.txt": ICD9_SG.encode()},
    "gems": {"2018_I9gem.txt": I9GEM.encode(), "2018_I10gem.txt": I10GEM.encode()},
    "icd10cm-poa": {"POAexemptCodesFY26.txt": POA.encode()},
    "icd10cm-index": {
        "icd10cm-eindex-April-1-2026.xml": INDEX_XML.encode(),
        "icd10cm-drug-April-1-2026.xml": DRUG_XML.encode(),
    },
    "cdt": {"CDT2027.txt": CDT.encode()},
    "hcpcs": {"HCPC2019_CONTR_ANWEB.txt": HCPCS_TEXT.encode("latin-1")},
}
"""A right import of each kind whose main file is text; the first file is the main one."""
WORKBOOKS: dict[str, tuple[str, list[list[object]]]] = {
    "icd10cm-conversion": ("ICD-10-CM-CONVERSION-TABLE-FY2026.xlsx", [list(row) for row in CONVERSION]),
    "icd10cm-poa": (
        "POAexemptCodesFY26.xlsx",
        [["Order26", "POAexemptCode", "Description"], ["00002", "A00.0", "Invented fever"]],
    ),
    "hcpcs": ("HCPC2020_OCT_ANWEB.xlsx", [list(row) for row in HCPCS_WORKBOOK]),
}


def read(
    kind: str, folder: Path, files: Mapping[str, bytes], choices: Choices | None = None
) -> tuple[list[Row], Defects]:
    """All rows and defects of an import of these files."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    defects = Defects()
    reading = importer_of(kind).read(paths, choices or CHOICES.get(kind, Choices()), defects, silent)
    rows = rows_of(reading)
    reading.edition()
    return rows, defects
