"""What is said around a question to the provider.

The first three are about the question, not about the chart: the chart stays where the question
holds it. Only the answer moves the chart.
"""

from __future__ import annotations

from messages.envelope import ChartFact


class QueryFact(ChartFact):
    """A fact about one question."""

    query_id: str

    @property
    def subject(self) -> str:
        return self.query_id


class QueryRaised(QueryFact):
    """Only the provider can say; a question is open."""


class QueryReminderDue(QueryFact):
    """Time to remind the provider (a timer)."""


class QueryExpired(QueryFact):
    """The question has been open as long as it may be (a timer)."""


class QueryAnswered(ChartFact):
    """The provider has answered; the answer is part of the chart."""

    query_id: str
