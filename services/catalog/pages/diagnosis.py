"""The page of an ICD-10-CM chapter, block, category or code."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from services.catalog import answers
from services.catalog.pages import conversions, equivalents
from services.catalog.pages.coverage import coverage_documents
from services.catalog.pages.diagnosis_documentation import requirements
from services.catalog.pages.diagnosis_order import never_first, order
from services.catalog.pages.diagnosis_words import described, placeholder_places
from services.catalog.pages.index_leads import index_entry
from services.catalog.pages.mentions import excluded_at, guideline_mentions
from services.catalog.pages.parts import Refs, citation_of, code_ref, statement
from services.catalog.pages.sections import Sections
from services.catalog.pages.sources import guidelines, poa_guidelines
from services.catalog.pages.table_days import not_yet_begun
from services.catalog.pages.tabular_notes import (
    is_completed,
    note_kinds,
    seventh_characters,
    tabular_notes,
)
from services.catalog.records import Hcc, Known, Neighbourhood

LABEL = "Our summary, composed from the code's place in the Tabular List"
MOST_RELATED = 40
COVERAGE = statement(
    "Medicare covers services, not diagnoses: national and local coverage determinations name the diagnoses that "
    "support a service."
)
_COMPANIONS: Mapping[answers.TabularNoteKind, str] = {
    answers.TabularNoteKind.CODE_FIRST: "Named in a code first note.",
    answers.TabularNoteKind.USE_ADDITIONAL: "Named in a use additional code note.",
    answers.TabularNoteKind.CODE_ALSO: "Named in a code also note.",
}
_ALTERNATIVES: Mapping[answers.TabularNoteKind, str] = {
    answers.TabularNoteKind.EXCLUDES1: "Named in an Excludes1 note.",
    answers.TabularNoteKind.EXCLUDES2: "Named in an Excludes2 note.",
}


_CROSSWALKS = {equivalents.KIND: "General Equivalence Mappings", conversions.KIND: "conversion table"}


def sections(known: Known, named: Refs, now: datetime) -> Sections:
    """The sections of an ICD-10-CM page."""
    place = known.place
    guide = answers.GuidelinesSection(
        report_when=tuple(_report_when(place)),
        do_not_report=tuple(_do_not_report(place)),
        tabular_notes=tuple(tabular_notes(place, named)),
        seventh_characters=seventh_characters(place),
        mentions=tuple(guideline_mentions(known.facts)),
        excluded_at=tuple(excluded_at(known.facts, named)),
        excluded_at_total=known.facts.excluded_at_total,
        index_entries=tuple(index_entry(lead) for lead in known.facts.index_leads),
        index_entries_total=known.facts.index_leads_total,
    )
    return Sections(
        official=answers.OfficialSection(text=place.record.heading, short_text=place.record.body.get("short", "")),
        common=answers.CommonSection(paragraphs=tuple(described(place)), label=LABEL),
        guidelines=guide,
        documentation=answers.DocumentationSection(requirements=tuple(requirements(place))),
        billing=_billing(known),
        edits=answers.EditsSection(scope=tuple(_edit_scope(place))),
        fees=_fees(known),
        crosswalks=answers.CrosswalksSection(
            related=(
                *conversions.related(known, named, now.date()),
                *equivalents.equivalents(known, named),
                *_around(place, guide),
            ),
            notes=tuple(_about_crosswalks(known)),
        ),
        coverage=answers.CoverageSection(
            coverage=(COVERAGE, *coverage_documents(known)), history=tuple(conversions.history(known))
        ),
    )


def _report_when(place: Neighbourhood) -> Iterator[answers.Statement]:
    record, kinds = place.record, note_kinds(place)
    if record.reportable:
        yield statement(
            f"Report {record.display} when the record supports its title and the notes below allow it.",
            guidelines("I.B.2"),
        )
    else:
        yield statement(
            f"Choose a reportable code below {record.display}; a category or subcategory only leads there.",
            guidelines("I.A.3"),
        )
    if is_completed(record) or seventh_characters(place) is not None:
        yield statement("The seventh character is required and stays in the seventh place.", guidelines("I.A.5"))
    if placeholder_places(place):
        yield statement("The placeholder X must be there for the code to be valid.", guidelines("I.A.4"))
    yield from order(place)
    if "code_also" in kinds:
        yield statement(
            "A code also note may call for two codes; the circumstances of the encounter decide their order.",
            guidelines("I.A.17"),
        )
    if "excludes2" in kinds:
        yield statement(
            "What an Excludes2 note names is not part of this condition; a patient with both may be given both codes.",
            guidelines("I.A.12.b"),
        )


def _do_not_report(place: Neighbourhood) -> Iterator[answers.Statement]:
    record = place.record
    if not record.reportable:
        yield statement(f"{record.display} itself is not valid on a claim.", guidelines("I.A.3"), guidelines("I.B.2"))
    yield from never_first(record)
    if "excludes1" in note_kinds(place):
        yield statement(
            "Not together with what an Excludes1 note names, unless the two conditions are unrelated to each other.",
            guidelines("I.A.12.a"),
        )


def _billing(known: Known) -> answers.BillingSection:
    place, record = known.place, known.place.record
    bare = statement(
        "A diagnosis code has no units and takes no modifiers; those belong to the procedures on the claim."
    )
    if record.reportable:
        once = statement("Report each unique diagnosis code once for an encounter.", guidelines("I.B.12"))
        return answers.BillingSection(
            guidance=(once, bare, *_present_on_admission(known)),
            reportable=f"{record.display} is complete and may be reported.",
        )
    return answers.BillingSection(
        guidance=(bare,),
        reportable=f"{record.display} may not be reported itself. The {record.reportable_below:,} reportable "
        f"code{'s' if record.reportable_below != 1 else ''} below it can.",
        reportable_codes=tuple(code_ref(code) for code in place.reportable),
        reportable_codes_total=record.reportable_below,
    )


def _present_on_admission(known: Known) -> Iterator[answers.Statement]:
    release = known.releases.get("icd10cm-poa")
    if release is None:
        yield from not_yet_begun(known, "icd10cm-poa")
        return
    display, listed = known.place.record.display, f"CMS's list for {release.edition}"
    if known.facts.poa_exempt:
        words = f"{display} is exempt from reporting whether the condition was present on admission, by {listed}."
    else:
        words = (
            f"On inpatient claims of hospitals that report it, say whether the condition was present on admission: "
            f"{display} is not among the exempt codes of {listed}."
        )
    yield statement(words, citation_of(release), poa_guidelines())


def _edit_scope(place: Neighbourhood) -> Iterator[answers.Statement]:
    yield statement(
        "NCCI procedure-to-procedure edits, MUE values and add-on edits are about CPT and HCPCS Level II codes. "
        "There are none for a diagnosis."
    )
    if "excludes1" in note_kinds(place):
        yield statement(
            "Which diagnosis codes do not go together is told by the Excludes1 notes, under the guidelines above.",
            guidelines("I.A.12.a"),
        )


def _fees(known: Known) -> answers.FeesSection:
    hcc = sorted(known.facts.hcc, key=lambda h: (h.model, h.category))
    notes = (
        statement("The Medicare Physician Fee Schedule pays procedures; a diagnosis has no fee and no RVUs."),
        statement(_about_hcc(known)),
    )
    return answers.FeesSection(hcc=tuple(_hcc(each) for each in hcc), notes=notes)


def _about_hcc(known: Known) -> str:
    record, release = known.place.record, known.releases.get("hcc")
    if release is None:
        return "No risk-adjustment mapping is loaded here, so HCC categories are not shown."
    if not record.reportable:
        return "Risk-adjustment categories stand at the reportable codes below."
    if known.facts.hcc:
        return (
            f"The categories are those of CMS's mappings for {release.edition}; another year may differ. "
            "Age and sex edits and the hierarchies of the models are not applied here."
        )
    return f"In the mappings loaded here ({release.edition}), {record.display} stands in no category of any model."


def _hcc(hcc: Hcc) -> answers.HccCategory:
    return answers.HccCategory(model=hcc.model, category=hcc.category, label=hcc.label, payment_year=hcc.payment_year)


def _around(place: Neighbourhood, guide: answers.GuidelinesSection) -> Iterator[answers.RelatedCode]:
    for parent in place.ancestors[-1:]:
        yield answers.RelatedCode(code=code_ref(parent), relation="parent")
    for sibling in place.siblings[:MOST_RELATED]:
        if sibling.code != place.record.code:
            yield answers.RelatedCode(code=code_ref(sibling), relation="sibling")
    yield from _named(guide, "companion", _COMPANIONS)
    yield from _named(guide, "alternative", _ALTERNATIVES)


def _about_crosswalks(known: Known) -> Iterator[answers.Statement]:
    missing = [name for kind, name in _CROSSWALKS.items() if kind not in known.releases]
    verb = "is" if missing == [_CROSSWALKS[conversions.KIND]] else "are"
    absence = f" No {' and no '.join(missing)} {verb} loaded here." if missing else ""
    yield statement(
        "Related codes are drawn from the Tabular List: the place of the code and the codes that its notes name."
        + absence
    )
    yield from equivalents.notes(known)


def _named(
    guide: answers.GuidelinesSection, relation: str, why: Mapping[answers.TabularNoteKind, str]
) -> Iterator[answers.RelatedCode]:
    seen: set[str] = set()
    for block in guide.tabular_notes:
        reason = why.get(block.kind) if block.kind else None
        for note in block.notes if reason else ():
            for code in note.codes:
                if code.code not in seen and len(seen) < MOST_RELATED:
                    seen.add(code.code)
                    yield answers.RelatedCode(code=code, relation=relation, note=statement(reason or ""))
