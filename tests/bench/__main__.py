"""Speed, as ratios in one run: `python -m tests.bench [engine] [line] [memory] [--charts N]`.

Nothing here is a test: the figures are for people, and only ratios within one run mean much.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psycopg

from config.settings import Settings, environment_for
from config.wiring import open_store
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.migrate import upgrade
from services.chart.rows import ChartRow
from tests.bench import peers
from tests.bench.costs import bench_costs
from tests.bench.line import bench_distributed, bench_embedded
from tests.bench.memory import bench_memory_distributed, bench_memory_embedded
from tests.bench.table import machine, show
from tests.chaos.processes import ROOT
from tests.servers import PostgresServer, RabbitServer
from tests.servers.postgres import new_database
from workers.door import Delivery, accept

PATIENCE_S = 600.0
WARM = 50  # charts that go through before the clock runs


def _until(count: Callable[[], int], wanted: int) -> float:
    """Seconds until the count is reached."""
    began = time.perf_counter()
    while count() < wanted:
        if time.perf_counter() - began > PATIENCE_S:
            raise TimeoutError(f"only {count()} of {wanted}")
        time.sleep(0.05)
    return time.perf_counter() - began


class Group:
    """Worker processes that are started, warmed, held, filled for, and let go at one moment."""

    def __init__(self, commands: Sequence[Sequence[str]], environment: dict[str, str]) -> None:
        self.running = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            for command in commands
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGCONT, signal.SIGTERM):
            self.signal(number)
        for process in self.running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def signal(self, number: signal.Signals) -> None:
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, number)

    def time(self, fill: Callable[[int], object], done: Callable[[], int], charts: int) -> float:
        """Seconds a chart: workers are warm, hold still while the charts come, then go."""
        fill(WARM)
        _until(done, WARM)
        self.signal(signal.SIGSTOP)
        fill(charts)
        self.signal(signal.SIGCONT)
        return _until(done, WARM + charts) / charts


def bench_peer(name: str, processes: int, postgres: str, rabbit: str, charts: int) -> float:
    """Seconds a chart for one peer."""
    database = new_database(postgres)
    peers.prepare(database)
    environment = {**os.environ, "BENCH_POSTGRES_URL": database, "BENCH_RABBIT_URL": rabbit}  # noqa: TID251
    command = [sys.executable, "-m", "tests.bench.peers"]

    def fill(count: int) -> None:
        words = [*command, "fill", name, str(count)]
        subprocess.run(words, env=environment, cwd=ROOT, check=True, capture_output=True)

    with psycopg.connect(database, autocommit=True) as connection:
        fill(0)
        with Group([[*command, name]] * processes, environment) as group:
            return group.time(fill, lambda: peers.done(connection), charts)


def bench_chartline(postgres: str, rabbit: str, charts: int, folder: Path) -> float:
    """Seconds a chart for Chartline's own engine: two workers and the outbox."""
    settings = Settings(
        data_dir=folder,
        store_url=new_database(postgres),
        broker_url=rabbit,
        log_level="CRITICAL",
        batch_size=100,
    )
    upgrade(settings.store)
    store = open_store(settings)

    def fill(count: int) -> None:
        for first in range(0, count, 200):
            deliveries = [Delivery(b"bench", "", "bench")] * min(200, count - first)
            accept(store, SystemClock(), SystemIds(), deliveries)

    def done() -> int:
        return sum(store.count(ChartRow, {"place": "finished"}).values())

    worker = [sys.executable, "-m", "tests.bench.engine", "worker"]
    outbox = [sys.executable, "-m", "workers.console", "outbox"]
    try:
        with Group([worker, worker, outbox], environment_for(settings)) as group:
            return group.time(fill, done, charts)
    finally:
        store.close()


def engine(charts: int, folder: Path) -> None:
    """The engine alone against its peers, each pair in turn, in one run."""
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        rows: list[tuple[object, ...]] = []
        seconds: dict[str, float] = {}
        for name, count in (("pika", 2), ("celery", 1), ("procrastinate", 2)):
            seconds[name] = bench_peer(name, count, postgres.url, rabbit.url, charts)
        seconds["chartline"] = bench_chartline(postgres.url, rabbit.url, charts, folder)
        ours = seconds["chartline"]
        for name, each in sorted(seconds.items(), key=lambda pair: pair[1]):
            hops = peers.HOPS / each
            rows.append((name, f"{hops:.0f}", f"{1 / each:.0f}", f"{each / ours:.2f}"))
        headings = (
            "engine, 2 worker processes, 6 hops a chart",
            "hops/s",
            "charts/s",
            "times Chartline's time",
        )
        show(
            "The engine alone (one commit and one confirmed, persistent hand-over a hop)",
            headings,
            rows,
        )


def main() -> None:
    """Run the chosen benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["engine", "line"])
    parser.add_argument("--charts", type=int, default=2_000)
    chosen = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="chartline-bench-") as folder:
        if "engine" in chosen.what:
            engine(chosen.charts, Path(folder))
        if "line" in chosen.what:
            bench_costs(chosen.charts // 2, Path(folder) / "costs")
            bench_embedded(chosen.charts, Path(folder) / "embedded")
            bench_distributed(chosen.charts, Path(folder) / "distributed")
        if "memory" in chosen.what:
            bench_memory_embedded(chosen.charts, Path(folder) / "memory-embedded")
            bench_memory_distributed(chosen.charts, Path(folder) / "memory-distributed")


if __name__ == "__main__":
    main()
