"""Logs: one JSON object a line on standard output, which `rtpd up` leads into files in the home.

An error is logged as its kind and the places that it went through: its text, and what variables held, may be somebody's
name or number plate.
"""

import logging.config
import sys
import traceback
from contextlib import suppress
from types import TracebackType
from typing import Any, TextIO, cast

import structlog

from rtpd.settings import LogLevel


def _places(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """Gives an error, and those that led to it, as kinds and places."""
    error: BaseException | None = exc_info[1]
    told: list[str] = []
    while error is not None:
        places = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
        told.append(" < ".join([type(error).__qualname__, *reversed(places)]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(told)


def _first_line(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Cuts what asyncio says of a task after its first line: the rest shows the error and its text."""
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event


_ERRORS = structlog.processors.ExceptionRenderer(_places)
_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


class _Output:
    """Where lines go. One that cannot be written, as on a full disk, is dropped: the work goes on without it."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._output.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._output.flush()


def configuration(level: LogLevel, output: TextIO | str = "ext://sys.stdout") -> dict[str, Any]:
    """Gives the configuration of the standard `logging`, as `dictConfig` and Granian take it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.add_logger_name, _first_line],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _ERRORS,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": output, "formatter": "json"}},
        "root": {"handlers": ["out"], "level": level.upper()},
        "loggers": {
            # A line for each job, several a second: the drains log what matters themselves.
            "arq": {"level": "WARNING"},
            # Addresses with number plates in them.
            "httpx": {"level": "WARNING"},
            "_granian": {"level": level.upper()},
        },
    }


def configure_logs(level: LogLevel, output: TextIO | None = None) -> None:
    """Sets up `logging` and `structlog` for this process, at `level` and above, into `output` or stdout."""
    logging.config.dictConfig(configuration(level, output or sys.stdout))
    structlog.configure(
        processors=[*_SHARED, _ERRORS, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Output(output or sys.stdout))),
        cache_logger_on_first_use=True,
    )
