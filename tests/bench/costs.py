"""What one chart costs on the embedded line, by stage: CPU, commits, rows read and written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from config.settings import Settings
from config.wiring import build_line, open_store
from messages.path import Stage
from services.adapters.store.migrate import sqlite_path
from services.adapters.store.sqlite import SqliteBackend
from services.chart.ports import Changes
from services.chart.rows import ChartRow, MessageRow, Row
from tests.bench.line import fill
from tests.bench.table import show
from workers.boot import build_runtime, start_mailboxes
from workers.embedded import INNER, OUTER, EmbeddedLine
from workers.timers import fire_due

R = TypeVar("R", bound=Row)


class CountingStore(SqliteBackend):
    """The real store, counting what it does and how long that takes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.counted: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()

    def apply(self, changes: Changes) -> None:
        began = time.thread_time()
        super().apply(changes)
        self.seconds["commit"] += time.thread_time() - began  # type: ignore[assignment]
        self.counted["commits"] += 1
        rows = len(changes.inserts) + len(changes.updates) + len(changes.deletes)
        self.counted["rows written"] += rows

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        began = time.thread_time()
        rows = super().lease(stages, now_ms, until_ms, limit)
        self.seconds["lease"] += time.thread_time() - began  # type: ignore[assignment]
        self.counted["leases"] += bool(rows)
        return rows

    def select(self, row_type: type[R], where: Mapping[str, object], **options: Any) -> list[R]:
        began = time.thread_time()
        rows = super().select(row_type, where, **options)
        self.seconds["select (inside the stages)"] += time.thread_time() - began  # type: ignore[assignment]
        self.counted["selects"] += 1
        return rows


def bench_costs(count: int, folder: Path) -> None:
    """Run the line in this thread and print the table."""
    folder.mkdir(parents=True)
    settings = Settings(
        data_dir=folder, log_level="CRITICAL", mailbox_poll_ms=50, batch_window_ms=50
    )
    open_store(settings).close()
    store, line = CountingStore(sqlite_path(settings.store)), build_line(settings)
    runtime = build_runtime(settings, store, line, tuple(Stage))
    stages: Counter[str] = Counter()
    runtime.report = lambda _event, **values: stages.update({values["stage"]: values["us"]})
    lanes = EmbeddedLine(runtime, settings.batch_size, settings.lease_ms, settings.idle_wait_ms)
    start_mailboxes(runtime)

    def until_paid(wanted: int) -> None:
        while store.count(ChartRow, {"outcome": "paid"}).get((), 0) < wanted:
            moved = lanes.turn(INNER) + lanes.turn(OUTER)
            if not moved and not fire_due(runtime):
                time.sleep(0.005)

    fill(store, 100, seed=5)
    until_paid(100)
    fill(store, count, seed=6)
    for counter in (stages, store.counted, store.seconds):
        counter.clear()
    began = time.process_time()
    until_paid(100 + count)
    total = (time.process_time() - began) / count * 1_000
    rows: list[tuple[object, ...]] = [("CPU ms a chart", f"{total:.2f}")]
    rows += [(f"  {stage}", f"{us / count / 1_000:.2f}") for stage, us in stages.most_common()]
    rows += [(f"  {name}", f"{s / count * 1_000:.2f}") for name, s in store.seconds.items()]
    rows += [(f"{name} a chart", f"{n / count:.2f}") for name, n in store.counted.items()]
    show("Where a chart's cost goes, embedded, one thread", ("", ""), rows)
    store.close()
    line.close()
