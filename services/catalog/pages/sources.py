"""The documents that pages cite, once each. Sections of the ICD-10-CM Guidelines were checked against FY 2026."""

from codingahead.catalog.v1 import catalog_pb2 as pb

CDC = "CMS and NCHS"
GUIDELINES_URL = "https://www.cdc.gov/nchs/icd/icd-10-cm/files.html"


def guidelines(locator: str) -> pb.Citation:
    """A section of the ICD-10-CM Official Guidelines for Coding and Reporting FY 2026."""
    return pb.Citation(
        title="ICD-10-CM Official Guidelines for Coding and Reporting",
        locator=f"section {locator}",
        edition="FY 2026",
        publisher=CDC,
        url=GUIDELINES_URL,
    )


def claims_manual(chapter: int, section: str) -> pb.Citation:
    """A section of the Medicare Claims Processing Manual."""
    return pb.Citation(
        title="Medicare Claims Processing Manual (Pub. 100-04)",
        locator=f"chapter {chapter}, section {section}",
        publisher="CMS",
        url=f"https://www.cms.gov/regulations-and-guidance/guidance/manuals/downloads/clm104c{chapter}.pdf",
    )


def add_on_edits() -> pb.Citation:
    """Where CMS explains the types of add-on codes."""
    return pb.Citation(
        title="NCCI Add-on Code Edits",
        publisher="CMS",
        url="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/"
        "medicare-ncci-add-code-edits",
    )


def mue_faq() -> pb.Citation:
    """Where CMS explains MUE adjudication indicators."""
    return pb.Citation(
        title="NCCI Medically Unlikely Edits",
        publisher="CMS",
        url="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/"
        "medicare-ncci-medically-unlikely-edits",
    )
