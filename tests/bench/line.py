"""The whole line: charts a second, and the CPU milliseconds of a chart by where they go."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from config.settings import Settings
from config.wiring import open_store
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.migrate import upgrade
from services.chart.ports import Store
from services.chart.rows import ChartRow
from tests.bench.table import show
from tests.chaos.processes import Processes, cpu_seconds_of, procfile
from tests.servers import PostgresServer, RabbitServer
from tests.servers.process import descendants
from workers.demo.load import charts
from workers.door import Delivery, accept

PATIENCE_S = 600.0
WARM = 50  # charts that go through before the clock runs


def fill(store: Store, count: int, seed: int) -> int:
    """Put the messages of `count` charts through the door; returns how many messages."""
    waiting: list[Delivery] = []
    total = 0
    for messages in charts(count, seed):
        waiting += [Delivery(m.content, m.content_type, m.feed) for m in messages]
        if len(waiting) >= 200:
            accept(store, SystemClock(), SystemIds(), waiting)
            total += len(waiting)
            waiting = []
    accept(store, SystemClock(), SystemIds(), waiting)
    return total + len(waiting)


def _paid(store: Store) -> int:
    return sum(store.count(ChartRow, {"outcome": "paid"}).values())


def _time(
    store: Store, count: int, processes: Processes, servers: dict[str, int]
) -> tuple[float, dict[str, float], float]:
    """Warm processes hold still while the charts come, then go until all are paid.

    Returns seconds a chart, CPU seconds a chart by process, and engine messages a chart.
    """
    fill(store, WARM, seed=7)
    _until_paid(store, WARM)
    processes.signal(signal.SIGSTOP)
    messages = fill(store, count, seed=8)
    processes.signal(signal.SIGCONT)
    before = processes.cpu_seconds() | _server_seconds(servers)
    began = time.perf_counter()
    _until_paid(store, WARM + count)
    seconds = (time.perf_counter() - began) / count
    after = processes.cpu_seconds() | _server_seconds(servers)
    return seconds, {name: (after[name] - before[name]) / count for name in after}, messages / count


def _server_seconds(servers: dict[str, int]) -> dict[str, float]:
    """CPU seconds of each server with everything it started, the ended ones included."""
    return {
        name: sum(map(cpu_seconds_of, [pid, *descendants(pid)])) for name, pid in servers.items()
    }


def _until_paid(store: Store, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while _paid(store) < count:
        _check(deadline, store, count)


def _check(deadline: float, store: Store, count: int) -> None:
    if time.monotonic() > deadline:
        places = store.count(ChartRow, {}, ("place", "stage", "outcome"))
        sys.exit(f"only {_paid(store)} of {count} charts were paid in time: {places}")
    time.sleep(0.1)


def _settings(folder: Path, **changes: str) -> Settings:
    return Settings(
        data_dir=folder,
        log_level="ERROR",
        mailbox_poll_ms=200,
        batch_window_ms=300,
        **changes,  # type: ignore[arg-type]
    )


def _report(title: str, seconds: float, used: dict[str, float], messages: float) -> None:
    rows: list[tuple[object, ...]] = [
        ("charts/s", f"{1 / seconds:.0f}"),
        ("engine messages a chart", f"{messages:.1f}"),
        ("CPU ms a chart, all processes", f"{sum(used.values()) * 1_000:.2f}"),
    ]
    rows += [
        (f"  {name}", f"{value * 1_000:.2f}")
        for name, value in sorted(used.items(), key=lambda pair: -pair[1])
        if value > 0
    ]
    show(title, ("", ""), rows)


def bench_embedded(count: int, folder: Path) -> None:
    """One process, SQLite."""
    folder.mkdir(parents=True)
    settings = _settings(folder)
    store = open_store(settings)
    processes = Processes(settings, {"up": ["chartline", "up"]}, folder / "log")
    processes.start()
    try:
        figures = _time(store, count, processes, {})
    finally:
        processes.stop()
        store.close()
    _report("The whole line, embedded", *figures)


def bench_distributed(count: int, folder: Path) -> None:
    """Every process of the Procfile, RabbitMQ and PostgreSQL."""
    folder.mkdir(parents=True)
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        settings = _settings(folder, store_url=postgres.url, broker_url=rabbit.url)
        upgrade(settings.store)
        store = open_store(settings)
        processes = Processes(settings, procfile(), folder / "log")
        processes.start()
        try:
            servers = {"PostgreSQL": postgres.pid, "RabbitMQ": rabbit.pid}
            figures = _time(store, count, processes, servers)
        finally:
            processes.stop()
            store.close()
    _report("The whole line, distributed (the Procfile's processes)", *figures)
