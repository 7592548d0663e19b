"""Reads inclusion terms out of the Tabular List of ICD-9-CM as plain text, whose indentation is lost.

A term begins with a capital; what stands below one that ends with a colon is written small and completes it. What
Excludes and other notes hold is no term.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

_CODE = re.compile(r"((?:\d{3}|V\d{2}|E\d{3})(?:\.\d{1,2})?) (?!.*\(\d)\S")
_NOTE = re.compile(
    r"(?:Excludes|Note|Use additional|Code first|Code also|The following|This |Requires|Any condition|Conditions? "
    r"|Not |\d|\[|APPENDIX|Chapter|List|With|Use )",
    re.I,
)
_UNFINISHED = re.compile(r".* (?:and|or|of|in|with|by|due to)$|.*(?:\d{3}|classifiable|\})")
_CONVENTION = re.compile(r"N(?:OS|EC)\b")


def names_of(text: str) -> dict[str, list[str]]:
    """The inclusion terms of each undotted code."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for code, term in _terms(text):
        if not _UNFINISHED.match(term):
            found[code][term] = None
    return {code: list(terms) for code, terms in found.items()}


def _terms(text: str) -> Iterator[tuple[str, str]]:
    code, stem, noted = "", "", True
    for line in filter(None, map(_bare, text.splitlines())):
        if named := _CODE.match(line):
            code, stem, noted = named[1].replace(".", ""), "", False
            continue
        if _NOTE.match(line):
            stem, noted = "", True
            continue
        begins = line[0].isupper() and not _CONVENTION.match(line)
        if begins:
            noted = False
        if noted or not code:
            continue
        if line.endswith(":"):
            stem = line[:-1] if begins else ""
        elif begins:
            stem = ""
            yield code, line
        elif stem:
            yield code, f"{stem} {line}"


def _bare(line: str) -> str:
    return line.strip().removeprefix("Includes:").strip()
