"""An event says the same before and after its journey, and what is no event is said to be none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from shared.events.event import LARGEST_PAYLOAD, Event
from shared.events.failure import PermanentFailure

WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=1)


@given(key=WORDS, source=WORDS, payload=st.binary(), extension=WORDS)
def test_an_event_survives_its_journey(key: str, source: str, payload: bytes, extension: str) -> None:
    event = Event("1", "a.B", source, "topic", key, payload, datetime.now(UTC), "00-1-2-01", {"extra": extension})
    assert Event.from_record("topic", key.encode(), event.headers(), payload) == event


def test_an_event_bears_the_name_of_its_message_and_the_time_in_utc() -> None:
    local = datetime(2026, 4, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    event = Event.of(topic="t", key="k", message=Timestamp(seconds=5), source="/s", time=local)
    assert event.type == "google.protobuf.Timestamp"
    assert event.time == local
    assert event.time.utcoffset() == timedelta(0)
    assert event.parse(Timestamp).seconds == 5


def test_an_event_carries_the_trace_in_which_it_was_made() -> None:
    context = SpanContext(0x1234, 0x5678, is_remote=False, trace_flags=TraceFlags(1))
    with trace.use_span(NonRecordingSpan(context)):
        event = Event.of(topic="t", key="k", message=Timestamp(), source="/s")
    assert event.traceparent == f"00-{0x1234:032x}-{0x5678:016x}-01"
    assert dict(event.headers())["ce_traceparent"] == event.traceparent.encode()


def test_a_message_of_another_type_is_a_permanent_failure() -> None:
    event = Event.of(topic="t", key="k", message=Timestamp(seconds=5), source="/s")
    with pytest.raises(PermanentFailure, match=r"is a google\.protobuf\.Timestamp, not a google\.protobuf\.Duration"):
        event.parse(Duration)


def test_a_payload_that_does_not_parse_is_a_permanent_failure() -> None:
    broken = Event("1", "google.protobuf.Timestamp", "/s", "t", "k", b"\xff\xff", datetime.now(UTC))
    with pytest.raises(PermanentFailure, match="does not parse"):
        broken.parse(Timestamp)


@pytest.mark.parametrize("lost", ["ce_id", "ce_type", "ce_source", "ce_time"])
def test_a_record_without_a_required_attribute_is_no_event(lost: str) -> None:
    event = Event.of(topic="t", key="k", message=Timestamp(), source="/s")
    headers = [header for header in event.headers() if header[0] != lost]
    with pytest.raises(PermanentFailure, match=f"no {lost}"):
        Event.from_record("t", b"k", headers, b"")


def test_a_record_with_a_time_that_is_none_is_no_event() -> None:
    event = Event.of(topic="t", key="k", message=Timestamp(), source="/s")
    headers = [(name, b"yesterday" if name == "ce_time" else value) for name, value in event.headers()]
    with pytest.raises(PermanentFailure, match="yesterday"):
        Event.from_record("t", b"k", headers, b"")


def test_what_no_broker_would_carry_is_refused_before_it_is_written() -> None:
    with pytest.raises(ValueError, match="900000"):
        Event.of(topic="t", key="k", message=BytesValue(value=b"x" * (LARGEST_PAYLOAD + 1)), source="/s")
    with pytest.raises(ValueError, match="needs a key"):
        Event.of(topic="t", key="", message=Timestamp(), source="/s")
