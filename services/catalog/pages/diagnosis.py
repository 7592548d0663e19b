"""The page of an ICD-10-CM chapter, block, category or code."""

from collections.abc import Iterator, Mapping

from codingahead.catalog.v1 import catalog_pb2 as pb

from services.catalog.pages.diagnosis_documentation import requirements
from services.catalog.pages.diagnosis_words import (
    described,
    is_external_cause,
    is_manifestation,
    placeholder_places,
)
from services.catalog.pages.parts import Refs, code_ref, statement
from services.catalog.pages.sources import guidelines
from services.catalog.pages.tabular_notes import (
    is_completed,
    note_kinds,
    seventh_characters,
    tabular_notes,
)
from services.catalog.records import Hcc, Known, Neighbourhood

LABEL = "Our summary, composed from the code's place in the Tabular List"
MOST_RELATED = 40
_COMPANIONS: Mapping["pb.TabularNoteKind.ValueType", str] = {
    pb.TABULAR_NOTE_KIND_CODE_FIRST: "Named in a code first note.",
    pb.TABULAR_NOTE_KIND_USE_ADDITIONAL: "Named in a use additional code note.",
    pb.TABULAR_NOTE_KIND_CODE_ALSO: "Named in a code also note.",
}
_ALTERNATIVES: Mapping["pb.TabularNoteKind.ValueType", str] = {
    pb.TABULAR_NOTE_KIND_EXCLUDES1: "Named in an Excludes1 note.",
    pb.TABULAR_NOTE_KIND_EXCLUDES2: "Named in an Excludes2 note.",
}


def fill_diagnosis(page: pb.Code, known: Known, named: Refs) -> None:
    """Fill the sections of an ICD-10-CM page."""
    place = known.place
    page.official.CopyFrom(pb.OfficialSection(text=place.record.heading))
    page.common.CopyFrom(pb.CommonSection(paragraphs=described(place), label=LABEL))
    page.guidelines.CopyFrom(
        pb.GuidelinesSection(
            report_when=_report_when(place),
            do_not_report=_do_not_report(place),
            tabular_notes=tabular_notes(place, named),
            seventh_characters=seventh_characters(place),
        )
    )
    page.documentation.CopyFrom(pb.DocumentationSection(requirements=requirements(place)))
    page.billing.CopyFrom(_billing(place))
    page.edits.CopyFrom(pb.EditsSection(scope=_edit_scope(place)))
    page.fees.CopyFrom(_fees(known))
    page.crosswalks.CopyFrom(_crosswalks(place, page.guidelines))
    page.coverage.CopyFrom(pb.CoverageSection(coverage=_coverage(known)))


def _report_when(place: Neighbourhood) -> Iterator[pb.Statement]:
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
    if "code_first" in kinds:
        yield statement(
            "Sequence the condition of the code first note before this one, where it is present.",
            guidelines("I.A.13"),
            guidelines("I.B.7"),
        )
    if "use_additional" in kinds:
        yield statement(
            "Add the codes of the use additional code notes after this one, where they are known.", guidelines("I.B.7")
        )
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


def _do_not_report(place: Neighbourhood) -> Iterator[pb.Statement]:
    record = place.record
    if not record.reportable:
        yield statement(f"{record.display} itself is not valid on a claim.", guidelines("I.A.3"), guidelines("I.B.2"))
    if is_manifestation(record):
        yield statement(
            "Never first-listed or principal: the underlying condition comes first, and this code follows it.",
            guidelines("I.A.13"),
        )
    if is_external_cause(record):
        yield statement("Never first-listed or principal: it tells the cause of a condition.", guidelines("I.C.20.a.6"))
    if "excludes1" in note_kinds(place):
        yield statement(
            "Not together with what an Excludes1 note names, unless the two conditions are unrelated to each other.",
            guidelines("I.A.12.a"),
        )


