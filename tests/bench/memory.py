"""Memory: what each process holds while charts go through, sampled as they are paid.

Charts are fed so that few are under way at once; so the figures show what is kept, not what waits.
Samples begin when a tenth of the charts has warmed the processes: caches are bounded, not empty.
Flat means that the last third of the samples is, on the mean, no more than `SLACK` above the first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import mean

from config.settings import Settings
from config.wiring import open_store
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.migrate import upgrade
from services.chart.ports import Store
from services.chart.rows import ChartRow
from tests.bench.table import show
from tests.chaos.processes import Processes, procfile
from tests.servers import PostgresServer, RabbitServer
from workers.demo.load import charts
from workers.demo.outgoing import OutgoingMessage
from workers.door import Delivery, accept

SAMPLES = 20
UNDER_WAY = 400
PORTION = 100
SLACK = 0.05
STALL_S = 120.0
Figures = dict[str, float]  # megabytes by process


def resident_mb(pid: int) -> float:
    """Resident memory of a process in megabytes; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return 0.0
    kilobytes = next((line.split()[1] for line in lines if line.startswith("VmRSS")), "0")
    return int(kilobytes) / 1_024


def samples(store: Store, processes: Processes, count: int) -> Iterator[tuple[int, Figures]]:
    """Feed the charts; after each twentieth that is paid, what every process holds."""
    warm = count // 10
    count += warm
    source = charts(count, seed=9)
    sent, step, best, since = 0, max((count - warm) // SAMPLES, 1), -1, time.monotonic()
    due = warm + step
    while due <= count:
        paid = sum(store.count(ChartRow, {"outcome": "paid"}).values())
        if paid > best:
            best, since = paid, time.monotonic()
        if time.monotonic() - since > STALL_S:
            raise TimeoutError(f"no chart was paid in {STALL_S:.0f} s after {paid} of {count}")
        if paid >= due:
            running = processes.running.items()
            yield paid, {name: resident_mb(process.pid) for name, process in running}
            due += step
        elif sent - paid < UNDER_WAY and sent < count:
            sent += _feed(store, source)
        else:
            time.sleep(0.1)


def _feed(store: Store, source: Iterator[list[OutgoingMessage]]) -> int:
    """The next charts through the door; returns how many."""
    portion = list(islice(source, PORTION))
    deliveries = [
        Delivery(one.content, one.content_type, one.feed)
        for messages in portion
        for one in messages
    ]
    accept(store, SystemClock(), SystemIds(), deliveries)
    return len(portion)


def growth(values: list[float]) -> float:
    """How far the last third is above the first, on the mean: 0.02 is two percent."""
    third = max(len(values) // 3, 1)
    return mean(values[-third:]) / mean(values[:third]) - 1


def report(title: str, taken: list[tuple[int, Figures]]) -> bool:
    """Print the table; whether every process stayed flat."""
    names = list(taken[0][1])
    rows: list[tuple[object, ...]] = [
        (paid, *(f"{figures[name]:.1f}" for name in names)) for paid, figures in taken
    ]
    grown = {name: growth([figures[name] for _, figures in taken]) for name in names}
    rows.append(("growth", *(f"{grown[name]:+.1%}" for name in names)))
    show(title, ("charts paid", *names), rows)
    risen = [name for name, by in grown.items() if by > SLACK]
    print(f"  {'RISES: ' + ', '.join(risen) if risen else 'flat'}")
    return not risen


def _measure(title: str, settings: Settings, processes: Processes, count: int) -> bool:
    store = open_store(settings)
    processes.start()
    try:
        return report(title, list(samples(store, processes, count)))
    finally:
        processes.stop()
        store.close()


def _settings(folder: Path, **changes: str) -> Settings:
    return Settings(
        data_dir=folder,
        log_level="ERROR",
        mailbox_poll_ms=200,
        batch_window_ms=300,
        **changes,  # type: ignore[arg-type]
    )


def bench_memory_embedded(count: int, folder: Path) -> bool:
    """One process, SQLite. Whether its memory stayed flat."""
    folder.mkdir(parents=True)
    settings = _settings(folder)
    processes = Processes(settings, {"up": ["chartline", "up"]}, folder / "log")
    return _measure("Memory in MB, embedded", settings, processes, count)


def bench_memory_distributed(count: int, folder: Path) -> bool:
    """The processes of the Procfile, RabbitMQ and PostgreSQL. Whether each stayed flat."""
    folder.mkdir(parents=True)
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        settings = _settings(folder, store_url=postgres.url, broker_url=rabbit.url)
        upgrade(settings.store)
        processes = Processes(settings, procfile(), folder / "log")
        return _measure("Memory in MB, distributed", settings, processes, count)
