"""The addresses of pages: where a code, a list or a look-up lives. Knows nothing of routes or requests."""

from urllib.parse import quote

from codingahead.catalog.v1 import catalog_pb2

SYSTEM_NAMES = {
    "cpt": "CPT",
    "hcpcs": "HCPCS Level II",
    "icd10cm": "ICD-10-CM",
    "icd10pcs": "ICD-10-PCS",
    "icd9cm": "ICD-9-CM",
    "icd9pcs": "ICD-9-CM procedures",
    "cdt": "CDT",
    "modifier": "Modifiers",
    "pos": "Places of service",
}
"""Code systems by id, as readers know them."""

NAMED_OFFICIALLY = frozenset({"icd10cm", "icd10pcs", "icd9cm", "icd9pcs"})
"""Code systems whose names are official and in the public domain, so that they need no label."""

LICENSED_SYSTEMS = frozenset({"cpt", "cdt"})
"""Code systems whose official text belongs to a publisher and appears only where a rule allows it."""


def system_name(system: str) -> str:
    """A code system as readers know it."""
    return SYSTEM_NAMES.get(system, system)


def code_path(system: str, display_code: str) -> str:
    """The one canonical address of a code page, e.g. ``/codes/icd10cm/E11.9``, ``/codes/icd10cm/Chapter-4``."""
    return f"/codes/{quote(system, safe='')}/{_segment(display_code)}"


def browse_path(system: str, display_code: str = "") -> str:
    """The list of codes below a code with a page, or of the roots of a code system."""
    base = f"/browse/{quote(system, safe='')}"
    return f"{base}/{_segment(display_code)}" if display_code else base


def edits_path(system: str, code: str) -> str:
    """All edits of a code, which may have no page."""
    return f"/edits/{quote(system, safe='')}/{quote(code, safe='')}"


def index_entries_path(code: str) -> str:
    """All index entries that lead to an undotted ICD-10-CM code."""
    return f"/index-entries/icd10cm/{quote(code, safe='')}"


def dotted_diagnosis(code: str) -> str:
    """An undotted ICD-10-CM code as it is written."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def browse_ref(ref: catalog_pb2.CodeRef) -> str:
    """The list of codes below a named code; a group without a page is known by its id alone."""
    return browse_path(ref.system, ref.display_code if ref.has_page else ref.code.lower())


def ref_path(ref: catalog_pb2.CodeRef) -> str:
    """Where a named code can be read; empty when it has no page here."""
    return code_path(ref.system, ref.display_code or ref.code) if ref.has_page else ""


def _segment(display_code: str) -> str:
    """A code in an address: a chapter's blank is a hyphen there, as in its id."""
    return quote(display_code.replace(" ", "-"), safe="")


def build_path(pattern: str = "") -> str:
    """The builder of ICD-10-PCS codes, with what is chosen: values in order, "_" for one that is open."""
    chosen = pattern.rstrip("_")
    return f"/icd10pcs/build?code={quote(chosen, safe='')}" if chosen else "/icd10pcs/build"


def index_path(name: str, ordinal: int = 0, begins: str = "") -> str:
    """An index of ICD-10-CM, a term of it by its place, or its main terms by how they begin."""
    base = f"/index/{quote(name, safe='')}"
    if ordinal:
        return f"{base}/{ordinal}"
    return f"{base}?begins={quote(begins, safe='')}" if begins else base


def index_reference_path(name: str, text: str) -> str:
    """Where a reference of an index is followed."""
    return f"/index/{quote(name, safe='')}/see?text={quote(text, safe='')}"


def report_path(system: str, display_code: str) -> str:
    """The form that reports an error on a code's page."""
    return f"/report-error?system={quote(system, safe='')}&code={_segment(display_code)}"


def licence_path(licence: str, back: str) -> str:
    """The terms of a licence, from which a reader comes back to a page."""
    return f"/licences/{quote(licence, safe='')}?next={quote(back, safe='')}"
