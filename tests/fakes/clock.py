"""A clock that only the test moves, and ids that count."""

from __future__ import annotations

from datetime import UTC, datetime

NOON_MS = int(datetime(2026, 6, 1, 12, 0, tzinfo=UTC).timestamp() * 1000)


class FakeClock:
    """`services.chart.ports.Clock`, moved by hand."""

    def __init__(self, ms: int = NOON_MS) -> None:
        self.ms = ms

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.ms / 1000, UTC)

    def now_ms(self) -> int:
        return self.ms


class CountingIds:
    """`services.chart.ports.Ids`, in the order they were made."""

    def __init__(self) -> None:
        self._made = 0

    def new(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_{self._made:08d}"
