"""The numbered sources of one page: a statement gets marks, the foot of the page gets the list."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from codingahead.catalog.v1 import catalog_pb2
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Source:
    """A source as the list at the foot of a page prints it."""

    title: str
    more: tuple[str, ...]
    """Locator, edition and publisher, as far as they are known."""
    href: str
    """Where it can be read; empty when unknown or not a web address."""


@dataclass(slots=True)
class Sources:
    """Collects the sources of a page in the order in which they are first named."""

    numbered: list[Source] = field(default_factory=list)

    def mark(self, citations: Iterable[catalog_pb2.Citation]) -> Markup:
        """The marks of a statement: links to its sources, by number."""
        marks = Markup("")
        for citation in citations:
            number = self._number(citation)
            marks += Markup(
                '<sup class="source-mark"><a href="#source-{0}" aria-label="Source {0}">{0}</a></sup>'
            ).format(number)
        return marks

    def _number(self, citation: catalog_pb2.Citation) -> int:
        source = Source(
            citation.title,
            tuple(part for part in (citation.locator, citation.edition, citation.publisher) if part),
            citation.url if urlsplit(citation.url).scheme in {"http", "https"} else "",
        )
        if source not in self.numbered:
            self.numbered.append(source)
        return self.numbered.index(source) + 1
