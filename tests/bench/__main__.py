"""Speed, as ratios in one run: `python -m tests.bench [engine] [line] [--charts N]`.

Nothing here is a test: the figures are for people, and only ratios within one run mean much.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from config.settings import Settings
from config.wiring import open_store
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.migrate import upgrade
from services.chart.rows import ChartRow
from tests.bench import peers
from tests.bench.line import bench_distributed, bench_embedded
from tests.bench.table import machine, show
from tests.chaos.processes import ROOT, Processes
from tests.servers import PostgresServer, RabbitServer
from tests.servers.postgres import new_database
from workers.door import Delivery, accept

PATIENCE_S = 600.0
Timed = tuple[float, int]


def _until(count: Callable[[], int], wanted: int) -> float:
    """Seconds until the count is reached."""
    began = time.perf_counter()
    while count() < wanted:
        if time.perf_counter() - began > PATIENCE_S:
            raise TimeoutError(f"only {count()} of {wanted}")
        time.sleep(0.05)
    return time.perf_counter() - began


def bench_peer(name: str, processes: int, postgres: str, rabbit: str, charts: int) -> float:
    """Seconds for one peer: filled first, then its workers started and warm, then timed."""
    database = new_database(postgres)
    peers.prepare(database)
    environment = {**os.environ, "BENCH_POSTGRES_URL": database, "BENCH_RABBIT_URL": rabbit}  # noqa: TID251
    command = [sys.executable, "-m", "tests.bench.peers"]
    fill = [*command, "fill", name, str(charts)]
    subprocess.run(fill, env=environment, cwd=ROOT, check=True, capture_output=True)
    running = [
        subprocess.Popen(
            [*command, name],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(processes)
    ]
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            first = charts // 10
            _until(lambda: peers.done(connection), first)
            return _until(lambda: peers.done(connection), charts) / (charts - first)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def bench_chartline(postgres: str, rabbit: str, charts: int, folder: Path) -> float:
    """Seconds a chart for Chartline's own engine: two workers and the outbox."""
    settings = Settings(
        data_dir=folder,
        store_url=new_database(postgres),
        broker_url=rabbit,
        log_level="CRITICAL",
        batch_size=100,
        window_size=2_000,
    )
    upgrade(settings.store)
    store = open_store(settings)
    deliveries = [Delivery(b"bench", "", "bench")] * 200
    for _ in range(charts // 200):
        accept(store, SystemClock(), SystemIds(), deliveries)
    total = charts // 200 * 200
    worker = [sys.executable, "-m", "tests.bench.engine", "worker"]
    processes = Processes(settings, {"outbox": ["chartline", "outbox"]}, folder / "log")
    processes.start()
    running = [subprocess.Popen(worker, cwd=ROOT, env=processes.environment) for _ in range(2)]

    def finished() -> int:
        return sum(store.count(ChartRow, {"place": "finished"}).values())

    try:
        first = total // 10
        _until(finished, first)
        began_with = finished()
        return _until(finished, total) / (total - began_with)
    finally:
        for process in running:
            process.terminate()
            process.wait(15)
        processes.stop()
        store.close()


def engine(charts: int, folder: Path) -> None:
    """The engine alone against its peers, each pair in turn, in one run."""
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        rows: list[tuple[object, ...]] = []
        seconds: dict[str, float] = {}
        for name, count in (("pika", 2), ("celery", 1), ("procrastinate", 2)):
            few = charts if name != "procrastinate" else charts // 2
            seconds[name] = bench_peer(name, count, postgres.url, rabbit.url, few)
        seconds["chartline"] = bench_chartline(postgres.url, rabbit.url, charts * 2, folder)
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
            bench_embedded(chosen.charts, Path(folder) / "embedded")
            bench_distributed(chosen.charts, Path(folder) / "distributed")


if __name__ == "__main__":
    main()
