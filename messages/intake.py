"""What intake takes and gives."""

from __future__ import annotations

from messages.envelope import ChartFact, Fact


class MessageStored(Fact):
    """A door has stored an engine's message, byte for byte, and has confirmed it."""

    raw_id: str

    @property
    def subject(self) -> str:
        return self.raw_id


class ChartReceived(ChartFact):
    """The first message of a chart was understood and filed."""


class ChartChanged(ChartFact):
    """A later message changed a chart."""


class ChartCancelled(ChartFact):
    """The sender took the encounter back (ADT A11 and its like)."""
