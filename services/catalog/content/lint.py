"""House rules for our texts: full sentences, no grammar of code descriptors, links that lead somewhere.

`python -m services.catalog.content.lint` prints every finding; a test runs the same rules.
"""

import re
import sys
from collections.abc import Iterator

from services.catalog.content.format import CodeText
from services.catalog.content.loading import Content, load_content
from services.catalog.content.places import ContentError

DESCRIPTOR_GRAMMAR = (
    "each additional",
    "list separately",
    "(separate procedure)",
    "separate procedure)",
    "with or without",
    "(list ",
    "in addition to code for primary",
    "unless otherwise specified;",
)
_SENTENCE_END = re.compile(r"[.?!](?=\s+[A-Z0-9]|$)")
_ABBREVIATIONS = re.compile(r"\b(?:e\.g|i\.e|vs|ch|sec|no|approx|Dr|U\.S)\.")


def findings(content: Content) -> list[str]:
    """What is wrong with the texts, a sentence each, naming file, code and field; empty when all is well."""
    known = {text.code.key for text in content.texts} | {
        f"{facts.system}/{facts.code}" for facts in content.facts.codes
    }
    return [*_claim_codes(content)] + [
        f"texts/{text.file}: code {text.code.code}, {problem}"
        for text in content.texts
        for problem in (*_grammar(text.code), *_summary(text.code), *_heading(text.code), *_related(text.code, known))
    ]


def _claim_codes(content: Content) -> Iterator[str]:
    """What is wrong with our words on modifiers and places of service; official words are left as they are."""
    for part in content.claim_codes:
        for code in part.codes:
            rules = [rule.text for rule in (*code.report_when, *code.do_not_report, *code.billing)]
            for prose in [*([code.summary] if code.summary else []), *rules]:
                for problem in _prose(prose):
                    yield f"claim-codes: {part.system} {code.code}, {problem}"
            if not code.official and code.heading.endswith("."):
                yield f"claim-codes: {part.system} {code.code}, a heading is a name and ends without a full stop"


def _prose(prose: str) -> Iterator[str]:
    for phrase in DESCRIPTOR_GRAMMAR:
        if phrase in prose.lower():
            yield f"'{phrase}' is the grammar of descriptors; say it in a sentence of our own"
    if ";" in prose:
        yield "a semicolon; write two sentences"
    if not prose.endswith((".", "?")):
        yield "does not end with a full stop"


def _grammar(code: CodeText) -> Iterator[str]:
    for field, prose in code.fields_of_text():
        for problem in _prose(prose):
            if field != "heading" or not problem.startswith("does not end"):
                yield f"field {field}: {problem}"


def _summary(code: CodeText) -> Iterator[str]:
    count = len(_SENTENCE_END.findall(_ABBREVIATIONS.sub("", code.summary)))
    if not 2 <= count <= 4:
        yield f"field summary: {count} sentences, where two to four are wanted"


def _heading(code: CodeText) -> Iterator[str]:
    if code.heading.endswith("."):
        yield "field heading: a heading is a name and ends without a full stop"
    if code.code in code.heading:
        yield "field heading: the code itself stands beside it already"


def _related(code: CodeText, known: set[str]) -> Iterator[str]:
    seen: set[str] = set()
    for i, related in enumerate(code.related):
        key = f"{related.system}/{related.code}"
        if key == code.key:
            yield f"field related[{i}]: the code names itself"
        if key in seen:
            yield f"field related[{i}]: {related.code} stands twice"
        if key not in known:
            yield f"field related[{i}]: {related.code} has no text here, so the link leads nowhere"
        seen.add(key)


def main() -> int:
    """The command; returns the exit status."""
    try:
        problems = findings(load_content())
    except ContentError as error:
        problems = [str(problem) for problem in error.problems]
    sys.stdout.write("".join(f"{problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
