"""What Medicare's coverage documents say of a code: which of them list it, and as what."""

from collections.abc import Iterator

from services.catalog import answers
from services.catalog.pages.parts import citation_of, statement
from services.catalog.pages.sources import coverage_rule
from services.catalog.pages.table_days import not_yet_begun
from services.catalog.records import CoverageMention, Known

_TYPES = {"article": "Article", "lcd": "Local coverage determination", "ncd": "National coverage determination"}
_ROLES = {
    "procedure": "lists it among its services",
    "modifier": "lists it among its modifiers",
    "supports": "lists it among the diagnoses that support medical necessity",
    "does-not-support": "lists it among the diagnoses that do not support medical necessity",
    "excluded": "lists it among the drugs that are usually self-administered and therefore excluded",
}
NOT_LOADED = statement(
    "National and local coverage determinations are not loaded here; that none is shown does not mean that "
    "none applies."
)


def coverage_documents(known: Known) -> Iterator[answers.Statement]:
    """A sentence for each document that lists the code, and what the lack of one means."""
    release = known.releases.get("coverage")
    if release is None:
        yield from list(not_yet_begun(known, "coverage")) or [NOT_LOADED]
        return
    for mention in known.facts.coverage:
        yield _of(mention)
    shown, total = len(known.facts.coverage), known.facts.coverage_total
    some = f" Of {total:,} documents the first {shown} are named." if shown < total else ""
    found = "" if total else f"No document lists {known.place.record.display}. "
    yield statement(
        f"{found}Looked up in {release.title}, {release.edition}.{some} What a document says decides, not the list "
        "alone, and a local one binds where its contractor has jurisdiction; that none is named does not mean that "
        "none applies.",
        citation_of(release),
        coverage_rule(),
    )


def _of(mention: CoverageMention) -> answers.Statement:
    by = f" ({', '.join(mention.contractors)})" if mention.contractors else ""
    day = mention.effective_from
    since = f", in effect since {day:%B} {day.day}, {day.year}" if day else ""
    name = f"{_TYPES[mention.document_type]} {mention.display_id}"
    says = ", and ".join(_ROLES[role] for role in mention.roles)
    return statement(
        f"{name}, “{mention.title}”{by}{since}, {says}.",
        answers.Citation(title=name, publisher="CMS", url=mention.url),
    )
