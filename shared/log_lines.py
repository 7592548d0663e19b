"""How log lines are made, ours and those of libraries. An exception shows its type and its place in the code.

Its text stays out below debug: drivers and validators quote the values that they refuse, and those may be a patient's.
"""

import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

DEEPEST = 40
"""Frames of one traceback that are kept, the innermost ones."""


def configure(level: str, form: str, *extra: Processor) -> None:
    """Write lines of at least `level` to standard error, as "json" or for a "console"."""
    least = logging.getLevelNamesMapping()[level.upper()]
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=_terminal())
    )
    processors = _processors(least, extra)
    _configure_ours(least, [*processors, renderer])
    _configure_libraries(least, processors, renderer)


def configure_if_nobody_did(*extra: Processor) -> None:
    """Make lines safe before a process sets them up: structlog's own default shows the values of variables."""
    if not structlog.is_configured():
        renderer = structlog.dev.ConsoleRenderer(colors=_terminal())
        _configure_ours(logging.INFO, [*_processors(logging.INFO, extra), renderer])


def _processors(least: int, extra: Sequence[Processor]) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        *extra,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        Exceptions(with_text=least <= logging.DEBUG),
    ]


def _configure_ours(least: int, processors: list[Processor]) -> None:
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _configure_libraries(least: int, processors: list[Processor], renderer: Processor) -> None:
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *processors],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(level=max(least, logging.WARNING), handlers=[handler], force=True)


class Exceptions:
    """Turns `exc_info` of a line into types and places, from the first cause to what was raised last."""

    def __init__(self, *, with_text: bool) -> None:
        """Take whether the texts of exceptions are shown too."""
        self._with_text = with_text

    def __call__(self, _logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
        """Replace `exc_info` by `exception`."""
        error = _error(line.pop("exc_info", None))
        if error is not None:
            line["exception"] = " | ".join(self._told(one) for one in reversed(list(_chain(error))))
        return line

    def _told(self, error: BaseException) -> str:
        name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
        text = f": {error}" if self._with_text else ""
        return f"{name}{text} at {' > '.join(_places(error.__traceback__))}"


def _error(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-DEEPEST:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames] or ["no known place"]


def _terminal() -> bool:
    return sys.stderr.isatty()
