"""A timer that somebody counts on and somebody else fires: one of the two must notice.

Found by simulation seed 899: a claim joined a batch whose timer had just been fired, and nobody
would have sent it.
"""

from __future__ import annotations

import pytest

from messages.submission import BatchDue
from services.adapters.store.work import UnitOfWork
from services.chart.ports import Conflict, Store
from services.chart.rows import MessageRow, TimerRow
from tests.fakes.clock import CountingIds, FakeClock

BATCH = BatchDue(payer_id="P", transaction="837P")


def a_unit(store: Store, ids: CountingIds, clock: FakeClock) -> UnitOfWork:
    work = UnitOfWork(store, clock, ids)
    work.begin(None, "test")
    return work


def test_counting_on_a_timer_that_is_fired_meanwhile_is_a_conflict(store: Store) -> None:
    ids, clock = CountingIds(), FakeClock()
    first = a_unit(store, ids, clock)
    first.remind(BATCH, clock.ms, "window")
    first.keep()
    first.commit()

    counts_on_it = a_unit(store, ids, clock)
    counts_on_it.remind(BATCH, clock.ms, "window")
    counts_on_it.keep()

    fires = a_unit(store, ids, clock)
    fires.fire(store.select(TimerRow, {})[0])
    fires.keep()
    fires.commit()

    with pytest.raises(Conflict):
        counts_on_it.commit()
    again = a_unit(store, ids, clock)
    again.remind(BATCH, clock.ms, "window")
    again.keep()
    again.commit()
    assert len(store.select(TimerRow, {})) == 1
    assert len(store.select(MessageRow, {})) == 1


def test_many_may_count_on_one_timer(store: Store) -> None:
    ids, clock = CountingIds(), FakeClock()
    for _ in range(3):
        work = a_unit(store, ids, clock)
        work.remind(BATCH, clock.ms, "window")
        work.remind(BATCH, clock.ms, "window")
        work.keep()
        work.commit()
    assert len(store.select(TimerRow, {})) == 1
