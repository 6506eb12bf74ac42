"""Where a chart is, and the legal moves between places (design promise 2).

A chart is always in exactly one place. The place and the id of the row that holds it are columns
of the chart's row; `fsck` proves that the row exists and that no other row claims the chart.
"""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """The one place a chart is in."""

    DUE = "due"  # a message is due for a stage
    WAITING = "waiting"  # a timer is set
    QUERY = "query"  # a question to the provider is open
    DEAD_LETTER = "dead-letter"  # a person must look
    FINISHED = "finished"  # paid, cancelled or discarded


class Outcome(StrEnum):
    """How a chart finished."""

    PAID = "paid"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


MOVES: dict[Place | None, frozenset[Place]] = {
    None: frozenset({Place.DUE}),
    Place.DUE: frozenset(Place),
    Place.WAITING: frozenset({Place.DUE, Place.WAITING, Place.DEAD_LETTER, Place.FINISHED}),
    Place.QUERY: frozenset({Place.DUE, Place.DEAD_LETTER, Place.FINISHED}),
    Place.DEAD_LETTER: frozenset({Place.DUE, Place.FINISHED}),
    Place.FINISHED: frozenset({Place.DUE, Place.DEAD_LETTER}),
}


def assert_legal(before: Place | None, after: Place) -> None:
    """Only a bug can make an illegal move, so this asserts."""
    assert after in MOVES[before], f"a chart cannot move from {before} to {after}"
