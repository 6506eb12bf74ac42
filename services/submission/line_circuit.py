"""The circuit of a clearinghouse within a unit of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from services.chart.failures import Transient
from services.chart.ports import Work
from services.chart.rows import CircuitRow
from services.submission.circuit import Circuit, CircuitState, closed

T = TypeVar("T")


def circuit_of(work: Work, mailbox: str) -> Circuit:
    """The circuit to this mailbox as the store has it."""
    name = f"clearinghouse:{mailbox}"
    rows = work.find(CircuitRow, name=name)
    return Circuit(rows[0] if rows else closed(name))


def is_open(work: Work, mailbox: str) -> bool:
    """Whether nobody may call now."""
    return circuit_of(work, mailbox).state(work.clock.now_ms()) is CircuitState.OPEN


def call(work: Work, mailbox: str, outside: Callable[[], T]) -> T | Transient:
    """Call the outside once and count how it went; a transient failure is returned, not raised.

    Raising would take the count back with everything else that this unit of work has written.
    """
    circuit = circuit_of(work, mailbox)
    try:
        answer = outside()
    except Transient as failure:
        work.put(circuit.failed(work.clock.now_ms()))
        return failure
    if circuit.row.failures:
        work.put(circuit.succeeded())
    return answer
