"""What the broker gave up on: read again alone, or kept as a dead letter, bytes and all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import orjson
import pytest

from messages.completeness import ChartComplete
from messages.intake import ChartReceived
from messages.path import Stage
from services.adapters.store.fsck import fsck
from services.adapters.store.work import UnitOfWork
from services.chart.model import Chart, Patient
from services.chart.places import Place
from services.chart.ports import Changes
from services.chart.rows import ChartRow, DeadLetterRow, JournalRow, MessageRow, RawRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.broker import hand_over, queue_of
from workers.rejected import RejectedQueues
from workers.runtime import Runtime

NOBODY = "amqp://guest:guest@127.0.0.1:1/%2F"


class Bench:
    """Rejected queues over a store in memory with charts that are due."""

    def __init__(self, *charts: str) -> None:
        self.store, self.clock, self.ids = MemoryBackend(), FakeClock(), CountingIds()
        self.said: list[str] = []
        runtime = Runtime(
            backend=self.store,
            clock=self.clock,
            ids=self.ids,
            steps={},
            line=None,
            random=Random(1),
            report=lambda event, **_: self.said.append(event),
        )
        self.rejected = RejectedQueues(runtime, NOBODY)
        work = UnitOfWork(self.store, self.clock, self.ids)
        work.begin(None, "test")
        for chart_id in charts:
            work.add_chart(
                Chart(chart_id=chart_id, facility="F", account=chart_id, patient=Patient(mrn="1"))
            )
            work.say(ChartReceived(chart_id=chart_id))
        work.keep()
        work.commit()

    def rows(self) -> list[MessageRow]:
        return self.store.select(MessageRow, {}, order_by="message_id")

    def take(self, *message_ids: str) -> None:
        body = hand_over(Stage.COMPLETENESS, list(message_ids)).encode()
        self.rejected.take(Stage.COMPLETENESS, body)

    def letters(self) -> list[DeadLetterRow]:
        return self.store.select(DeadLetterRow, {})


def test_facts_that_came_together_are_due_again_each_alone() -> None:
    bench = Bench("c_1", "c_2")
    bench.store.lease([Stage.COMPLETENESS], bench.clock.ms, bench.clock.ms + 9_999, 10)
    bench.take(*[row.message_id for row in bench.rows()])
    often = bench.rejected.runtime.rule.sends_alone + 1
    assert {(row.due_ms, row.sends) for row in bench.rows()} == {(bench.clock.ms, often)}
    assert bench.letters() == []


def test_a_fact_that_came_alone_is_poison_and_its_chart_a_dead_letter() -> None:
    bench = Bench("c_1")
    (row,) = bench.rows()
    bench.take(row.message_id)
    (letter,) = bench.letters()
    assert (letter.code, letter.subject, letter.stage) == ("engine.poison", "c_1", "completeness")
    assert (letter.kind, letter.body) == (row.kind, row.body)
    assert bench.store.select(ChartRow, {})[0].place == Place.DEAD_LETTER
    assert bench.store.select(JournalRow, {"what": "chart.stopped"})[0].who == "rejected"
    assert bench.rows() == []
    assert fsck(bench.store).clean


def test_what_is_done_meanwhile_is_not_stopped() -> None:
    bench = Bench("c_1")
    (row,) = bench.rows()
    bench.store.apply(Changes(deletes=[row]))
    bench.take(row.message_id)
    assert bench.letters() == []


def test_the_one_that_is_left_of_several_is_poison() -> None:
    bench = Bench("c_1", "c_2")
    one, other = bench.rows()
    bench.store.apply(Changes(deletes=[one]))
    bench.take(one.message_id, other.message_id)
    assert [letter.subject for letter in bench.letters()] == ["c_2"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\x00",
        b"{}",
        b"[]",
        b"7",
        b'{"kwargs": null}',
        b'{"kwargs": {"message_ids": "m_1"}}',
        b'{"kwargs": {"message_ids": [1]}}',
    ],
)
def test_a_message_that_is_none_of_ours_is_kept_byte_for_byte_once(body: bytes) -> None:
    bench = Bench()
    for _ in range(2):
        bench.rejected.take(Stage.CODING, body)
    (raw,) = bench.store.select(RawRow, {})
    assert (raw.content, raw.feed, raw.state) == (body, f"queue:{queue_of('coding')}", "stopped")
    (letter,) = bench.letters()
    assert (letter.code, letter.subject, letter.kind) == (
        "engine.poison",
        raw.raw_id,
        "MessageStored",
    )
    assert orjson.loads(letter.body) == {"raw_id": raw.raw_id}
    assert fsck(bench.store).clean


def others_act(bench: Bench, act: Callable[[], None]) -> None:
    """Somebody else acts between what is read and what is committed."""

    def once(_changes: Changes) -> None:
        bench.store.before_apply = lambda _changes: None
        act()

    bench.store.before_apply = once


def moved(bench: Bench, chart_id: str) -> None:
    work = UnitOfWork(bench.store, bench.clock, bench.ids)
    work.begin(None, "other")
    work.say(ChartComplete(chart_id=chart_id))
    work.keep()
    work.commit()


def test_a_chart_that_went_on_in_the_same_moment_is_not_stopped() -> None:
    bench = Bench("c_1")
    others_act(bench, lambda: moved(bench, "c_1"))
    bench.take(bench.rows()[0].message_id)
    assert bench.letters() == []
    assert fsck(bench.store).clean


def test_a_fact_that_was_done_in_the_same_moment_holds_up_none_of_the_others() -> None:
    bench = Bench("c_1", "c_2")
    others_act(bench, lambda: moved(bench, "c_1"))
    bench.take(*[row.message_id for row in bench.rows()])
    often = bench.rejected.runtime.rule.sends_alone + 1
    assert {row.subject: row.sends for row in bench.rows()} == {"c_1": 0, "c_2": often}


def test_foreign_bytes_that_another_keeps_in_the_same_moment_are_kept_once() -> None:
    bench = Bench()
    others_act(bench, lambda: bench.rejected.take(Stage.CODING, b"{}"))
    bench.rejected.take(Stage.CODING, b"{}")
    assert len(bench.store.select(RawRow, {})) == len(bench.letters()) == 1


def test_a_broker_that_is_down_is_waited_for() -> None:
    bench = Bench()
    stop = threading.Event()
    report = bench.rejected.runtime.report

    def stop_when_said(event: str, **values: object) -> None:
        report(event, **values)
        stop.set()

    bench.rejected.runtime.report = stop_when_said
    bench.rejected.run(stop)
    assert bench.said == ["rejected.outage"]
