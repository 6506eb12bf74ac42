"""The embedded line: starts where a dead one stopped, ends what it began, wakes by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from messages.assembly import ClaimAssembled
from messages.envelope import Fact
from messages.intake import MessageStored
from messages.path import Stage
from messages.submission import MailboxDue
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.work import UnitOfWork
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import MessageRow, RawRow, TimerRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.rows import a_row
from workers.embedded import INNER, OUTER, RUN_ON, EmbeddedLine
from workers.runtime import Runtime

StepFunction = Callable[[Any, Any, Any], Iterator[Fact]]
LONG_MS = 600_000


def nothing(_fact: Fact, _work: Any, _line: Any) -> Iterator[Fact]:
    return iter(())


class Bench:
    """An embedded line of one stage over a store in memory."""

    def __init__(self, intake: StepFunction = nothing, submission: StepFunction = nothing) -> None:
        self.store, self.clock, self.ids = MemoryBackend(), SystemClock(), SystemIds()
        self.done: list[str] = []
        self.line = EmbeddedLine(
            runtime=Runtime(
                backend=self.store,
                clock=self.clock,
                ids=self.ids,
                steps={Stage.INTAKE: intake, Stage.SUBMISSION: submission},
                line=None,
                random=Random(1),
                report=lambda _event, **values: self.done.append(values["subject"]),
            ),
            batch_size=10,
            lease_ms=LONG_MS,
            idle_wait_ms=20,
        )

    def due(self, *subjects: str, stage: Stage = Stage.INTAKE, **fields: Any) -> None:
        now = self.clock.now_ms()
        fact = MessageStored(raw_id="r") if stage is Stage.INTAKE else MailboxDue(mailbox="m")
        rows = [
            a_row(
                MessageRow,
                f"m_{subject}",
                **{
                    "subject": subject,
                    "stage": stage,
                    "kind": type(fact).__name__,
                    "body": fact.model_dump_json(),
                    "errors": "[]",
                    "due_ms": now,
                    "said_ms": now,
                    **fields,
                },
            )
            for subject in subjects
        ]
        self.store.apply(Changes(inserts=list(rows)))

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, "it did not come true in time"
            time.sleep(0.002)

    def until_done(self, *subjects: str) -> None:
        self.until(lambda: sorted(self.done) == sorted(subjects))


@pytest.fixture
def benches() -> Iterator[list[Bench]]:
    """Lines that are stopped whatever happens."""
    made: list[Bench] = []
    yield made
    for bench in made:
        bench.line.stop(5)


def test_every_stage_is_in_one_lane() -> None:
    assert set(Stage) == INNER | OUTER
    assert not INNER & OUTER


def test_what_is_due_is_done(benches: list[Bench]) -> None:
    bench = Bench()
    benches.append(bench)
    bench.due("r_1", "r_2")
    bench.line.start()
    bench.until_done("r_1", "r_2")
    bench.due("r_3")
    bench.until_done("r_1", "r_2", "r_3")
    bench.until(lambda: bench.line.tally == {"done": 3})
    assert bench.store.select(MessageRow, {}) == []


def test_what_a_dead_process_held_is_done_at_once_and_in_its_old_order(
    benches: list[Bench],
) -> None:
    bench = Bench()
    benches.append(bench)
    bench.line.batch_size = 1
    now = bench.clock.now_ms()
    bench.due("r_new", said_ms=now - 1)
    for number in (3, 1, 2):
        held: dict[str, Any] = {"sends": 1, "due_ms": now + LONG_MS, "said_ms": now - 100 + number}
        bench.due(f"r_{number}", **held)
    bench.line.start()
    bench.until(lambda: len(bench.done) == 4)
    assert bench.done == ["r_1", "r_2", "r_3", "r_new"]


def test_a_retry_that_waits_is_not_hurried_by_a_start(benches: list[Bench]) -> None:
    bench = Bench()
    benches.append(bench)
    bench.due("r_later", sends=0, attempts=2, due_ms=bench.clock.now_ms() + LONG_MS)
    bench.due("r_1")
    bench.line.start()
    bench.until_done("r_1")


def test_a_timer_fires_while_the_line_runs(benches: list[Bench]) -> None:
    bench = Bench()
    benches.append(bench)
    work = UnitOfWork(bench.store, bench.clock, bench.ids)
    work.begin(None, "test")
    work.remind(MailboxDue(mailbox="m"), bench.clock.now_ms() + 30, "mail")
    work.keep()
    work.commit()
    bench.line.start()
    bench.until_done("mailbox:m")
    assert bench.store.select(TimerRow, {}) == []


def test_a_slow_payer_does_not_hold_up_the_charts(benches: list[Bench]) -> None:
    answers = threading.Event()

    def slow(_fact: Fact, _work: Any, _line: Any) -> Iterator[Fact]:
        answers.wait(10)
        return iter(())

    bench = Bench(submission=slow)
    benches.append(bench)
    bench.due("mailbox:m", stage=Stage.SUBMISSION)
    bench.line.start()
    bench.due("r_1")
    bench.until_done("r_1")
    answers.set()
    bench.until_done("mailbox:m", "r_1")


def test_stopping_ends_what_was_begun_and_begins_nothing() -> None:
    begun, ends = threading.Event(), threading.Event()

    def slow(fact: MessageStored, work: Any, _line: Any) -> Iterator[Fact]:
        begun.set()
        ends.wait(10)
        work.put(a_row(RawRow, "r_proof"))
        return iter(())

    bench = Bench(intake=slow)
    bench.line.batch_size = 1
    bench.due("r_1", "r_2")
    bench.line.start()
    assert begun.wait(10)
    stopped: list[bool] = []
    stopper = threading.Thread(target=lambda: stopped.append(bench.line.stop(10)))
    stopper.start()
    time.sleep(0.05)
    ends.set()
    stopper.join(10)
    assert stopped == [True]
    assert bench.done == ["r_1"]
    assert [row.raw_id for row in bench.store.select(RawRow, {})] == ["r_proof"]
    assert [row.subject for row in bench.store.select(MessageRow, {})] == ["r_2"]


def test_a_stage_that_does_not_end_in_time_is_said_and_what_it_held_is_kept() -> None:
    begun, ends = threading.Event(), threading.Event()

    def stuck(_fact: Fact, _work: Any, _line: Any) -> Iterator[Fact]:
        begun.set()
        ends.wait(10)
        return iter(())

    bench = Bench(intake=stuck)
    bench.due("r_1")
    bench.line.start()
    assert begun.wait(10)
    began = time.monotonic()
    assert not bench.line.stop(0.1)
    assert time.monotonic() - began < 2
    assert [row.subject for row in bench.store.select(MessageRow, {})] == ["r_1"]
    ends.set()
    assert bench.line.stop(10)


def test_an_outage_of_the_store_is_waited_out(benches: list[Bench]) -> None:
    bench = Bench()
    benches.append(bench)
    outages = [Outage("The store does not answer.")] * 3

    def down(_changes: object) -> None:
        if outages:
            raise outages.pop()

    bench.store.before_lease = down
    bench.due("r_1")
    bench.line.start()
    bench.until_done("r_1")
    assert outages == []


def test_an_outage_while_timers_are_read_is_waited_out(benches: list[Bench]) -> None:
    class Away(MemoryBackend):
        outages = 2

        def due_timers(self, now_ms: int, limit: int) -> list[TimerRow]:
            if self.outages:
                self.outages -= 1
                raise Outage("The store does not answer.")
            return super().due_timers(now_ms, limit)

    bench = Bench()
    benches.append(bench)
    away = Away()
    bench.store = bench.line.runtime.backend = away
    bench.line.start()
    bench.until(lambda: away.outages == 0)
    bench.due("r_1")
    bench.until_done("r_1")


def test_a_stage_of_the_outer_lane_is_not_run_by_the_inner_one() -> None:
    bench = Bench()
    bench.due("mailbox:m", stage=Stage.SUBMISSION)
    assert bench.line.turn(INNER) == 0
    assert bench.line.turn(OUTER) == 1
    assert bench.line.tally == {"done": 1}


def test_what_may_run_on_in_one_commit_is_never_a_file_to_be_sent() -> None:
    assert "BatchBuilt" not in RUN_ON
    assert ClaimAssembled.__name__ in RUN_ON
