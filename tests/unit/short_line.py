"""A line of two real stages over the store fake, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.intake import ChartChanged, ChartReceived
from messages.path import Stage
from messages.query import QueryRaised
from services.adapters.store.work import UnitOfWork
from services.chart.model import Chart, Poa
from services.chart.places import Outcome
from services.chart.ports import Work
from services.chart.rows import ChartRow, DeadLetterRow, JournalRow, QueryRow, TimerRow
from services.completeness.matrix import DocumentMatrix
from services.query.raising import raise_poa_query
from tests.fakes.backend import MemoryBackend
from tests.unit.completeness_charts import the_matrix
from workers import completeness, query
from workers.runtime import Runtime
from workers.timers import fire_due

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class MovableClock:
    """A clock that only the test moves."""

    def __init__(self, at: datetime) -> None:
        self.ms = int(at.timestamp() * 1000)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ms / 1000, UTC)

    def now_ms(self) -> int:
        return self.ms


class CountedIds:
    """Ids in the order they were made."""

    def __init__(self) -> None:
        self.made = 0

    def new(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}_{self.made:06d}"


@dataclass(frozen=True)
class ShortLine:
    """What the two stages need of `config.wiring.Line`."""

    matrix: DocumentMatrix


def ask_or_finish(fact: Fact, work: Work, line: Any) -> Iterator[Fact]:
    """Stands for coding: a diagnosis without POA is asked about, else the chart is done."""
    assert not isinstance(fact, ChartChanged)
    chart = work.chart(fact.subject)
    open_at = [n for n, one in enumerate(chart.diagnoses) if one.poa in {None, Poa.UNKNOWN}]
    if not open_at:
        work.finish(chart.chart_id, Outcome.PAID)
        return
    query_id = work.ids.new("q")
    work.ask(raise_poa_query(chart, open_at[0], query_id=query_id, now_ms=work.clock.now_ms()))
    yield QueryRaised(chart_id=chart.chart_id, query_id=query_id)


@dataclass
class Story:
    """One chart and what happens to it."""

    clock: MovableClock
    ids: CountedIds = field(default_factory=CountedIds)
    backend: MemoryBackend = field(default_factory=MemoryBackend)

    def __post_init__(self) -> None:
        self.line: Any = ShortLine(the_matrix())
        self.runtime = Runtime(
            backend=self.backend,
            clock=self.clock,
            ids=self.ids,
            steps={
                "completeness": completeness.step,
                "coding": ask_or_finish,
                "query": query.step,
            },
            line=self.line,
            random=Random(1),
            report=lambda *_, **__: None,
        )

    # -- what happens -------------------------------------------------------------------------

    def work(self) -> UnitOfWork:
        work = UnitOfWork(self.backend, self.clock, self.ids, self.runtime.cache)
        work.begin(None, "test")
        return work

    def arrive(self, chart: Chart) -> None:
        """Intake files a new chart."""
        work = self.work()
        work.add_chart(chart)
        work.say(ChartReceived(chart_id=chart.chart_id))
        self.end(work)

    def arrive_complete(self, chart: Chart) -> None:
        """The same, but completeness has already passed it."""
        work = self.work()
        work.add_chart(chart)
        work.say(ChartComplete(chart_id=chart.chart_id))
        self.end(work)

    def change(self, chart: Chart) -> None:
        """Intake files a message that changes the chart."""
        work = self.work()
        work.save_chart(chart)
        work.say(ChartChanged(chart_id=chart.chart_id))
        self.end(work)

    def resume(self) -> None:
        """A person resumes the open dead letter."""
        work = self.work()
        work.resume(work.get(DeadLetterRow, self.letter.dead_letter_id), "mended")
        self.end(work)

    def end(self, work: UnitOfWork) -> None:
        work.keep()
        work.commit()
        self.run()

    def run(self) -> None:
        """Until nothing is due."""
        while messages := self.backend.lease(
            tuple(Stage), self.clock.ms, self.clock.ms + HOUR_MS, 10
        ):
            self.runtime.run(messages)

    def pass_ms(self, span_ms: int) -> None:
        """Time passes; timers ring at their time, in their order."""
        until = self.clock.ms + span_ms
        while timers := [one.due_ms for one in self.timers if one.due_ms <= until]:
            self.clock.ms = max(self.clock.ms, min(timers))
            assert fire_due(self.runtime), "a timer that is due does not ring"
            self.run()
        self.clock.ms = until

    # -- what is seen -------------------------------------------------------------------------

    @property
    def row(self) -> ChartRow:
        (row,) = self.backend.select(ChartRow, {})
        return row

    @property
    def place(self) -> tuple[str, str]:
        return self.row.place, self.row.stage

    @property
    def chart(self) -> Chart:
        return Chart.model_validate_json(self.row.body)

    @property
    def timers(self) -> list[TimerRow]:
        return self.backend.select(TimerRow, {}, order_by="due_ms")

    @property
    def letter(self) -> DeadLetterRow:
        (letter,) = self.backend.select(DeadLetterRow, {"state": "open"})
        return letter

    @property
    def queries(self) -> list[QueryRow]:
        return self.backend.select(QueryRow, {}, order_by="raised_ms")

    def told(self, what: str) -> list[JournalRow]:
        entries = self.backend.select(JournalRow, {}, order_by="seq")
        return [entry for entry in entries if entry.what == what]
