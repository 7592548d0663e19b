"""The nine sections of a page, as a code system fills them."""

from dataclasses import dataclass

from services.catalog import answers


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections, by their ids."""

    official: answers.OfficialSection
    common: answers.CommonSection
    guidelines: answers.GuidelinesSection
    documentation: answers.DocumentationSection
    billing: answers.BillingSection
    edits: answers.EditsSection
    fees: answers.FeesSection
    crosswalks: answers.CrosswalksSection
    coverage: answers.CoverageSection
