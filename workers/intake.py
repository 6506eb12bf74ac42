"""Intake: takes MessageStored; gives ChartReceived, ChartChanged, ChartCancelled, acks, 835s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from messages.envelope import Fact
from messages.intake import MessageStored
from services.chart.ports import Work
from services.intake.filing import file_raw

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:  # noqa: ARG001 - the stage's shape
    """File the stored message; what cannot be filed becomes a dead letter with its bytes kept.

    Raises:
        Rejected: see `services.intake.failures`.
    """
    if not isinstance(fact, MessageStored):
        raise TypeError(f"intake does not take {type(fact).__name__}")
    yield from file_raw(work.raw(fact.raw_id), work)
