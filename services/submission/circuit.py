"""The circuit to an outside service: closed, open, half-open. Kept as a row that all workers see.

Closed: calls go through and failures in a row are counted. At the threshold it opens: nobody calls
until a time. Then it is half-open: the next call decides, and a failure opens it again for longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from services.chart.rows import CircuitRow


class CircuitState(StrEnum):
    """What may be done now."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class CircuitRule:
    """When it opens and for how long; times in milliseconds."""

    threshold: int = 3
    retry_ms: int = 1_000  # until the next try while it is still closed
    open_ms: int = 5_000  # the first time; doubled with each failure after that
    open_ms_max: int = 60_000


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of one service at one moment."""

    row: CircuitRow
    rule: CircuitRule = CircuitRule()

    def state(self, now_ms: int) -> CircuitState:
        """What may be done now."""
        if self.row.open_until_ms > now_ms:
            return CircuitState.OPEN
        if self.row.failures >= self.rule.threshold:
            return CircuitState.HALF_OPEN
        return CircuitState.CLOSED

    def failed(self, now_ms: int) -> CircuitRow:
        """The row after a call that got no answer."""
        failures = self.row.failures + 1
        beyond = failures - self.rule.threshold
        if beyond < 0:
            return replace(self.row, failures=failures, since_ms=self.row.since_ms or now_ms)
        wait_ms = min(self.rule.open_ms * 2 ** min(beyond, 20), self.rule.open_ms_max)
        since_ms = self.row.since_ms or now_ms
        return replace(
            self.row, failures=failures, open_until_ms=now_ms + wait_ms, since_ms=since_ms
        )

    def succeeded(self) -> CircuitRow:
        """The row after a call that was answered."""
        return replace(self.row, failures=0, open_until_ms=0, since_ms=0)

    def retry_at_ms(self, now_ms: int) -> int:
        """When a call that just failed may be made again."""
        return max(self.row.open_until_ms, now_ms + self.rule.retry_ms)


def closed(name: str) -> CircuitRow:
    """The row of a service that has never failed."""
    return CircuitRow(name=name, failures=0, open_until_ms=0, since_ms=0)
