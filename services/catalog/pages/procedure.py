"""The page of a CPT or HCPCS Level II code: our text, and what Medicare's tables say of the code."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from services.catalog import answers
from services.catalog.imports.cpt import copyright_line
from services.catalog.pages import drugs, hcpcs_record
from services.catalog.pages.coverage import coverage_documents
from services.catalog.pages.edits import edits_section
from services.catalog.pages.fees import fees_section
from services.catalog.pages.indicators import HCPCS_COVERAGE
from services.catalog.pages.parts import HOUSE_LABEL, Refs, statement, table_citation
from services.catalog.pages.payment_tables import table_of
from services.catalog.pages.sections import Sections
from services.catalog.records import CodeRecord, Facts, Key, Known
from services.catalog.systems import system_of

CPT_LICENCE = "ama-cpt"
NO_CPT_FILE = (
    "The operator of this site has loaded no licensed CPT file, so the AMA's descriptor is not shown. "
    "It stands in the AMA's CPT code book."
)
NOT_IN_CPT_FILE = "The licensed CPT file that is loaded here ({edition}) has no descriptor of this code."
NO_HCPCS_TEXT = "No official descriptor of this code is loaded here."
NO_TEXT = "We have not written a summary of this code yet."


def codes_named(facts: Facts, record: CodeRecord) -> list[Key]:
    """The codes that the page of a procedure names."""
    text = _text(facts)
    keys = [(related["system"], related["code"]) for related in text.get("related", ())]
    for add_on in facts.add_on:
        keys += [_key(code) for code in (add_on.add_on, add_on.primary) if code]
    for edit in facts.ptp:
        keys += [_key(edit.column_1), _key(edit.column_2)]
    return [key for key in dict.fromkeys(keys) if key != record.key] + [record.key]


def sections(known: Known, named: Refs, now: datetime) -> Sections:
    """The sections of a CPT or HCPCS page."""
    facts = known.facts
    text = _text(facts)
    say = _Speaker(facts.our_text)
    return Sections(
        official=_official(known, now),
        common=_common(known, text),
        guidelines=answers.GuidelinesSection(
            report_when=say.all(text.get("report_when", ())), do_not_report=say.all(text.get("do_not_report", ()))
        ),
        documentation=answers.DocumentationSection(requirements=say.all(text.get("documentation", ()))),
        billing=answers.BillingSection(
            guidance=say.all(text.get("billing", ())),
            modifiers=tuple(
                answers.ModifierUse(modifier=m["modifier"], use=say.one(m)) for m in text.get("modifiers", ())
            ),
            reportable=hcpcs_record.report_words(known),
            unit=drugs.billing_unit(known),
            administration=tuple(drugs.administration(text, named)),
        ),
        edits=edits_section(known, named, known.asked or now.date()),
        fees=fees_section(known),
        crosswalks=_crosswalks(text, known, named),
        coverage=_coverage(known, text, say),
    )


class _Speaker:
    """Turns our stored statements into statements of the contract, with the documents that they cite."""

    def __init__(self, body: Mapping[str, Any] | None) -> None:
        self._sources: Mapping[str, Mapping[str, str]] = (body or {}).get("sources", {})

    def one(self, stored: Mapping[str, Any]) -> answers.Statement:
        """One statement."""
        source = self._sources.get(stored.get("source", ""))
        if source is None:
            return statement(stored["text"])
        return statement(
            stored["text"],
            answers.Citation(
                title=source["title"],
                locator=stored.get("at") or "",
                edition=source.get("edition", ""),
                publisher=source["publisher"],
                url=source.get("url", ""),
            ),
        )

    def all(self, stored: Any) -> tuple[answers.Statement, ...]:
        """Statements in their order."""
        return tuple(self.one(each) for each in stored)


def _text(facts: Facts) -> Mapping[str, Any]:
    text: Mapping[str, Any] = (facts.our_text or {}).get("text", {})
    return text


def _key(code: str) -> Key:
    return ("cpt" if code[:1].isdigit() else "hcpcs"), code


def _official(known: Known, now: datetime) -> answers.OfficialSection:
    official, system = known.facts.official, known.place.record.system
    if hcpcs_record.is_source(known):
        record = known.place.record
        return answers.OfficialSection(text=record.heading, short_text=record.body.get("short", ""))
    if system == "hcpcs":
        if official is None:
            return answers.OfficialSection(absence=NO_HCPCS_TEXT)
        return answers.OfficialSection(text=official.long_text, short_text=official.short_text)
    release = known.releases.get("cpt")
    if release is None:
        return answers.OfficialSection(absence=NO_CPT_FILE, licence=CPT_LICENCE)
    if official is None:
        return answers.OfficialSection(absence=NOT_IN_CPT_FILE.format(edition=release.edition), licence=CPT_LICENCE)
    return answers.OfficialSection(
        text=official.long_text,
        short_text=official.short_text or official.medium_text,
        copyright=copyright_line(release.edition, now),
        licence=CPT_LICENCE,
    )


def _common(known: Known, text: Mapping[str, Any]) -> answers.CommonSection:
    system = known.place.record.system
    if not text:
        described = hcpcs_record.described(known)
        return answers.CommonSection(
            paragraphs=(described,) if described else (),
            label=hcpcs_record.LABEL if described else "",
            absence="" if described else NO_TEXT,
        )
    label = HOUSE_LABEL if system == "cpt" else f"Our summary, not the {system_of(system).name} descriptor"
    paragraphs = [" ".join(part.split()) for part in text["summary"].split("\n\n")]
    return answers.CommonSection(paragraphs=tuple(part for part in paragraphs if part), label=label)


def _crosswalks(text: Mapping[str, Any], known: Known, named: Refs) -> answers.CrosswalksSection:
    facts, record = known.facts, known.place.record
    related = list(hcpcs_record.related(known, named))
    related += [
        answers.RelatedCode(
            code=named.of(stored["system"], stored["code"]),
            relation=stored["relation"],
            note=statement(stored["text"]),
        )
        for stored in text.get("related", ())
    ]
    mentioned = {(stored["system"], stored["code"]) for stored in text.get("related", ())}
    for code, relation in _add_on_partners(facts, record.code):
        if _key(code) not in mentioned:
            mentioned.add(_key(code))
            related.append(answers.RelatedCode(code=named.of(*_key(code)), relation=relation))
    note = statement(
        "Related codes are chosen by us, and the add-on relations are CMS's. Other codes may be related too."
    )
    return answers.CrosswalksSection(related=tuple(related), notes=(note,))


def _add_on_partners(facts: Facts, code: str) -> Iterator[tuple[str, str]]:
    for add_on in facts.add_on:
        if add_on.add_on == code and add_on.primary:
            yield add_on.primary, "primary"
        elif add_on.primary == code:
            yield add_on.add_on, "add-on"


def _coverage(known: Known, text: Mapping[str, Any], say: _Speaker) -> answers.CoverageSection:
    coverage = list(say.all(text.get("coverage", ())))
    history = [
        answers.HistoryEvent(date=date.fromisoformat(event["date"]), event=say.one(event))
        for event in text.get("history", ())
    ]
    record = (known.facts.code_facts or {}).get("hcpcs")
    table = table_of(known, "hcpcs")
    if hcpcs_record.is_source(known):
        coverage += hcpcs_record.coverage(known)
        history += hcpcs_record.history(known)
    elif record and table:
        source = table_citation(table)
        if meaning := HCPCS_COVERAGE.get(record["coverage"]):
            coverage.append(statement(f"HCPCS coverage code {record['coverage']}: {meaning}.", source))
        added = statement("Added to HCPCS Level II.", source)
        history.append(answers.HistoryEvent(date=date.fromisoformat(record["added"]), event=added))
    coverage += coverage_documents(known)
    newest_first = sorted(history, key=lambda event: event.date or date.min, reverse=True)
    return answers.CoverageSection(coverage=tuple(coverage), history=tuple(newest_first))
