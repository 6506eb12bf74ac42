"""Fixtures of the journeys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog

from config import logging as log_setup
from tests.journey.canaries import Watched, Watching
from tests.journey.whole_line import WholeLine
from workers.boot import reporter

Opening = Callable[..., WholeLine]


@pytest.fixture
def open_line(sqlite_url: str) -> Iterator[Opening]:
    """Opens a line on a fresh store; closed at the end."""
    opened: list[WholeLine] = []

    def open_(**values: object) -> WholeLine:
        opened.append(WholeLine(sqlite_url, **values))  # type: ignore[arg-type]
        return opened[-1]

    yield open_
    for line in opened:
        line.close()


@pytest.fixture
def line(open_line: Opening) -> WholeLine:
    """A line whose payer answers and pays at once."""
    return open_line()


@pytest.fixture
def watching(open_line: Opening, caplog: pytest.LogCaptureFixture) -> Iterator[Watching]:
    """A line of which every row, every log line and every library's log line is kept."""
    caplog.set_level(logging.DEBUG)
    logs = StringIO()
    log_setup.configure("DEBUG", as_json=True, stream=logs)
    line = open_line(report=reporter())
    store = Watched(line.store)
    line.store = line.runtime.backend = store  # type: ignore[assignment]
    yield Watching(line, store, logs, caplog)
    structlog.reset_defaults()
