"""The documents that pages cite, once each. Sections of the ICD-10-CM Guidelines were checked against FY 2026."""

from services.catalog import answers

CDC = "CMS and NCHS"
GUIDELINES_URL = "https://www.cdc.gov/nchs/icd/icd-10-cm/files.html"


def guidelines(locator: str) -> answers.Citation:
    """A section of the ICD-10-CM Official Guidelines for Coding and Reporting FY 2026."""
    return answers.Citation(
        title="ICD-10-CM Official Guidelines for Coding and Reporting",
        locator=f"section {locator}",
        edition="FY 2026",
        publisher=CDC,
        url=GUIDELINES_URL,
    )


def poa_guidelines() -> answers.Citation:
    """The guidelines on reporting whether a condition was present on admission."""
    return answers.Citation(
        title="ICD-10-CM Official Guidelines for Coding and Reporting",
        locator="Appendix I",
        edition="FY 2026",
        publisher=CDC,
        url=GUIDELINES_URL,
    )


def pcs_guidelines(locator: str) -> answers.Citation:
    """A section of the ICD-10-PCS Official Guidelines for Coding and Reporting."""
    return answers.Citation(
        title="ICD-10-PCS Official Guidelines for Coding and Reporting",
        locator=f"section {locator}",
        publisher="CMS",
        url="https://www.cms.gov/medicare/coding-billing/icd-10-codes",
    )


def code_set_rule(locator: str) -> answers.Citation:
    """The rule that names the code sets of claims, and from when to when each is used."""
    return answers.Citation(
        title="Code of Federal Regulations, Title 45",
        locator=f"section 162.1002{locator}",
        publisher="HHS",
        url="https://www.ecfr.gov/current/title-45/section-162.1002",
    )


def coverage_rule() -> answers.Citation:
    """The rule that says what national and local coverage determinations are."""
    return answers.Citation(
        title="Code of Federal Regulations, Title 42",
        locator="section 400.202",
        publisher="HHS",
        url="https://www.ecfr.gov/current/title-42/section-400.202",
    )


def claims_manual(chapter: int, section: str) -> answers.Citation:
    """A section of the Medicare Claims Processing Manual."""
    return answers.Citation(
        title="Medicare Claims Processing Manual (Pub. 100-04)",
        locator=f"chapter {chapter}, section {section}",
        publisher="CMS",
        url=f"https://www.cms.gov/regulations-and-guidance/guidance/manuals/downloads/clm104c{chapter}.pdf",
    )


def add_on_edits() -> answers.Citation:
    """Where CMS explains the types of add-on codes."""
    return answers.Citation(
        title="NCCI Add-on Code Edits",
        publisher="CMS",
        url="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/"
        "medicare-ncci-add-code-edits",
    )


def mue_faq() -> answers.Citation:
    """Where CMS explains MUE adjudication indicators."""
    return answers.Citation(
        title="NCCI Medically Unlikely Edits",
        publisher="CMS",
        url="https://www.cms.gov/medicare/coding-billing/national-correct-coding-initiative-ncci-edits/"
        "medicare-ncci-medically-unlikely-edits",
    )
