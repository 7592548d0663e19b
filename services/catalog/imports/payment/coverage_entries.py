"""What the answers of CMS's Coverage API say: documents, the codes that they list, who issued them, what they name.

An answer does not say which question it answers; its fields do. Descriptions of codes, which are the AMA's for CPT, are
read past, and so are the answers that hold nothing of these (paragraphs, revisions, bill and revenue codes).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from services.catalog.imports.payment.json_answers import MOST_TITLE, Entry
from services.catalog.imports.payment.procedure_codes import EXPECTED, is_code, system_of
from services.catalog.payment_rows import CoverageArticleRow, CoverageCodeRow

NOT_APPLICABLE = "XX000"
"""What the Medicare Coverage Database lists where no code applies."""
_VIEW = "https://www.cms.gov/medicare-coverage-database/view"
_ADDRESSES = {
    "article": f"{_VIEW}/article.aspx?articleid={{id}}&ver={{version}}",
    "lcd": f"{_VIEW}/lcd.aspx?lcdid={{id}}&ver={{version}}",
    "ncd": f"{_VIEW}/ncd.aspx?ncdid={{id}}&ncdver={{version}}",
}
_LETTERS = {"article": "A", "lcd": "L", "ncd": ""}
_DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?", re.ASCII)
_PROCEDURE = re.compile(r"[0-9A-HJ-NP-Z]{7}", re.ASCII)
_MODIFIER = re.compile(r"[0-9A-Z]{2}", re.ASCII)
_MARKS = ("*", "Y", "1", "TRUE")


class Document(NamedTuple):
    """A document's type and id."""

    type: str
    id: int


@dataclass(slots=True)
class Answers:
    """What all answers of an import say."""

    documents: dict[Document, CoverageArticleRow] = field(default_factory=dict)
    codes: dict[tuple[Document, int], dict[CoverageCodeRow, None]] = field(default_factory=dict)
    """Codes by document and version, each once, in their order."""
    places: dict[tuple[Document, int], tuple[str, int]] = field(default_factory=dict)
    """File and line of the first of them."""
    issuers: dict[Document, list[int]] = field(default_factory=dict)
    """Ids of contractors."""
    contractors: dict[int, str] = field(default_factory=dict)
    """Their names by id."""
    related: dict[Document, list[str]] = field(default_factory=dict)
    captured_through: date | None = None
    """The day up to which the database was read."""

    def take(self, entry: Entry) -> None:
        """Take what an entry says, in whatever answer it stands."""
        if entry.has("data_captured_through"):
            self.captured_through = entry.compact_day("data_captured_through")
        elif entry.has("contractor_name") and entry.has("contractor_id"):
            self.contractors[entry.number("contractor_id")] = entry.text("contractor_name")
        elif document := _document(entry):
            self._of_document(entry, document)

    def _of_document(self, entry: Entry, document: Document) -> None:
        listed = next((found for name, found in _LISTS.items() if entry.has(name)), None)
        if "paragraph" in entry.fields:  # what is said of a group of codes
            return
        if listed is not None:
            self._code(entry, document, listed)
        elif entry.has("contractor_id"):
            self.issuers.setdefault(document, []).append(entry.number("contractor_id"))
        elif any(entry.has(name) for name in _RELATED):
            named = [f"{kind}/{entry.number(name)}" for name, kind in _RELATED.items() if entry.has(name)]
            self.related.setdefault(document, []).extend(named)
        elif entry.has("title"):
            row = _row(entry, document)
            if entry.right:
                self.documents[document] = row

    def _code(self, entry: Entry, document: Document, listed: "_List") -> None:
        code = entry.text(listed.code).upper()
        if code == NOT_APPLICABLE:
            return
        if not listed.right(code):
            entry.wrong(listed.code, listed.expected)
        group = entry.number(listed.group) if listed.group and entry.has(listed.group) else 0
        marked = entry.text("asterisk").upper() in _MARKS
        version = entry.number(f"{document.type}_version")
        system = listed.system or system_of(code)
        row = CoverageCodeRow(*document, system, code.replace(".", ""), listed.role, group, marked)
        if entry.right:
            self.places.setdefault((document, version), (entry.file, entry.line))
            self.codes.setdefault((document, version), {})[row] = None


class _List(NamedTuple):
    """How a list of codes is told by its fields."""

    code: str
    group: str
    system: str
    """Empty for CPT or HCPCS Level II, as the code says."""
    role: str
    right: Callable[[str], bool]
    expected: str


_LISTS: Mapping[str, _List] = {
    "code_table_row": _List("hcpc_code_id", "", "", "excluded", is_code, EXPECTED),
    "hcpc_modifier_code_id": _List(
        "hcpc_modifier_code_id", "hcpc_modifier_group", "modifier", "modifier",
        lambda code: bool(_MODIFIER.fullmatch(code)), "a modifier of two characters",
    ),
    "icd10_noncovered_group": _List(
        "icd10_code_id", "icd10_noncovered_group", "icd10cm", "does-not-support",
        lambda code: bool(_DIAGNOSIS.fullmatch(code)), "an ICD-10-CM code",
    ),
    "icd10_covered_group": _List(
        "icd10_code_id", "icd10_covered_group", "icd10cm", "supports",
        lambda code: bool(_DIAGNOSIS.fullmatch(code)), "an ICD-10-CM code",
    ),
    "icd10_pcs_code_id": _List(
        "icd10_pcs_code_id", "icd10_pcs_code_group", "icd10pcs", "procedure",
        lambda code: bool(_PROCEDURE.fullmatch(code)), "an ICD-10-PCS code",
    ),
    "hcpc_code_id": _List("hcpc_code_id", "hcpc_code_group", "", "procedure", is_code, EXPECTED),
}  # fmt: skip
"""Lists by a field that only they have; the first that fits counts."""
_RELATED = {"r_article_id": "article", "r_lcd_id": "lcd", "r_ncd_id": "ncd"}


def _document(entry: Entry) -> Document | None:
    """The document that an entry is of; None where it is of none."""
    for kind in ("article", "lcd"):
        if entry.has(f"{kind}_id"):
            return Document(kind, entry.number(f"{kind}_id"))
    if entry.has("document_id"):
        stated = entry.text("document_type").lower()
        kind = next((kind for kind in _ADDRESSES if kind in stated), "") or ("ncd" if not stated else "")
        return Document(kind, entry.number("document_id")) if kind else None
    return None


def _row(entry: Entry, document: Document) -> CoverageArticleRow:
    version = entry.number("document_version" if entry.has("document_id") else f"{document.type}_version")
    shown = entry.text("document_display_id") or entry.text("display_id") or str(document.id)
    contractor = entry.text("contractor_name_type", MOST_TITLE)
    return CoverageArticleRow(
        document_type=document.type,
        document_id=document.id,
        version=version,
        display_id=shown if not shown.isdigit() else f"{_LETTERS[document.type]}{shown}",
        title=entry.text("title", MOST_TITLE),
        article_type=entry.text("article_type_description"),
        status=entry.text("status") or entry.text("document_status"),
        contractors=[contractor] if contractor else [],
        effective_from=entry.day("article_eff_date", "rev_eff_date", "orig_det_eff_date", "effective_date"),
        effective_to=entry.day("article_end_date", "rev_end_date", "ent_det_end_date", "effective_end_date"),
        retired_on=entry.day("date_retired", "retirement_date"),
        updated_on=entry.day("last_updated", "updated_on"),
        url=_ADDRESSES[document.type].format(id=document.id, version=version),
        related=[],
    )
