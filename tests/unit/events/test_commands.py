"""The operator's commands on a real log, and their sentences on bad input."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner, Result

from shared.events.__main__ import app
from shared.events.dead_letters import letter_for
from shared.events.event import Event
from shared.events.log import Record, open_log
from shared.events.topics import Partition, group_topics

GROUP = "watchers"
LETTER = "things.changed/2/7"


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"EVENTS_URL": url})


@pytest.fixture
def url_with_letter(events_url: str) -> str:
    """A log with the platform's topics and one dead letter."""
    event = Event("e-1", "example.Thing", "/things", "things.changed", "k", b"secret", datetime.now(UTC))
    record = Record(Partition("things.changed", 2), 7, b"k", event.headers(), event.payload)

    async def fill() -> None:
        log = open_log(events_url)
        await log.start()
        await log.create_topics(group_topics(GROUP))
        await log.publish([letter_for(GROUP, record, "the code does not exist")])
        await log.drain(1)

    assert run(events_url, "topics", "create").exit_code == 0
    asyncio.run(fill())
    return events_url


def test_topics_are_made_once_and_listed(events_url: str) -> None:
    first, second = run(events_url, "topics", "create"), run(events_url, "topics", "create")
    assert "created" in first.output
    assert "exists" not in first.output
    assert "created" not in second.output
    assert "catalog.code-changed" in run(events_url, "topics", "list").output


def test_a_letter_is_listed_and_shown_without_its_content(url_with_letter: str) -> None:
    listed = run(url_with_letter, "dead-letters", "list").output
    assert LETTER in listed
    assert "the code does not exist" in listed
    shown = run(url_with_letter, "dead-letters", "show", GROUP, LETTER).output
    assert "example.Thing" in shown
    assert "6 bytes" in shown
    assert "secret" not in shown


def test_a_decision_is_audited_and_is_the_last_one(url_with_letter: str) -> None:
    done = run(url_with_letter, "dead-letters", "discard", GROUP, LETTER, "--why", "a test record", "--by", "ada")
    assert done.exit_code == 0, done.output
    assert "There are no open dead letters." in run(url_with_letter, "dead-letters", "list").output
    assert "discarded by ada" in run(url_with_letter, "dead-letters", "list", "--all").output
    assert "a test record" in run(url_with_letter, "dead-letters", "audit").output
    again = run(url_with_letter, "dead-letters", "redrive", GROUP, LETTER, "--why", "after all", "--by", "bob")
    assert again.exit_code == 1
    assert "was discarded by ada" in again.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dead-letters", "list", "nobody"], "There is no group nobody with dead letters; there is"),
        (["dead-letters", "show", GROUP, "x/0/1"], "watchers has no dead letter x/0/1"),
        (["dead-letters", "discard", GROUP, LETTER, "--why", " "], "needs who takes it (--by) and why (--why)"),
        (["topics", "create", "--file", "/nowhere.yaml"], "/nowhere.yaml cannot be read"),
    ],
)
def test_bad_input_gets_a_sentence(url_with_letter: str, words: list[str], said: str) -> None:
    result = run(url_with_letter, *words)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_log_that_was_never_made_says_how_to_make_it(events_url: str) -> None:
    result = run(events_url, "lag")
    assert result.exit_code == 1
    assert "topics create" in result.output


def test_a_log_that_does_not_answer_is_said_to_be_away() -> None:
    result = run("kafka://127.0.0.1:1", "lag")
    assert result.exit_code == 1
    assert "The event log does not answer" in result.output
