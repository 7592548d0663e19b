"""Small parts that every page is made of: references to codes, statements with sources, releases with their days."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from services.catalog import answers
from services.catalog.editions import said_of
from services.catalog.records import CodeRecord, Key, ReleaseRecord, Table
from services.catalog.systems import dotted

HOUSE_LABEL = "Our summary, not the CPT descriptor"
TABLE_SUFFIX = "/"


def code_ref(record: CodeRecord) -> answers.CodeRef:
    """A reference to a code that exists here."""
    return answers.CodeRef(
        system=record.system,
        code=record.code,
        display_code=record.display,
        heading=heading(record),
        reportable=record.reportable,
        has_children=record.children > 0,
        has_page=record.has_page,
    )


def heading(record: CodeRecord) -> answers.Heading:
    """The one-line name of a code, with whose words it is in."""
    return answers.Heading(
        text=record.heading, origin=answers.TextOrigin.OFFICIAL if record.official else answers.TextOrigin.OURS
    )


class Refs:
    """References to the codes that a page names, each made once: a page of edits names some hundreds of times."""

    def __init__(self, known: Mapping[Key, CodeRecord]) -> None:
        """Take those of the named codes that exist."""
        self._refs = {key: code_ref(record) for key, record in known.items()}

    def existing(self, system: str, code: str) -> answers.CodeRef | None:
        """A reference to a code that exists here."""
        return self._refs.get((system, code))

    def of(self, system: str, code: str) -> answers.CodeRef:
        """A reference to a code that may not exist here; then it has no page."""
        ref = self._refs.get((system, code))
        if ref is None:
            ref = answers.CodeRef(system=system, code=code, display_code=dotted(system, code))
            self._refs[system, code] = ref
        return ref


def statement(text: str, *citations: answers.Citation) -> answers.Statement:
    """A sentence with its sources."""
    return answers.Statement(text=text, citations=citations)


def is_current(begins: date | None, ends: date | None, today: date) -> bool:
    """Whether a release applies on a day; one that does not say until when is current from its first day on."""
    return (begins is None or begins <= today) and (ends is None or today <= ends)


def data_release(record: ReleaseRecord, today: date) -> answers.DataRelease:
    """A release as answers name it."""
    return answers.DataRelease(
        release_id=record.id,
        kind=record.kind,
        title=record.title,
        edition=record.edition,
        effective_from=record.effective_from,
        effective_to=record.effective_to,
        current=is_current(record.effective_from, record.effective_to, today),
        in_force=record.in_force,
        imported_at=record.imported_at,
        imported_by=record.imported_by,
        checksum=record.checksum,
        publisher=record.publisher,
        entries=record.entries,
        setting=record.setting,
        answering=record.answering,
    )


def table_release(release: ReleaseRecord, table: Table, today: date) -> answers.DataRelease:
    """A published table inside a compiled release, with its own edition and days."""
    return answers.DataRelease(
        release_id=f"{release.id}{TABLE_SUFFIX}{table.name}",
        kind=table.kind,
        title=table.title,
        edition=table.edition,
        effective_from=table.effective_from,
        effective_to=table.effective_to,
        current=is_current(table.effective_from, table.effective_to, today),
        in_force=release.in_force,
        imported_at=release.imported_at,
        imported_by=release.imported_by,
        checksum=table.checksum,
        publisher=table.publisher,
        setting=table.setting,
        answering=release.answering,
    )


def releases_of_system(
    in_force: Mapping[str, ReleaseRecord], system: str, now: datetime
) -> Iterator[answers.DataRelease]:
    """The releases in force that say something of a system."""
    for name, record in in_force.items():
        if system in said_of(name, record.systems):
            yield data_release(record, now.date())


def citation_of(release: ReleaseRecord, locator: str = "") -> answers.Citation:
    """A release as a source."""
    return answers.Citation(title=release.title, locator=locator, edition=release.edition, publisher=release.publisher)


def table_citation(table: Table, locator: str = "") -> answers.Citation:
    """A published table as a source."""
    return answers.Citation(
        title=table.title, locator=locator, edition=table.edition, publisher=table.publisher, url=table.url
    )
