"""Which codes a section of the Guidelines speaks of, with the words in which it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.catalog.code_spans import Span, spans_in
from services.catalog.guidelines.outline import Section

LONGEST_EXCERPT = 420
WIDEST = Span("V00", "Y99")
"""The widest chapter, 20."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of codes that a section names."""

    span: Span
    excerpt: str
    """The words around it; empty where the title names it."""


def mentions_of(section: Section) -> Iterator[Mention]:
    """Each span that a section names, once, with the first words that do.

    What is wider than any chapter, such as "A00.0 through T88.9", speaks of no code in particular.
    """
    seen = dict.fromkeys(span for span in spans_in(section.title) if span.width <= WIDEST.width)
    yield from (Mention(span, "") for span in seen)
    for paragraph in section.paragraphs:
        for span in spans_in(paragraph):
            if span not in seen and span.width <= WIDEST.width:
                seen[span] = None
                yield Mention(span, excerpt(paragraph, span))


def excerpt(paragraph: str, span: Span) -> str:
    """The paragraph, cut at words around what names the span when it is long."""
    if len(paragraph) <= LONGEST_EXCERPT:
        return paragraph
    at = max(paragraph.find(span.first[:3]), 0)
    begin = max(0, min(at - LONGEST_EXCERPT // 2, len(paragraph) - LONGEST_EXCERPT))
    cut = paragraph[begin : begin + LONGEST_EXCERPT]
    if begin:
        cut = "… " + cut.partition(" ")[2]
    if begin + LONGEST_EXCERPT < len(paragraph):
        cut = cut.rpartition(" ")[0] + " …"
    return cut
