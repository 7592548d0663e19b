"""Where else an ICD-10-CM code is spoken of: sections of the Guidelines, and Excludes notes at other codes."""

from collections.abc import Iterator

from services.catalog import answers
from services.catalog.pages.parts import Refs
from services.catalog.pages.tabular_notes import KINDS
from services.catalog.records import Facts, Key
from services.catalog.systems import dotted

SYSTEM = "icd10cm"


def codes_named(facts: Facts) -> list[Key]:
    """The codes whose notes name the code."""
    return [(SYSTEM, code) for code in dict.fromkeys(mention.code for mention in facts.excluded_at)]


def guideline_mentions(facts: Facts) -> Iterator[answers.GuidelineMention]:
    """The sections of the Guidelines that speak of the code."""
    for mention in facts.guidelines:
        ends = dict.fromkeys((mention.first, mention.last))
        yield answers.GuidelineMention(
            section=mention.number,
            title=mention.title,
            excerpt=mention.excerpt,
            named="-".join(dotted(SYSTEM, end) for end in ends),
        )


def excluded_at(facts: Facts, named: Refs) -> Iterator[answers.ExcludedAt]:
    """The Excludes notes elsewhere that name the code."""
    for mention in facts.excluded_at:
        yield answers.ExcludedAt(code=named.of(SYSTEM, mention.code), kind=KINDS[mention.kind], text=mention.text)
