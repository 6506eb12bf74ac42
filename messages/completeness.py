"""What completeness takes and gives."""

from __future__ import annotations

from messages.envelope import ChartFact


class ChartComplete(ChartFact):
    """Everything that coding and billing need is there and signed."""


class DeficiencyFound(ChartFact):
    """Something is missing or unsigned; the chart waits and wakes when it arrives."""


class DeficiencyOverdue(ChartFact):
    """The chart has waited longer than its deficiencies may take (a timer)."""
