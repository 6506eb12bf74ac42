"""Coding: takes ChartComplete or QueryAnswered, gives CodesAssigned or QueryRaised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.query import QueryAnswered, QueryRaised
from services.chart.failures import UnknownFact
from services.chart.ports import Work
from services.coding.assigning import Coded, NeedsCoder, NeedsQuery, assign
from services.query.raising import raise_poa_query

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """Accept the chart's codes, ask the provider, or stop for a coder."""
    if not isinstance(fact, ChartComplete | QueryAnswered):
        raise UnknownFact(f"Coding does not take {type(fact).__name__}.")
    chart = work.chart(fact.chart_id)
    match assign(chart, line.codesets):
        case Coded(coding=coding):
            work.save_chart(chart.model_copy(update={"coding": coding}))
            yield CodesAssigned(chart_id=chart.chart_id)
        case NeedsQuery(diagnoses=diagnoses, description=description):
            query = raise_poa_query(
                chart,
                diagnoses[0],
                query_id=work.ids.new("q"),
                now_ms=work.clock.now_ms(),
                description=description,
            )
            work.ask(query)
            yield QueryRaised(chart_id=chart.chart_id, query_id=query.query_id)
        case NeedsCoder(failure=failure):
            raise failure
        case rest:
            assert_never(rest)
