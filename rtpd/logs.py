"""Logs: one JSON object a line on standard output, which `rtpd up` leads into files in the home."""

import logging.config
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from rtpd.settings import LogLevel

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
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.add_logger_name],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
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
        processors=[*_SHARED, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Output(output or sys.stdout))),
        cache_logger_on_first_use=True,
    )
