"""A stage worker that drains ends what it has taken: a message that is acked is done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from dramatiq.brokers.stub import StubBroker

from messages.envelope import Fact
from messages.path import Stage
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import JournalRow, MessageRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.broker import ACTOR
from workers.distributed import declare_actor
from workers.door import Delivery, accept
from workers.runtime import Runtime


def intake(fact: Any, work: Any, _line: Any) -> Iterator[Fact]:
    work.note(fact.raw_id, "read")
    return iter(())


class Bench:
    """The actor of one stage over a store in memory."""

    def __init__(self) -> None:
        self.store, self.stop = MemoryBackend(), threading.Event()
        clock, ids = FakeClock(), CountingIds()
        self.said: list[str] = []
        runtime = Runtime(
            backend=self.store,
            clock=clock,
            ids=ids,
            steps={Stage.INTAKE: intake},
            line=None,
            random=Random(1),
            report=lambda event, **_: self.said.append(event),
        )
        broker: Any = StubBroker(middleware=[])
        declare_actor(broker, Stage.INTAKE, runtime, self.stop)
        accept(self.store, clock, ids, [Delivery(b"x")])
        now = clock.now_ms()
        self.ids = [row.message_id for row in self.store.lease([Stage.INTAKE], now, now + 9, 9)]
        self.run: Callable[[list[str]], None] = broker.get_actor(f"{ACTOR}_intake").fn

    def read(self) -> int:
        return len(self.store.select(JournalRow, {"what": "read"}))


def test_what_was_taken_when_the_end_was_asked_for_is_still_done() -> None:
    bench = Bench()
    bench.stop.set()
    bench.run(bench.ids)
    assert bench.read() == 1
    assert bench.store.select(MessageRow, {}) == []


def test_an_outage_of_the_store_is_waited_out() -> None:
    bench = Bench()
    outages = [Outage("The store does not answer.")]

    def down(_changes: Changes) -> None:
        if outages:
            raise outages.pop()

    bench.store.before_apply = down
    bench.run(bench.ids)
    assert bench.read() == 1
    assert "store.outage" in bench.said


def test_an_outage_does_not_hold_up_the_end_and_loses_nothing() -> None:
    bench = Bench()
    bench.stop.set()

    def down(_changes: Changes) -> None:
        raise Outage("The store does not answer.")

    bench.store.before_apply = down
    bench.run(bench.ids)
    assert [row.message_id for row in bench.store.select(MessageRow, {})] == bench.ids
    assert bench.said[-1] == "store.outage"
