"""What a page says once instead of many times: releases that go together, payment indicators that rows share."""

from codingahead.catalog.v1 import catalog_pb2
from google.type import date_pb2

from gateway.web.releases import release_lines
from gateway.web.tables import indicator_groups

JULY, SEPTEMBER = date_pb2.Date(year=2024, month=7, day=1), date_pb2.Date(year=2024, month=9, day=30)


def cms(title: str, *, current: bool = False) -> catalog_pb2.DataRelease:
    """A quarterly file."""
    return catalog_pb2.DataRelease(
        title=title, edition="July 2024", publisher="CMS", effective_from=JULY, effective_to=SEPTEMBER, current=current
    )


def test_releases_of_one_publisher_edition_and_dates_share_a_line_and_ours_comes_last() -> None:
    ours = catalog_pb2.DataRelease(
        title="Our summaries", edition="content 0123456789ab", checksum="0123456789abcdef", current=True
    )
    lines = release_lines([ours, cms("NCCI MUE"), cms("NCCI PTP edits")])
    assert [(line.words, line.current) for line in lines] == [
        ("2 data sets of CMS, July 2024, effective 1 July 2024 to 30 September 2024", False),
        ("Our summaries", True),
    ]


def test_a_release_alone_is_named_and_one_that_is_current_never_hides_one_that_is_not() -> None:
    lines = release_lines([cms("NCCI MUE"), cms("NCCI PTP edits", current=True)])
    assert [line.words.split(",")[0] for line in lines] == ["NCCI MUE", "NCCI PTP edits"]
    assert [line.current for line in lines] == [False, True]


def fee_row(modifier: str, meaning: str, multiple: str) -> catalog_pb2.FeeRow:
    """A row of the fee schedule with one indicator beside its status."""
    row = catalog_pb2.FeeRow(modifier=modifier, modifier_meaning=meaning, status="A", status_meaning="Active code")
    row.indicators.add(name="Multiple procedures", value=multiple, meaning=f"Meaning of {multiple}")
    return row


def test_rows_with_the_same_indicators_share_a_table_and_others_keep_their_own() -> None:
    same = [fee_row("", "Global service", "0"), fee_row("26", "Professional component", "0")]
    groups = indicator_groups([*same, fee_row("TC", "Technical component", "4")])
    assert [group.services for group in groups] == [
        "Global service, Professional component (26)",
        "Technical component (TC)",
    ]
    assert [item.value for item in groups[1].indicators] == ["A", "4"]


def test_rows_without_indicators_have_no_table() -> None:
    assert indicator_groups([catalog_pb2.FeeRow(modifier="26")]) == []
