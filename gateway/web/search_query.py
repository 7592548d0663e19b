"""What a search on the site asks for, out of its address and back into addresses that ask for more or less."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from codingahead.search.v1 import search_pb2 as pb

from gateway.api.search import narrowed
from gateway.search import FARTHEST

PATH = "/search"
ON_A_PAGE = 25
FARTHEST_PAGE = FARTHEST // ON_A_PAGE + 1
"""The last page that search can be asked for."""
LONGEST_QUERY = 200
_AROUND = re.compile(r"^[\s'(\[]+|[\s'.,;:)\]]+$")
_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Asked:
    """A search: the words, what narrows it down, and the page."""

    q: str = ""
    system: str = ""
    billable: str = ""
    section: str = ""
    date: str = ""
    page: int = 1

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read the query of an address; what it does not know it leaves out."""
        page = given.get("page", "")
        return cls(
            q=_bare(given.get("q", "")),
            system=given.get("system", "").strip().lower()[:20],
            billable="1" if given.get("billable", "") not in ("", "0", "false") else "",
            section=given.get("section", "").strip()[:80],
            date=given.get("date", "").strip()[:20],
            page=min(max(int(page), 1), FARTHEST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the words narrows it down."""
        return bool(self.system or self.billable or self.section or self.date)

    @property
    def offset(self) -> int:
        """The results before this page."""
        return (self.page - 1) * ON_A_PAGE

    def address(self, **changes: str | int) -> str:
        """The address of this search with something changed; it begins at the first page unless a page is named."""
        values = asdict(replace(self, **{"page": 1, **changes}))  # type: ignore[arg-type]  # names of the fields
        kept = {name: value for name, value in values.items() if value and (name, value) != ("page", 1)}
        return f"{PATH}?{urlencode(kept)}"

    def request(self, size: int = ON_A_PAGE) -> pb.SearchRequest:
        """What search is asked. InvalidInput for a date that is none."""
        systems = [self.system] if self.system else []
        only = narrowed(systems, self.section, self.date, billable=bool(self.billable))
        return pb.SearchRequest(query=self.q, filter=only, page_size=size, offset=self.offset, facets=True)


def _bare(typed: str) -> str:
    """What is typed without what was pasted around it; quotes in pairs stay, for they make a phrase of their words."""
    bare = _AROUND.sub("", typed)
    return bare if bare.count(_QUOTE) % 2 == 0 else _AROUND.sub("", bare.strip(_QUOTE))
