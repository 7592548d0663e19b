"""What the pages of code sets have in common that hold little but their codes: places, sections without an answer."""

from collections.abc import Iterator, Sequence

from services.catalog import answers
from services.catalog.pages import equivalents
from services.catalog.pages.parts import Refs, citation_of, code_ref, statement
from services.catalog.pages.sections import Sections
from services.catalog.records import Known
from services.catalog.systems import SYSTEMS

MOST_RELATED = 40
Statements = Sequence[answers.Statement]


def plain_sections(
    known: Known,
    named: Refs,
    *,
    described: Sequence[str],
    report_when: Statements = (),
    do_not_report: Statements = (),
    documentation: Statements = (),
    billing: Statements = (),
    fees: Statements = (),
    coverage: Statements = (),
    history: Sequence[answers.HistoryEvent] = (),
    official: answers.OfficialSection | None = None,
) -> Sections:
    """The nine sections; what is given stands first in its section."""
    record, name = known.place.record, SYSTEMS[known.place.record.system].name
    label = f"Our summary, composed from the code's place in {name}"
    return Sections(
        official=official or answers.OfficialSection(text=record.heading, short_text=record.body.get("short", "")),
        common=answers.CommonSection(paragraphs=tuple(described), label=label),
        guidelines=answers.GuidelinesSection(report_when=tuple(report_when), do_not_report=tuple(do_not_report)),
        documentation=answers.DocumentationSection(requirements=tuple(documentation)),
        billing=_billing(known, billing),
        edits=answers.EditsSection(scope=(statement(_no_edits(known)),)),
        fees=answers.FeesSection(notes=tuple(fees) or (statement(f"The data loaded here hold no fees of {name}."),)),
        crosswalks=answers.CrosswalksSection(
            related=(*equivalents.equivalents(known, named), *_around(known)), notes=tuple(_about_related(known))
        ),
        coverage=answers.CoverageSection(
            coverage=(*coverage, statement(_edition(known), citation_of(known.source))), history=tuple(history)
        ),
    )


def _billing(known: Known, guidance: Statements) -> answers.BillingSection:
    record = known.place.record
    if record.reportable:
        return answers.BillingSection(
            guidance=tuple(guidance), reportable=f"{record.display} is complete and may be reported."
        )
    below = record.reportable_below
    if not below:
        return answers.BillingSection(guidance=tuple(guidance), reportable=f"{record.display} may not be reported.")
    return answers.BillingSection(
        guidance=tuple(guidance),
        reportable=f"{record.display} may not be reported itself. The {below:,} reportable "
        f"code{'s' if below != 1 else ''} below it can.",
        reportable_codes=tuple(code_ref(code) for code in known.place.reportable),
        reportable_codes_total=below,
    )


def _no_edits(known: Known) -> str:
    name = SYSTEMS[known.place.record.system].name
    return f"NCCI edits and MUE values are about CPT and HCPCS Level II codes. There are none for {name}."


def _around(known: Known) -> Iterator[answers.RelatedCode]:
    place = known.place
    for parent in place.ancestors[-1:]:
        yield answers.RelatedCode(code=code_ref(parent), relation="parent")
    for sibling in place.siblings[:MOST_RELATED]:
        if sibling.code != place.record.code:
            yield answers.RelatedCode(code=code_ref(sibling), relation="sibling")


def _about_related(known: Known) -> Iterator[answers.Statement]:
    yield statement("Related codes are those around the code in its code set.")
    yield from equivalents.notes(known)


def _edition(known: Known) -> str:
    return f"{known.place.record.display} stands in {known.source.title}, {known.source.edition}."
