"""Entries of the ICD-10-CM indexes and tables that lead to a code, as a page and a list show them."""

from services.catalog import answers
from services.catalog.records import IndexLead
from services.catalog.systems import dotted

SYSTEM = "icd10cm"
KIND = "icd10cm-index"
_NAMES = {
    "index": "Alphabetic Index",
    "external-cause": "External Cause Index",
    "neoplasm": "Neoplasm Table",
    "drug": "Table of Drugs and Chemicals",
}
_SHORTEST_DOTTED = 3


def index_entry(lead: IndexLead) -> answers.IndexLead:
    """An entry in words: a dash behind the code says that more characters must follow."""
    code = dotted(SYSTEM, lead.code)
    dash = (".-" if len(lead.code) == _SHORTEST_DOTTED else "-") if lead.more else ""
    terms = zip(lead.path, lead.nonessential, strict=True)
    return answers.IndexLead(
        index=_NAMES.get(lead.index_name, lead.index_name),
        path=tuple(" ".join(part for part in term if part) for term in terms),
        column=lead.column_title,
        named=code + dash,
        index_name=lead.index_name,
        ordinal=lead.ordinal,
    )
