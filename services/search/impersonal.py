"""What of a query may be kept when nothing was found: never what may tell of a person.

The box takes what people paste into it, so dates of birth, numbers of records and addresses come along with words. A
query that looks like any of them is not kept at all; there is nothing to be learnt from it that is worth it.
"""

import re

LONGEST = 80
MOST_WORDS = 8
"""More words than this are a note about somebody, not a search."""
_DIGITS = re.compile(r"\d(?:[\s./()\-]*\d){5}")
"""Six digits in a row, whatever divides them: dates, telephone and record numbers. Codes have fewer."""
_NAMED = re.compile(r"\b(patient|pt|dob|born|ssn|mrn|mr|mrs|ms|miss|phone|tel|address|policy)\b|@|https?:|www\.", re.I)


def kept_form(query: str) -> str:
    """The query as it is kept: small letters, single blanks; empty for one that is not to be kept."""
    form = " ".join(query.lower().split())
    if not form.isprintable() or len(form) > LONGEST or len(form.split()) > MOST_WORDS:
        return ""
    return "" if _DIGITS.search(form) or _NAMED.search(form) else form
