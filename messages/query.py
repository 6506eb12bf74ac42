"""What is said around a question to the provider."""

from __future__ import annotations

from messages.envelope import ChartFact


class QueryRaised(ChartFact):
    """Only the provider can say; a question is open."""

    query_id: str


class QueryReminderDue(ChartFact):
    """Time to remind the provider (a timer)."""

    query_id: str


class QueryExpired(ChartFact):
    """The question has been open as long as it may be (a timer)."""

    query_id: str


class QueryAnswered(ChartFact):
    """The provider has answered; the answer is part of the chart."""

    query_id: str
