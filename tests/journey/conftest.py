"""Fixtures of the journeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.journey.whole_line import WholeLine

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
