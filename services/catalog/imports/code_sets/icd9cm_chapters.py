"""The chapters of ICD-9-CM, which the files of titles do not hold, and the tree of its codes by category."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.catalog.imports.code_sets.hierarchy import Node
from services.catalog.systems import dotted


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter, from its first category to its last."""

    first: str
    last: str
    heading: str


DIAGNOSES = (
    Chapter("001", "139", "Infectious and parasitic diseases"),
    Chapter("140", "239", "Neoplasms"),
    Chapter("240", "279", "Endocrine, nutritional and metabolic diseases, and immunity disorders"),
    Chapter("280", "289", "Diseases of the blood and blood-forming organs"),
    Chapter("290", "319", "Mental disorders"),
    Chapter("320", "389", "Diseases of the nervous system and sense organs"),
    Chapter("390", "459", "Diseases of the circulatory system"),
    Chapter("460", "519", "Diseases of the respiratory system"),
    Chapter("520", "579", "Diseases of the digestive system"),
    Chapter("580", "629", "Diseases of the genitourinary system"),
    Chapter("630", "679", "Complications of pregnancy, childbirth, and the puerperium"),
    Chapter("680", "709", "Diseases of the skin and subcutaneous tissue"),
    Chapter("710", "739", "Diseases of the musculoskeletal system and connective tissue"),
    Chapter("740", "759", "Congenital anomalies"),
    Chapter("760", "779", "Certain conditions originating in the perinatal period"),
    Chapter("780", "799", "Symptoms, signs, and ill-defined conditions"),
    Chapter("800", "999", "Injury and poisoning"),
    Chapter("E000", "E999", "External causes of injury and poisoning"),
    Chapter("V01", "V99", "Factors influencing health status and contact with health services"),
)
PROCEDURES = (
    Chapter("00", "00", "Procedures and interventions, not elsewhere classified"),
    Chapter("01", "05", "Operations on the nervous system"),
    Chapter("06", "07", "Operations on the endocrine system"),
    Chapter("08", "16", "Operations on the eye"),
    Chapter("17", "17", "Other miscellaneous diagnostic and therapeutic procedures"),
    Chapter("18", "20", "Operations on the ear"),
    Chapter("21", "29", "Operations on the nose, mouth, and pharynx"),
    Chapter("30", "34", "Operations on the respiratory system"),
    Chapter("35", "39", "Operations on the cardiovascular system"),
    Chapter("40", "41", "Operations on the hemic and lymphatic system"),
    Chapter("42", "54", "Operations on the digestive system"),
    Chapter("55", "59", "Operations on the urinary system"),
    Chapter("60", "64", "Operations on the male genital organs"),
    Chapter("65", "71", "Operations on the female genital organs"),
    Chapter("72", "75", "Obstetrical procedures"),
    Chapter("76", "84", "Operations on the musculoskeletal system"),
    Chapter("85", "86", "Operations on the integumentary system"),
    Chapter("87", "99", "Miscellaneous diagnostic and therapeutic procedures"),
)
"""The chapters of Volumes 1 and 3, in our words where the printed headings are longer."""


def tree(system: str, chapters: Sequence[Chapter], titles: Mapping[str, str], shorts: Mapping[str, str]) -> list[Node]:
    """Chapters with their categories and codes; chapters without codes are left out."""
    categories = list(_categories(system, titles, shorts))
    nodes = []
    for chapter in chapters:
        inside = [node for name, node in categories if chapter.first <= name <= chapter.last]
        if inside:
            code = chapter.first if chapter.first == chapter.last else f"{chapter.first}-{chapter.last}"
            nodes.append(_chapter(code, chapter.heading, inside))
    return nodes


def category_of(system: str, code: str) -> str:
    """The category of a code: 250 of 25000, E880 of E8809, V10 of V1041, 81 of a procedure 8154."""
    if system == "icd9pcs":
        return code[:2]
    return code[:4] if code.startswith("E") else code[:3]


def _categories(system: str, titles: Mapping[str, str], shorts: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    for name, codes in groupby(sorted(titles), key=lambda code: category_of(system, code)):
        members = [_code(system, code, titles[code], shorts.get(code, "")) for code in codes]
        if [member.code for member in members] == [name]:
            yield name, members[0]  # a category that is a code itself
        else:
            span = " to ".join(dict.fromkeys((members[0].display, members[-1].display)))
            yield name, _category(name, f"Codes {span}", members)


def _code(system: str, code: str, title: str, short: str) -> Node:
    body = {"short": short} if short else {}
    return Node(code, title, display=dotted(system, code), level=2, body=body)


def _category(name: str, heading: str, codes: list[Node]) -> Node:
    return _without_page(Node(f"CATEGORY-{name}", heading, display=name, kind="block", level=1, children=codes))


def _chapter(span: str, heading: str, categories: list[Node]) -> Node:
    return _without_page(Node(f"CHAPTER-{span}", heading, display=span, kind="chapter", children=categories))


def _without_page(node: Node) -> Node:
    """A heading of ours: nothing is said of it elsewhere."""
    node.official = node.reportable = node.has_page = False
    return node
