"""Timers: a fact whose time has come becomes a message that is due."""

from __future__ import annotations

from services.adapters.store.work import UnitOfWork
from services.chart.ports import Conflict
from services.chart.rows import TimerRow
from workers.runtime import Runtime

BATCH = 200


def fire_due(runtime: Runtime) -> int:
    """Fire the timers that are due; returns how many.

    Raises:
        Outage: the store does not answer.
    """
    timers = runtime.backend.due_timers(runtime.clock.now_ms(), BATCH)
    if not timers:
        return 0
    try:
        return _fire(runtime, timers)
    except Conflict:
        return sum(_fire_alone(runtime, timer) for timer in timers)


def _fire(runtime: Runtime, timers: list[TimerRow]) -> int:
    work = UnitOfWork(runtime.backend, runtime.clock, runtime.ids, runtime.cache)
    for timer in timers:
        work.begin(None, "timers")
        work.fire(timer)
        work.keep()
    work.commit()
    return len(timers)


def _fire_alone(runtime: Runtime, timer: TimerRow) -> int:
    """One timer; that somebody else fired or cancelled it is no matter."""
    if not runtime.backend.select(TimerRow, {"timer_id": timer.timer_id}):
        return 0
    try:
        return _fire(runtime, [timer])
    except Conflict:
        return 0
