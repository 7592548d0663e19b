"""Log lines carry ids and places, never values: no exception's text, no local variable."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from shared.log_lines import configure_if_nobody_did
from shared.telemetry import configure_logs, request_id

SECRET = "Jane Doe, diabetes"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    configure_if_nobody_did()


def fail() -> None:
    note = SECRET
    try:
        int(note)
    except ValueError as error:
        raise LookupError(f"no page for {note}") from error


def logged(capsys: pytest.CaptureFixture[str], level: str, form: str) -> str:
    configure_logs(level, form)
    try:
        fail()
    except LookupError:
        structlog.get_logger("test").exception("it failed", method="/Get")
        logging.getLogger("a.library").exception("it failed, too")
    return capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_exception_shows_its_types_and_places_and_no_value(capsys: pytest.CaptureFixture[str], form: str) -> None:
    lines = logged(capsys, "info", form)
    assert SECRET not in lines
    for expected in ("ValueError", "LookupError", "test_log_lines.py", "/Get", "it failed, too"):
        assert expected in lines


def test_at_debug_the_text_of_an_exception_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert f"no page for {SECRET}" in logged(capsys, "debug", "json")


def test_every_line_is_json_with_level_time_and_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    request_id.set("request-7")
    lines = [json.loads(line) for line in logged(capsys, "info", "json").splitlines()]
    assert [line["event"] for line in lines] == ["it failed", "it failed, too"]
    for line in lines:
        assert line["level"] == "error"
        assert line["request_id"] == "request-7"
        assert line["timestamp"].endswith("Z")


def test_before_a_process_sets_logs_up_values_are_safe_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fail()
    except LookupError:
        structlog.get_logger("test").exception("it failed")
    shown = capsys.readouterr().err
    assert "LookupError" in shown
    assert SECRET not in shown


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("warning", "json")
    structlog.get_logger("test").info("quiet")
    assert capsys.readouterr().err == ""
