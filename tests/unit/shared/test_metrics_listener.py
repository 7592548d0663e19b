"""Operators ask over HTTP whether a process lives, is ready, and how much it does."""

import asyncio
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator

import pytest

import shared.rpc.metrics  # noqa: F401 - declares what is asked for
from shared.errors import CannotStart
from shared.metrics_listener import MetricsListener
from shared.service import Service


@pytest.fixture
def service() -> Service:
    return Service("catalog", [])


class NeverStarts:
    """A part whose start takes as long as the test."""

    name = "slow"

    async def start(self) -> None:
        await asyncio.Event().wait()

    async def drain(self, grace: float) -> None:
        """Do nothing."""


@pytest.fixture
async def listener(service: Service) -> AsyncIterator[MetricsListener]:
    listening = MetricsListener("127.0.0.1:0", [service])
    await listening.start()
    yield listening
    await listening.drain(0)


def get(listener: MetricsListener, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{listener.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


async def test_a_process_that_lives_says_so(listener: MetricsListener) -> None:
    assert await asyncio.to_thread(get, listener, "/healthz") == (200, "alive\n")


async def test_a_blocked_event_loop_is_not_healthy(listener: MetricsListener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.metrics_listener.LOOP_ANSWERS_WITHIN_SECONDS", 0.05)
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(get(listener, "/healthz")))
    asking.start()
    asking.join()  # blocks the event loop, as a long computation would
    assert answers == [(503, "the event loop does not answer\n")]


async def test_readiness_follows_the_services(listener: MetricsListener, service: Service) -> None:
    assert await asyncio.to_thread(get, listener, "/readyz") == (200, "ready\n")


async def test_a_service_that_still_starts_is_named() -> None:
    listening = MetricsListener("127.0.0.1:0", [Service("metering", [NeverStarts()])])
    await listening.start()
    try:
        assert await asyncio.to_thread(get, listening, "/readyz") == (503, "not ready: metering\n")
    finally:
        await listening.drain(0)


async def test_metrics_are_in_prometheus_form(listener: MetricsListener) -> None:
    status, text = await asyncio.to_thread(get, listener, "/metrics")
    assert status == 200
    assert "# TYPE rpc_calls_total counter" in text


async def test_another_path_names_those_there_are(listener: MetricsListener) -> None:
    status, text = await asyncio.to_thread(get, listener, "/")
    assert status == 404
    assert "/readyz" in text


async def test_a_taken_address_is_said_in_a_sentence(listener: MetricsListener) -> None:
    with pytest.raises(CannotStart, match="Another process listens"):
        await MetricsListener(f"127.0.0.1:{listener.port}", []).start()


class Tells(NeverStarts):
    """A part that tells how it stands."""

    name = "index"

    def told(self) -> str:
        """So."""
        return "being built, 3 of 4 entries"


async def test_readiness_tells_how_parts_stand_that_say_so() -> None:
    listening = MetricsListener("127.0.0.1:0", [Service("search", [Tells()])])
    await listening.start()
    try:
        status, text = await asyncio.to_thread(get, listening, "/readyz")
        assert (status, text) == (503, "not ready: search\nsearch index: being built, 3 of 4 entries\n")
    finally:
        await listening.drain(0)