def _billing(place: Neighbourhood) -> pb.BillingSection:
    record = place.record
    section = pb.BillingSection(reportable_codes_total=record.reportable_below)
    if record.reportable:
        section.reportable = f"{record.display} is complete and may be reported."
        section.guidance.append(
            statement("Report each unique diagnosis code once for an encounter.", guidelines("I.B.12"))
        )
    else:
        section.reportable = (
            f"{record.display} may not be reported itself. The {record.reportable_below:,} reportable "
            f"code{'s' if record.reportable_below != 1 else ''} below it can."
        )
        section.reportable_codes.extend(code_ref(code) for code in place.reportable)
    section.guidance.append(
        statement("A diagnosis code has no units and takes no modifiers; those belong to the procedures on the claim.")
    )
    return section


def _edit_scope(place: Neighbourhood) -> Iterator[pb.Statement]:
    yield statement(
        "NCCI procedure-to-procedure edits, MUE values and add-on edits are about CPT and HCPCS Level II codes. "
        "There are none for a diagnosis."
    )
    if "excludes1" in note_kinds(place):
        yield statement(
            "Which diagnosis codes do not go together is told by the Excludes1 notes, under the guidelines above.",
            guidelines("I.A.12.a"),
        )


def _fees(known: Known) -> pb.FeesSection:
    record, facts = known.place.record, known.facts
    section = pb.FeesSection(hcc=[_hcc(hcc) for hcc in sorted(facts.hcc, key=lambda h: (h.model, h.category))])
    section.notes.append(
        statement("The Medicare Physician Fee Schedule pays procedures; a diagnosis has no fee and no RVUs.")
    )
    release = known.releases.get("hcc")
    if release is None:
        section.notes.append(statement("No risk-adjustment mapping is loaded here, so HCC categories are not shown."))
    elif not record.reportable:
        section.notes.append(statement("Risk-adjustment categories stand at the reportable codes below."))
    elif facts.hcc:
        section.notes.append(
            statement(
                f"The categories are those of CMS's mappings for {release.edition}; another year may differ. "
                "Age and sex edits and the hierarchies of the models are not applied here."
            )
        )
    else:
        section.notes.append(
            statement(
                f"In the mappings loaded here ({release.edition}), {record.display} stands in no category of any model."
            )
        )
    return section


def _hcc(hcc: Hcc) -> pb.HccCategory:
    return pb.HccCategory(model=hcc.model, category=hcc.category, label=hcc.label, payment_year=hcc.payment_year)


def _crosswalks(place: Neighbourhood, guide: pb.GuidelinesSection) -> pb.CrosswalksSection:
    section = pb.CrosswalksSection()
    if place.ancestors:
        section.related.append(pb.RelatedCode(code=code_ref(place.ancestors[-1]), relation="parent"))
    section.related.extend(
        pb.RelatedCode(code=code_ref(sibling), relation="sibling")
        for sibling in place.siblings[:MOST_RELATED]
        if sibling.code != place.record.code
    )
    section.related.extend(_named(guide, "companion", _COMPANIONS))
    section.related.extend(_named(guide, "alternative", _ALTERNATIVES))
    section.notes.append(
        statement(
            "Related codes are drawn from the Tabular List: the place of the code and the codes that its notes name. "
            "No General Equivalence Mappings and no conversion table are loaded here."
        )
    )
    return section


def _named(
    guide: pb.GuidelinesSection, relation: str, why: Mapping["pb.TabularNoteKind.ValueType", str]
) -> Iterator[pb.RelatedCode]:
    seen: set[str] = set()
    for block in guide.tabular_notes:
        for note in block.notes if block.kind in why else ():
            for code in note.codes:
                if code.code not in seen and len(seen) < MOST_RELATED:
                    seen.add(code.code)
                    yield pb.RelatedCode(code=code, relation=relation, note=statement(why[block.kind]))


def _coverage(known: Known) -> Iterator[pb.Statement]:
    yield statement(
        "Medicare covers services, not diagnoses: national and local coverage determinations name the diagnoses that "
        "support a service. None is loaded here."
    )
    release = known.releases["icd10cm-tabular"]
    yield statement(
        f"The code stands in {release.title}, {release.edition}. What earlier editions said of it is not loaded here."
    )
