"""Completeness: takes ChartReceived, ChartChanged, DeficiencyOverdue, gives ChartComplete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from messages.completeness import ChartComplete, DeficiencyFound, DeficiencyOverdue
from messages.envelope import Fact
from messages.intake import ChartChanged, ChartReceived
from services.chart.failures import UnknownFact
from services.chart.model import Chart
from services.chart.ports import Work
from services.chart.rows import ChartRow
from services.completeness.checking import check
from services.completeness.deadlines import Overdue, Waits, judge
from services.completeness.deficiency import Complete, Deficient

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """Complete: on to coding. Deficient: wait, or stop when a deadline has passed.

    Raises:
        Rejected: a deficiency is overdue, or needs a person at once.
        UnknownFact: this stage does not take such a fact.
    """
    if not isinstance(fact, ChartReceived | ChartChanged | DeficiencyOverdue):
        raise UnknownFact(f"Completeness does not take {type(fact).__name__}.")
    chart = work.chart(fact.chart_id)
    match check(chart, line.matrix):
        case Complete(wanted=wanted):
            if wanted:
                lacking = ", ".join(one.awaits for one in wanted)
                work.note(chart.chart_id, "chart.complete-without", lacking)
            yield ChartComplete(chart_id=chart.chart_id)
        case Deficient() as found:
            until_ms = _until_ms(found, chart, work, line)
            yield DeficiencyFound(chart_id=chart.chart_id)
            again = DeficiencyOverdue(chart_id=chart.chart_id)
            work.wait(chart.chart_id, again, until_ms, f"waiting for: {found.awaits}")
        case rest:
            assert_never(rest)


def _until_ms(found: Deficient, chart: Chart, work: Work, line: Line) -> int:
    """When to look again. Raises: Rejected."""
    judged = judge(
        found,
        chart,
        first_seen_ms=work.get(ChartRow, chart.chart_id).created_ms,
        now_ms=work.clock.now_ms(),
        grace_hours=line.matrix.minimum_grace_hours,
    )
    match judged:
        case Waits(until_ms=until_ms):
            return until_ms
        case Overdue(failure=failure):
            raise failure
        case rest:
            assert_never(rest)
