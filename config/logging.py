"""Logging: events with values, as JSON lines on standard error. Never chart text or a name."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import orjson
import structlog

LEVELS = logging.getLevelNamesMapping()


def configure(level: str, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Set structlog up for this process. Called at boot, never on import."""
    out = stream or sys.stderr
    renderer = (
        structlog.processors.JSONRenderer(
            serializer=lambda value, **_: orjson.dumps(value).decode()
        )
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=True,
    )
    _quiet_libraries(level)


def _quiet_libraries(level: str) -> None:
    """Foreign logs go to standard error from WARNING up, as one line, without tracebacks."""
    logging.basicConfig(level=max(LEVELS[level.upper()], logging.WARNING), format="%(message)s")
    for name in ("pika", "dramatiq", "pyx12"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
