"""The loop that runs the work: one commit, isolated members, one retry rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.intake import ChartReceived, MessageStored
from messages.path import Stage
from services.adapters.store.fsck import fsck
from services.chart.failures import Outage, Owner, Rejected, Transient
from services.chart.model import Chart, Name, Patient
from services.chart.places import Outcome, Place
from services.chart.ports import Changes, Conflict
from services.chart.rows import ChartRow, DeadLetterRow, JournalRow, MessageRow, RawRow, TimerRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.door import Delivery, accept
from workers.embedded import RUN_ON
from workers.runtime import RetryRule, Runtime
from workers.timers import fire_due

StepFunction = Callable[[Any, Any, Any], Iterator[Fact]]


class Illegible(Rejected):
    code = "test.illegible"
    owner = Owner.CODER
    fix = "Read it aloud."


class Busy(Transient):
    code = "test.busy"
    fix = "Wait."


def intake(fact: MessageStored, work: Any, _line: Any) -> Iterator[Fact]:
    raw = work.raw(fact.raw_id)
    patient = Patient(mrn="1", name=Name(family="CANARY"))
    chart = Chart(
        chart_id=work.ids.new("c"), facility="F", account=raw.content.decode(), patient=patient
    )
    work.add_chart(chart)
    work.put(replace(raw, state="filed", chart_id=chart.chart_id))
    yield ChartReceived(chart_id=chart.chart_id)


def completeness(fact: ChartReceived, _work: Any, _line: Any) -> Iterator[Fact]:
    yield ChartComplete(chart_id=fact.chart_id)


def coding(fact: ChartComplete, _work: Any, _line: Any) -> Iterator[Fact]:
    yield CodesAssigned(chart_id=fact.chart_id)


def assembly(fact: CodesAssigned, work: Any, _line: Any) -> Iterator[Fact]:
    work.finish(fact.chart_id, Outcome.PAID)
    return iter(())


class Bench:
    """A line of tiny stages over the store in memory."""

    def __init__(self, **steps: StepFunction) -> None:
        self.clock, self.ids, self.store = FakeClock(), CountingIds(), MemoryBackend()
        self.ended: list[str] = []
        self.runtime = Runtime(
            backend=self.store,
            clock=self.clock,
            ids=self.ids,
            steps={
                Stage.INTAKE: intake,
                Stage.COMPLETENESS: completeness,
                Stage.CODING: coding,
                Stage.ASSEMBLY: assembly,
                **steps,
            },
            line=None,
            random=Random(1),
            report=lambda _event, **values: self.ended.append(values["ended"]),
        )

    def send(self, *accounts: str) -> list[str]:
        deliveries = [Delivery(account.encode()) for account in accounts]
        return [r.raw_id for r in accept(self.store, self.clock, self.ids, deliveries)]

    def lease(self) -> list[MessageRow]:
        now = self.clock.now_ms()
        return self.store.lease(list(Stage), now, now + 60_000, 100)

    def turn(self) -> None:
        rows = self.lease()
        if rows:
            self.runtime.run(rows)

    def until_quiet(self) -> None:
        while rows := self.lease():
            self.runtime.run(rows)

    def charts(self) -> dict[str, ChartRow]:
        return {row.account: row for row in self.store.select(ChartRow, {})}

    def letters(self) -> list[DeadLetterRow]:
        return self.store.select(DeadLetterRow, {})


def refuse(account: str, error: Callable[[], Exception]) -> StepFunction:
    """A coding stage that fails on one account."""

    def step(fact: ChartComplete, work: Any, _line: Any) -> Iterator[Fact]:
        work.note(fact.chart_id, "half-done")
        if work.chart(fact.chart_id).account == account:
            raise error()
        yield CodesAssigned(chart_id=fact.chart_id)

    return step


@pytest.mark.parametrize("ahead", [frozenset(), RUN_ON], ids=["hop by hop", "run on"])
def test_a_batch_of_charts_goes_through(ahead: frozenset[str]) -> None:
    bench = Bench()
    bench.runtime.ahead = ahead
    bench.send("a", "b", "c")
    bench.until_quiet()
    assert {row.outcome for row in bench.charts().values()} == {"paid"}
    assert bench.store.select(MessageRow, {}) == []
    assert fsck(bench.store).clean


def test_stages_that_run_on_share_one_commit() -> None:
    bench = Bench()
    bench.runtime.ahead = RUN_ON
    bench.send("a", "b")
    commits: list[Changes] = []
    bench.store.after_apply = commits.append
    bench.turn()
    assert len(commits) == 1
    assert {row.outcome for row in bench.charts().values()} == {"paid"}


@pytest.mark.parametrize("ahead", [frozenset(), RUN_ON], ids=["hop by hop", "run on"])
def test_a_member_that_fails_takes_nothing_down_with_it(ahead: frozenset[str]) -> None:
    bench = Bench(coding=refuse("b", lambda: Illegible("Page 2 cannot be read.", where="page 2")))
    bench.runtime.ahead = ahead
    bench.send("a", "b", "c")
    bench.until_quiet()
    charts = bench.charts()
    assert [charts[a].place for a in "abc"] == [Place.FINISHED, Place.DEAD_LETTER, Place.FINISHED]
    (letter,) = bench.letters()
    assert (letter.stage, letter.code, letter.owner) == ("coding", "test.illegible", "coder")
    assert (letter.sentence, letter.location) == ("Page 2 cannot be read.", "page 2")
    assert (letter.fix, letter.state) == ("Read it aloud.", "open")
    assert orjson.loads(letter.attempts)[0]["kind"] == "rejected"
    assert fsck(bench.store).clean


def test_what_a_failed_stage_wrote_never_was() -> None:
    bench = Bench(coding=refuse("a", lambda: Illegible("No.")))
    bench.send("a")
    bench.until_quiet()
    assert "half-done" not in {entry.what for entry in bench.store.select(JournalRow, {})}


def test_a_transient_failure_is_tried_again_later_and_then_a_person_looks() -> None:
    bench = Bench(coding=refuse("a", lambda: Busy("The index is busy.")))
    bench.send("a")
    bench.until_quiet()
    rule = bench.runtime.rule
    for attempt in range(1, rule.attempts):
        (row,) = bench.store.select(MessageRow, {})
        assert row.attempts == attempt
        wait = row.due_ms - bench.clock.ms
        assert rule.first_wait_ms // 2 <= wait <= rule.most_wait_ms
        bench.turn()
        assert bench.store.select(MessageRow, {}) == [row], "not before it is due"
        bench.clock.ms = row.due_ms
        bench.turn()
    (letter,) = bench.letters()
    assert letter.code == "line.attempts-exhausted"
    tried = orjson.loads(letter.attempts)
    assert [one["code"] for one in tried] == ["test.busy"] * rule.attempts


def test_an_outage_uses_up_no_attempt() -> None:
    bench = Bench(coding=refuse("a", lambda: Outage("The index is down.")))
    bench.send("a")
    for _ in range(50):
        bench.until_quiet()
        bench.clock.ms += 60_000
    (row,) = bench.store.select(MessageRow, {})
    assert row.attempts == 0
    assert bench.letters() == []


def test_an_unforeseen_exception_is_a_defect_and_its_text_is_not_kept() -> None:
    bench = Bench(coding=refuse("a", lambda: ValueError("CANARY is in this text")))
    bench.send("a")
    bench.until_quiet()
    (letter,) = bench.letters()
    assert (letter.code, letter.owner) == ("line.unexpected-error", "developer")
    assert "ValueError" in letter.sentence
    assert "test_runtime.py:" in letter.location
    assert "CANARY" not in repr(letter)


def test_a_stage_that_says_what_the_path_does_not_give_is_a_defect() -> None:
    def coding_says_too_much(fact: ChartComplete, _work: Any, _line: Any) -> Iterator[Fact]:
        yield ClaimAssembled(chart_id=fact.chart_id, claim_id="x")

    bench = Bench(coding=coding_says_too_much)
    bench.send("a")
    bench.until_quiet()
    assert bench.letters()[0].code == "line.unexpected-error"
    assert fsck(bench.store).clean


def test_a_stage_that_leaves_a_chart_in_no_place_is_a_defect() -> None:
    def coding_forgets(_fact: ChartComplete, _work: Any, _line: Any) -> Iterator[Fact]:
        return iter(())

    bench = Bench(coding=coding_forgets)
    bench.send("a")
    bench.until_quiet()
    assert bench.letters()[0].code == "line.unexpected-error"
    assert bench.charts()["a"].place == Place.DEAD_LETTER
    assert fsck(bench.store).clean


def test_a_message_of_an_unknown_kind_is_kept_as_a_dead_letter() -> None:
    bench = Bench()
    bench.send("a")
    (row,) = bench.store.select(MessageRow, {})
    bench.store.apply(
        Changes(deletes=[row], inserts=[replace(row, message_id="m_x", kind="Rumour")])
    )
    bench.until_quiet()
    (letter,) = bench.letters()
    assert (letter.code, letter.kind) == ("engine.unknown-fact", "Rumour")
    assert bench.store.select(RawRow, {})[0].state == "stopped"
    assert fsck(bench.store).clean


def test_a_message_of_a_wrong_shape_names_the_field_and_not_the_value() -> None:
    bench = Bench()
    bench.send("a")
    (row,) = bench.store.select(MessageRow, {})
    wrong = replace(row, message_id="m_x", body='{"raw_id": ["CANARY"]}')
    bench.store.apply(Changes(deletes=[row], inserts=[wrong]))
    bench.until_quiet()
    (letter,) = bench.letters()
    assert (letter.code, letter.location) == ("engine.unknown-fact", "raw_id")
    assert "CANARY" not in letter.sentence


def test_poison_is_not_run_again() -> None:
    bench = Bench()
    bench.send("a")
    (row,) = bench.store.select(MessageRow, {})
    often = replace(row, sends=bench.runtime.rule.sends_poison)
    bench.store.apply(Changes(updates=[(row, often)]))
    bench.until_quiet()
    (letter,) = bench.letters()
    assert letter.code == "engine.poison"
    assert bench.charts() == {}


def test_delivered_twice_is_done_once() -> None:
    bench = Bench()
    bench.send("a")
    rows = bench.lease()
    bench.runtime.run(rows)
    bench.runtime.run(rows)
    bench.runtime.run_ids([row.message_id for row in rows])
    bench.until_quiet()
    assert len(bench.charts()) == 1
    assert fsck(bench.store).clean


def test_a_conflict_is_done_again_against_what_the_other_wrote() -> None:
    bench = Bench()
    bench.send("a", "b")
    rows = bench.lease()
    conflicts = [Conflict("simulated")]

    def fail_once(_changes: Changes) -> None:
        if conflicts:
            raise conflicts.pop()

    bench.store.before_apply = fail_once
    bench.runtime.run(rows)
    bench.until_quiet()
    assert {row.outcome for row in bench.charts().values()} == {"paid"}


def test_a_conflict_that_does_not_end_gives_the_message_back() -> None:
    bench = Bench()
    bench.send("a")
    rows = bench.lease()

    def always(_changes: Changes) -> None:
        raise Conflict("simulated")

    bench.store.before_apply = always
    tally = bench.runtime.run(rows)
    assert tally["conflict"] == 1
    assert bench.store.select(MessageRow, {})[0].due_ms < bench.clock.ms + 2_000


def test_a_timer_that_is_due_becomes_a_message_and_moves_its_chart() -> None:
    def coding_waits(fact: ChartComplete, work: Any, _line: Any) -> Iterator[Fact]:
        work.wait(
            fact.chart_id, ChartComplete(chart_id=fact.chart_id), work.clock.now_ms() + 1_000, "tea"
        )
        return iter(())

    bench = Bench(coding=coding_waits)
    bench.send("a")
    bench.until_quiet()
    assert bench.charts()["a"].place == Place.WAITING
    assert fire_due(bench.runtime) == 0
    bench.clock.ms += 1_000
    assert fire_due(bench.runtime) == 1
    assert fire_due(bench.runtime) == 0
    assert bench.store.select(TimerRow, {}) == []
    assert bench.charts()["a"].place == Place.DUE
    assert fsck(bench.store).clean


def test_back_off_grows_is_jittered_and_bounded() -> None:
    rule, random = RetryRule(), Random(3)
    waits = [[rule.wait_ms(n, random) for _ in range(50)] for n in range(1, 12)]
    for step, drawn in enumerate(waits):
        most = min(rule.first_wait_ms * 2**step, rule.most_wait_ms)
        assert all(most // 2 <= wait <= most for wait in drawn)
        assert len(set(drawn)) > 10
