"""What coding gives."""

from __future__ import annotations

from messages.envelope import ChartFact


class CodesAssigned(ChartFact):
    """Every code of the chart is valid, dated and has its evidence."""
