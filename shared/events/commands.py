"""What an operator does with topics and dead letters, as text in and text out. The command line is in `__main__`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from shared.events.dead_letters import DeadLetter, DeadLetterOffice, Decision
from shared.events.log import EventLog, open_log
from shared.events.topics import load_topics


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[EventLog]:
    """The log of a URL, for the time of the block."""
    log = open_log(url)
    await log.start()
    try:
        yield log
    finally:
        await log.drain(5)


async def create_topics(url: str, file: Path) -> list[str]:
    """Make the topics of a file that are missing."""
    topics = load_topics(file)
    async with opened(url) as log:
        outcome = await log.create_topics(topics)
    return [f"{name:50} {what}" for name, what in outcome.items()]


async def list_topics(url: str) -> list[str]:
    """The topics there are."""
    async with opened(url) as log:
        return [f"{t.name:50} {t.partitions:4} partitions  {_kept(t.retention)}" for t in await log.topics()]


async def show_lag(url: str, group: str | None) -> list[str]:
    """How far groups are behind, partition by partition."""
    async with opened(url) as log:
        return [
            f"{row.group:30} {row.partition!s:45} at {row.position:10} of {row.end:10}, {row.records} behind"
            for row in await log.lag(group)
        ]


async def list_letters(url: str, group: str | None, *, decided: bool) -> list[str]:
    """The open dead letters of one group or of all; with `decided` the others too."""
    lines = []
    async with opened(url) as log:
        office = DeadLetterOffice(log)
        for name in [group] if group else await office.groups():
            async for letter, decision in office.letters(name):
                if decided or not decision:
                    state = f"{decision.action} by {decision.by}" if decision else "open"
                    lines.append(f"{name:25} {letter.letter_id:45} {state:20} {letter.reason}")
    return lines


async def show_letter(url: str, group: str, letter_id: str) -> list[str]:
    """Everything about one letter but its payload, of which only the size is shown: it may speak of people."""
    async with opened(url) as log:
        letter, decision = await DeadLetterOffice(log).letter(group, letter_id)
    return [*_described(letter), *([_told(decision)] if decision else ["decision    none yet"])]


async def redrive(url: str, group: str, letter_id: str, by: str, why: str) -> list[str]:
    """Bring a letter back to its group."""
    async with opened(url) as log:
        return [_told(await DeadLetterOffice(log).redrive(group, letter_id, by=by, why=why))]


async def discard(url: str, group: str, letter_id: str, by: str, why: str) -> list[str]:
    """Decide that a letter is never handled."""
    async with opened(url) as log:
        return [_told(await DeadLetterOffice(log).discard(group, letter_id, by=by, why=why))]


async def show_audit(url: str) -> list[str]:
    """Every decision, the oldest first."""
    async with opened(url) as log:
        return [_told(decision) async for decision in DeadLetterOffice(log).decisions()]


def _described(letter: DeadLetter) -> list[str]:
    event = letter.event
    return [
        f"letter      {letter.letter_id}",
        f"group       {letter.group}",
        f"reason      {letter.reason}",
        f"failed at   {letter.failed_at}",
        f"topic       {letter.origin_topic}",
        f"key         {event.key}",
        f"event       {event.id}",
        f"type        {event.type}",
        f"source      {event.source}",
        f"time        {event.time.isoformat()}",
        f"traceparent {event.traceparent or 'none'}",
        f"payload     {len(event.payload)} bytes",
    ]


def _told(decision: Decision) -> str:
    return f"{decision.at} {decision.group} {decision.letter_id} {decision.action} by {decision.by}: {decision.why}"


def _kept(retention: timedelta | None) -> str:
    return "kept for ever" if retention is None else f"kept {retention.days} days"
