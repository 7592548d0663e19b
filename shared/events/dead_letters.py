"""Dead letters: what a consumer group could never handle, with the reason, and what people decided about it.

Both are topics of the log itself. A letter is never taken out of its topic: a decision (redriven or discarded, by whom,
when, why) is appended to the audit topic, and a letter without a decision is open.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from shared.errors import FailedPrecondition, InvalidInput, NotFound
from shared.events.event import Event
from shared.events.log import EventLog, Record
from shared.events.topics import AUDIT, dead_letter_topic, groups_of, redriven_topic

REASON, ORIGIN_TOPIC, ORIGIN_PLACE, FAILED_AT = "reason", "origintopic", "originplace", "failedat"
LONGEST_REASON = 2000
NOT_AN_EVENT = "not-an-event"
DECISION_TYPE = "codingahead.dead-letter-decision.v1"
Action = Literal["redriven", "discarded"]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One event (or record that is none) in the dead letters of a group."""

    group: str
    event: Event

    @property
    def letter_id(self) -> str:
        """Where the record lay: topic/partition/offset. The same letter delivered twice has the same id."""
        return self.event.extensions.get(ORIGIN_PLACE, "")

    @property
    def reason(self) -> str:
        """Why it can never be handled."""
        return self.event.extensions.get(REASON, "")

    @property
    def failed_at(self) -> str:
        """When it was given up, ISO 8601."""
        return self.event.extensions.get(FAILED_AT, "")

    def original(self) -> Event:
        """The event as it was, on the topic that brings it back to this group alone."""
        return _without_notes(self.event, redriven_topic(self.group), {ORIGIN_TOPIC: self.origin_topic})

    @property
    def origin_topic(self) -> str:
        """The topic it was published on."""
        return self.event.extensions.get(ORIGIN_TOPIC, "")


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a letter."""

    group: str
    letter_id: str
    action: Action
    by: str
    why: str
    at: str


def letter_for(group: str, record: Record, reason: str) -> Event:
    """The event to append to a group's dead letters for a record that can never be handled."""
    place = f"{record.partition}/{record.offset}"
    try:
        event = record.event()
    except Exception:  # noqa: BLE001 - a record of any kind must fit into the dead letters
        event = Event(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, place)),
            type=NOT_AN_EVENT,
            source=f"/{group}",
            topic=record.partition.topic,
            key=(record.key or b"").decode(errors="replace") or place,
            payload=record.payload,
            time=datetime.now(UTC),
        )
    notes = {
        ORIGIN_TOPIC: event.extensions.get(ORIGIN_TOPIC, record.partition.topic),
        ORIGIN_PLACE: place,
        REASON: _storable(reason[:LONGEST_REASON]),
        FAILED_AT: datetime.now(UTC).isoformat(),
    }
    return _without_notes(event, dead_letter_topic(group), notes)


def redelivered(event: Event) -> Event:
    """An event from a redriven topic, as its handler knows it: on the topic it was published on."""
    topic = event.extensions.get(ORIGIN_TOPIC, event.topic)
    return _without_notes(event, topic, {})


def _storable(text: str) -> str:
    """A text that every log can keep: an exception may quote what no header may hold."""
    return text.encode(errors="replace").decode().replace("\0", " ")


def _without_notes(event: Event, topic: str, notes: dict[str, str]) -> Event:
    kept = {
        name: value
        for name, value in event.extensions.items()
        if name not in (REASON, ORIGIN_TOPIC, ORIGIN_PLACE, FAILED_AT)
    }
    return Event(
        id=event.id,
        type=event.type,
        source=event.source,
        topic=topic,
        key=event.key,
        payload=event.payload,
        time=event.time,
        traceparent=event.traceparent,
        extensions={**kept, **notes},
    )


class DeadLetterOffice:
    """Lists dead letters and carries out what people decide about them."""

    def __init__(self, log: EventLog) -> None:
        """Take the log that holds them."""
        self._log = log

    async def groups(self) -> tuple[str, ...]:
        """The groups that have a dead-letter topic."""
        return groups_of(topic.name for topic in await self._log.topics())

    async def letters(self, group: str) -> AsyncIterator[tuple[DeadLetter, Decision | None]]:
        """Every letter of a group, the oldest first, with the decision about it."""
        known = await self.groups()
        if group not in known:
            raise NotFound(
                "GROUP_UNKNOWN",
                f"There is no group {group} with dead letters; there is {', '.join(known) or 'none'}.",
            )
        decided = {decision.letter_id: decision async for decision in self.decisions() if decision.group == group}
        seen: set[str] = set()
        async for record in self._log.read(dead_letter_topic(group)):
            letter = DeadLetter(group, record.event())
            if letter.letter_id not in seen:
                seen.add(letter.letter_id)
                yield letter, decided.get(letter.letter_id)

    async def letter(self, group: str, letter_id: str) -> tuple[DeadLetter, Decision | None]:
        """One letter; raises NotFound."""
        async for letter, decision in self.letters(group):
            if letter.letter_id == letter_id:
                return letter, decision
        raise NotFound("DEAD_LETTER_UNKNOWN", f"{group} has no dead letter {letter_id}; `list` names those it has.")

    async def decisions(self) -> AsyncIterator[Decision]:
        """The audit, the oldest decision first."""
        async for record in self._log.read(AUDIT):
            content: dict[str, Any] = json.loads(record.payload)
            yield Decision(**content)

    async def redrive(self, group: str, letter_id: str, *, by: str, why: str) -> Decision:
        """Bring a letter back to its group, and to no other.

        The decision is written first: a letter is rather left to be redriven again by hand than sent unaudited.
        """
        letter, _ = await self._open(group, letter_id, by, why)
        if letter.event.type == NOT_AN_EVENT:
            raise FailedPrecondition(
                "DEAD_LETTER_NOT_AN_EVENT", f"{letter_id} is no event ({letter.reason}); it can only be discarded."
            )
        decision = await self._decide(letter, "redriven", by, why)
        await self._log.publish([letter.original()])
        return decision

    async def discard(self, group: str, letter_id: str, *, by: str, why: str) -> Decision:
        """Decide that a letter is never handled."""
        letter, _ = await self._open(group, letter_id, by, why)
        return await self._decide(letter, "discarded", by, why)

    async def _open(self, group: str, letter_id: str, by: str, why: str) -> tuple[DeadLetter, Decision | None]:
        if not by.strip() or not why.strip():
            raise InvalidInput("DECISION_UNSIGNED", "A decision needs who takes it (--by) and why (--why).")
        letter, decision = await self.letter(group, letter_id)
        if decision:
            raise FailedPrecondition(
                "DEAD_LETTER_DECIDED",
                f"{letter_id} was {decision.action} by {decision.by} at {decision.at}: {decision.why}",
            )
        return letter, decision

    async def _decide(self, letter: DeadLetter, action: Action, by: str, why: str) -> Decision:
        at = datetime.now(UTC)
        decision = Decision(letter.group, letter.letter_id, action, by.strip(), why.strip(), at.isoformat())
        content = {name: getattr(decision, name) for name in Decision.__slots__}
        await self._log.publish(
            [
                Event(
                    id=str(uuid.uuid4()),
                    type=DECISION_TYPE,
                    source="/events",
                    topic=AUDIT,
                    key=letter.letter_id,
                    payload=json.dumps(content).encode(),
                    time=at,
                )
            ]
        )
        return decision
