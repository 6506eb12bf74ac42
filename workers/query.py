"""Query: takes QueryRaised, QueryReminderDue, QueryExpired, gives nothing: answers come by a door.

These facts are about the question, beside the chart's place: the chart stays with its query until
it is answered or has expired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.query import QueryExpired, QueryRaised, QueryReminderDue
from services.chart.failures import UnknownFact
from services.chart.ports import Work
from services.chart.rows import QueryRow
from services.query.answering import answer_again
from services.query.clock import next_reminder_ms
from services.query.failures import ProviderNoAnswer

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """Send the question, keep its clocks, and stop the chart when they run out.

    A clock that rings after the question was closed changes nothing. Nothing is given.

    Raises:
        UnknownFact: this stage does not take such a fact.
    """
    del line
    if not isinstance(fact, QueryRaised | QueryReminderDue | QueryExpired):
        raise UnknownFact(f"Query does not take {type(fact).__name__}.")
    row = work.get(QueryRow, fact.query_id)
    if row.state == "open":
        match fact:
            case QueryRaised():
                _send(work, row)
            case QueryReminderDue():
                _remind(work, row)
            case QueryExpired():
                _expire(work, row)
            case rest:
                assert_never(rest)
    yield from ()


def _send(work: Work, row: QueryRow) -> None:
    """Put the question to the provider, unless it was settled before on this chart."""
    if answer_again(work, row):
        return
    work.note(row.chart_id, "query.sent", query=row.query_id, template=row.template)
    _keep_clocks(work, row)


def _remind(work: Work, row: QueryRow) -> None:
    work.put(replace(row, reminded=row.reminded + 1))
    work.note(row.chart_id, "query.reminded", query=row.query_id)
    _keep_clocks(work, row)


def _keep_clocks(work: Work, row: QueryRow) -> None:
    """Set the next reminder and, unless it is set, the end."""
    names = {"chart_id": row.chart_id, "query_id": row.query_id}
    remind_ms = next_reminder_ms(row, work.clock.now_ms())
    if remind_ms is not None:
        work.remind(QueryReminderDue(**names), remind_ms, "remind the provider")
    work.remind(QueryExpired(**names), row.expires_ms, "the question expires")


def _expire(work: Work, row: QueryRow) -> None:
    """The chart becomes a dead letter; resuming it asks again if the question still stands."""
    work.put(replace(row, state="expired", closed_ms=work.clock.now_ms()))
    sentence = f"The provider has not answered; reminded {row.reminded} times."
    failure = ProviderNoAnswer(sentence, where=f"query {row.template}")
    work.stop(row.chart_id, failure, resume_with=ChartComplete(chart_id=row.chart_id))
