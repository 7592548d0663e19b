"""The pages of modifiers and places of service: short codes that a claim carries beside the service."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.catalog import answers
from services.catalog.pages import hcpcs_record
from services.catalog.pages.parts import HOUSE_LABEL, Refs, statement
from services.catalog.pages.plain import plain_sections
from services.catalog.pages.sections import Sections
from services.catalog.pages.sources import claims_manual
from services.catalog.records import CodeRecord, Known

NO_AMA_TEXT = "The AMA's text of this modifier is not shown here. It stands in Appendix A of the AMA's CPT code book."


def sections(known: Known, named: Refs, now: datetime) -> Sections:  # noqa: ARG001 - as of every code system
    """The sections of a modifier's or a place of service's page."""
    record, body = known.place.record, known.place.record.body
    ours = "summary" in body
    found = plain_sections(
        known,
        named,
        described=[body["summary"]] if ours else [_described(record)],
        report_when=list(_said(body.get("report_when", ()), body)),
        do_not_report=list(_said(body.get("do_not_report", ()), body)),
        billing=[*_billing(record), *_said(body.get("billing", ()), body)],
        coverage=[*hcpcs_record.coverage(known), *_whose(body, record)],
        history=list(hcpcs_record.history(known)),
        official=_official(record),
        fees=[statement("It has no fee of its own; it may change what the service is paid.")],
    )
    if ours:
        label = HOUSE_LABEL if record.system == "modifier" else "Our summary"
        return replace(found, common=answers.CommonSection(paragraphs=(body["summary"],), label=label))
    return found


def _official(record: CodeRecord) -> answers.OfficialSection | None:
    if record.official:
        text = record.body.get("description") or record.heading
        short = record.heading if "description" in record.body else record.body.get("short", "")
        return answers.OfficialSection(text=text, short_text=short)
    return answers.OfficialSection(absence=NO_AMA_TEXT)


def _described(record: CodeRecord) -> str:
    if record.system == "pos":
        return f"{record.display} is a place of service code of professional claims."
    return f"{record.display} is a modifier of HCPCS Level II."


def _billing(record: CodeRecord) -> Iterator[answers.Statement]:
    if record.system == "pos":
        yield statement(
            "The code stands on professional claims and tells where the service was furnished.",
            claims_manual(26, "10.5"),
        )
    else:
        yield statement(
            "It stands behind the code of the service, where a professional claim has room for four.",
            claims_manual(26, "10.4"),
        )


def _whose(body: Mapping[str, Any], record: CodeRecord) -> Iterator[answers.Statement]:
    """Where the text of an entry of ours comes from."""
    if "source" in body:
        words = "The official text is that of its publisher." if record.official else "The summary is ours."
        yield from _said([{"text": words, "source": body["source"], "at": body.get("at")}], body)


def _said(stored: Any, body: Mapping[str, Any]) -> Iterator[answers.Statement]:
    """Stored statements with the documents that they cite."""
    sources: Mapping[str, Mapping[str, str]] = body.get("sources", {})
    for each in stored:
        source = sources.get(each.get("source", ""))
        if source is None:
            yield statement(each["text"])
        else:
            yield statement(
                each["text"],
                answers.Citation(
                    title=source["title"],
                    locator=each.get("at") or "",
                    edition=source.get("edition", ""),
                    publisher=source["publisher"],
                    url=source.get("url", ""),
                ),
            )
