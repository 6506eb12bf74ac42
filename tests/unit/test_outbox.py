"""The relay from the store to the broker: nothing is lost between them, nobody is flooded."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from dramatiq.errors import ConnectionClosed

from messages.path import Stage
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import MessageRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import FakeClock
from tests.fakes.rows import a_row
from workers.broker import QuorumBroker, queue_of
from workers.outbox import Outbox

LEASE_MS = 60_000


class ToyBroker:
    """Confirms what it gets; from the `breaks_at`th message on it does not answer."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.breaks_at = breaks_at
        self.got: list[tuple[str, list[str]]] = []

    def enqueue(self, message: Any) -> Any:
        if self.breaks_at is not None and len(self.got) >= self.breaks_at:
            raise ConnectionClosed(Exception("simulated"))  # type: ignore[no-untyped-call]
        self.got.append((message.queue_name, message.kwargs["message_ids"]))
        return message


class Bench:
    """An outbox between a store in memory and a toy broker."""

    def __init__(self, **options: Any) -> None:
        self.clock, self.store, self.broker = FakeClock(), MemoryBackend(), ToyBroker()
        self.said: list[str] = []
        broker: QuorumBroker = self.broker  # type: ignore[assignment]
        values: dict[str, Any] = {"batch_size": 10, "ahead": 2, "gather_ms": 0, "idle_wait_ms": 1}
        self.outbox = Outbox(
            store=self.store,
            broker=broker,
            clock=self.clock,
            report=lambda event, **_: self.said.append(event),
            lease_ms=LEASE_MS,
            **{**values, **options},
        )

    def due(self, count: int, stage: Stage = Stage.CODING, **fields: Any) -> list[str]:
        """So many messages that are due for a stage."""
        first = len(self.rows())
        rows = [
            a_row(MessageRow, f"m_{first + n:04d}", stage=stage, due_ms=self.clock.ms, **fields)
            for n in range(count)
        ]
        self.store.apply(Changes(inserts=list(rows)))
        return [row.message_id for row in rows]

    def rows(self) -> list[MessageRow]:
        return self.store.select(MessageRow, {}, order_by="message_id")


def test_what_is_due_goes_to_the_queue_of_its_stage_many_in_one_message() -> None:
    bench = Bench()
    coding, query = bench.due(3), bench.due(2, Stage.QUERY)
    assert bench.outbox.turn() == 5
    assert dict(bench.broker.got) == {
        queue_of(Stage.CODING): coding,
        queue_of(Stage.QUERY): query,
    }


def test_what_was_handed_over_is_leased_and_not_handed_over_again() -> None:
    bench = Bench()
    bench.due(3)
    bench.outbox.turn()
    assert {(row.due_ms, row.sends) for row in bench.rows()} == {(bench.clock.ms + LEASE_MS, 1)}
    assert bench.outbox.turn() == 0


def test_what_the_broker_lost_goes_again_when_its_lease_ends() -> None:
    bench = Bench()
    ids = bench.due(3)
    bench.outbox.turn()
    bench.clock.ms += LEASE_MS
    assert bench.outbox.turn() == 3
    assert [sent for _, sent in bench.broker.got] == [ids, ids]


def test_what_was_not_confirmed_is_due_again_at_once_and_the_send_is_not_counted() -> None:
    bench = Bench()
    stages = [Stage.CODING, Stage.QUERY, Stage.INTAKE]
    for stage in stages:
        bench.due(2, stage)
    bench.broker.breaks_at = 1
    with pytest.raises(ConnectionClosed):
        bench.outbox.turn()
    ((_, confirmed),) = bench.broker.got
    for row in bench.rows():
        leased = (bench.clock.ms + LEASE_MS, 1)
        expected = leased if row.message_id in confirmed else (bench.clock.ms, 0)
        assert (row.due_ms, row.sends) == expected


def test_a_message_to_the_broker_is_bounded_and_the_oldest_goes_first() -> None:
    bench = Bench(batch_size=4)
    ids = bench.due(6)
    bench.outbox.turn()
    assert bench.broker.got == [(queue_of(Stage.CODING), part) for part in (ids[:4], ids[4:])]


