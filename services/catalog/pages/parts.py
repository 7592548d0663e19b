"""Small parts that every page is made of: references to codes, statements with sources, releases with their days."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime

from codingahead.catalog.v1 import catalog_pb2 as pb
from google.type.date_pb2 import Date

from services.catalog.records import CodeRecord, Key, ReleaseRecord, Table
from services.catalog.systems import dotted

HOUSE_LABEL = "Our summary, not the CPT descriptor"
TABLE_SUFFIX = "/"


def code_ref(record: CodeRecord) -> pb.CodeRef:
    """A reference to a code that exists here."""
    return pb.CodeRef(
        system=record.system,
        code=record.code,
        display_code=record.display,
        heading=heading(record),
        reportable=record.reportable,
        has_children=record.children > 0,
        has_page=record.has_page,
    )


def heading(record: CodeRecord) -> pb.Heading:
    """The one-line name of a code, with whose words it is in."""
    return pb.Heading(text=record.heading, origin=pb.TEXT_ORIGIN_OFFICIAL if record.official else pb.TEXT_ORIGIN_OURS)


class Refs:
    """References to the codes that a page names, each made once: a page of edits names some hundreds of times."""

    def __init__(self, known: Mapping[Key, CodeRecord]) -> None:
        """Take those of the named codes that exist."""
        self._refs = {key: code_ref(record) for key, record in known.items()}

    def existing(self, system: str, code: str) -> pb.CodeRef | None:
        """A reference to a code that exists here."""
        return self._refs.get((system, code))

    def of(self, system: str, code: str) -> pb.CodeRef:
        """A reference to a code that may not exist here; then it has no page."""
        ref = self._refs.get((system, code))
        if ref is None:
            ref = pb.CodeRef(system=system, code=code, display_code=dotted(system, code))
            self._refs[system, code] = ref
        return ref


def statement(text: str, *citations: pb.Citation) -> pb.Statement:
    """A sentence with its sources."""
    return pb.Statement(text=text, citations=citations)


def day(value: date | None) -> Date | None:
    """A day of the contract."""
    return None if value is None else Date(year=value.year, month=value.month, day=value.day)


def is_current(begins: date | None, ends: date | None, today: date) -> bool:
    """Whether a release applies on a day; one that does not say until when is current from its first day on."""
    return (begins is None or begins <= today) and (ends is None or today <= ends)


def data_release(record: ReleaseRecord, today: date) -> pb.DataRelease:
    """A release as answers name it."""
    message = pb.DataRelease(
        release_id=record.id,
        kind=record.kind,
        title=record.title,
        edition=record.edition,
        effective_from=day(record.effective_from),
        effective_to=day(record.effective_to),
        current=is_current(record.effective_from, record.effective_to, today),
        in_force=record.in_force,
        imported_by=record.imported_by,
        checksum=record.checksum,
        publisher=record.publisher,
        entries=record.entries,
    )
    message.imported_at.FromDatetime(record.imported_at.astimezone(UTC))
    return message


def table_release(release: ReleaseRecord, table: Table, today: date) -> pb.DataRelease:
    """A published table inside a compiled release, with its own edition and days."""
    message = pb.DataRelease(
        release_id=f"{release.id}{TABLE_SUFFIX}{table.name}",
        kind=table.kind,
        title=table.title,
        edition=table.edition,
        effective_from=day(table.effective_from),
        effective_to=day(table.effective_to),
        current=is_current(table.effective_from, table.effective_to, today),
        in_force=release.in_force,
        imported_by=release.imported_by,
        checksum=table.checksum,
        publisher=table.publisher,
    )
    message.imported_at.FromDatetime(release.imported_at.astimezone(UTC))
    return message


def releases_of_system(in_force: Mapping[str, ReleaseRecord], system: str, now: datetime) -> Iterator[pb.DataRelease]:
    """The releases in force that say something of a system."""
    for record in in_force.values():
        if system in record.systems:
            yield data_release(record, now.date())


def table_citation(table: Table, locator: str = "") -> pb.Citation:
    """A published table as a source."""
    return pb.Citation(
        title=table.title, locator=locator, edition=table.edition, publisher=table.publisher, url=table.url
    )