def test_a_turn_takes_as_much_as_all_stages_could_take_and_no_more() -> None:
    bench = Bench(batch_size=1)
    ids = bench.due(len(Stage) + 3)
    assert bench.outbox.turn() == len(Stage)
    assert [sent for _, sent in bench.broker.got] == [[one] for one in ids[: len(Stage)]]


def test_a_stage_that_has_enough_before_it_is_left_alone() -> None:
    bench = Bench(batch_size=1, ahead=2)
    bench.due(3 * len(Stage))
    for expected in (len(Stage), len(Stage), 0):
        assert bench.outbox.turn() == expected
        bench.clock.ms += 1
    bench.due(1, Stage.QUERY)
    assert bench.outbox.turn() == 1, "another stage is not held up"
    leased = [row for row in bench.rows() if row.sends and row.stage == Stage.CODING]
    first = [row for row in leased if row.due_ms == leased[0].due_ms]
    bench.store.apply(Changes(deletes=list(first)))  # a worker has done what came with one lease
    assert bench.outbox.turn() > 0


def test_when_every_stage_has_enough_nothing_is_leased() -> None:
    bench = Bench(ahead=0)
    bench.due(3)
    assert bench.outbox.turn() == 0
    assert all(row.sends == 0 for row in bench.rows())


def test_a_fact_that_was_sent_often_goes_alone_for_it_may_be_poison() -> None:
    bench = Bench(sends_alone=3)
    good = bench.due(2)
    (bad,) = bench.due(1, sends=3)
    bench.outbox.turn()
    assert sorted(ids for _, ids in bench.broker.got) == sorted([[bad], good])


def test_a_fact_that_was_sent_as_often_as_allowed_still_goes_with_others() -> None:
    bench = Bench(sends_alone=3)
    ids = bench.due(2, sends=2)
    bench.outbox.turn()
    assert bench.broker.got == [(queue_of(Stage.CODING), ids)]


def run_until(bench: Bench, outage: Any, name: str) -> list[str]:
    """Run the relay until it has reported the outage; what it reported."""
    stop = threading.Event()
    report = bench.outbox.report

    def stop_when_said(event: str, **values: Any) -> None:
        report(event, **values)
        stop.set()

    bench.outbox.report = stop_when_said
    setattr(bench.store, name, outage)
    bench.outbox.run(stop)
    return bench.said


def test_an_outage_of_the_store_is_waited_out() -> None:
    def down(_changes: object) -> None:
        raise Outage("The store does not answer.")

    bench = Bench()
    bench.due(1)
    assert run_until(bench, down, "before_lease") == ["outbox.store-outage"]


def test_an_outage_of_the_broker_is_waited_out() -> None:
    bench = Bench()
    bench.due(1)
    bench.broker.breaks_at = 0
    said = run_until(bench, bench.store.after_lease, "after_lease")
    assert said == ["outbox.broker-outage"]
    assert [row.sends for row in bench.rows()] == [0]


def test_the_relay_goes_on_until_it_is_told_to_stop() -> None:
    bench = Bench(gather_ms=1, idle_wait_ms=5)
    stop = threading.Event()
    relay = threading.Thread(target=bench.outbox.run, args=(stop,))
    relay.start()
    ids = bench.due(1) + bench.due(1)
    for _ in range(1_000):
        if sum(len(sent) for _, sent in bench.broker.got) == len(ids):
            break
        stop.wait(0.005)
    stop.set()
    relay.join(5)
    assert not relay.is_alive()
    assert sorted(one for _, sent in bench.broker.got for one in sent) == ids


def test_two_relays_hand_over_everything_once() -> None:
    bench = Bench(batch_size=3)
    ids = bench.due(12)
    other = replace(bench.outbox, ahead=9)
    bench.outbox.ahead = 9
    while bench.outbox.turn() + other.turn():
        bench.clock.ms += 1
    assert sorted(one for _, sent in bench.broker.got for one in sent) == ids
