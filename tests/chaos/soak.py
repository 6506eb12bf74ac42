"""Soak: kill everything at random while charts go through, then count.

`python -m tests.chaos.soak [--charts 2000] [--seed 1] [--size embedded|distributed|both]`

Distributed: kill -9 of stage workers, outbox and timers; kill -9 and restart of RabbitMQ and of
PostgreSQL; the engine resends and reorders; the broker's messages are doubled. Embedded: kill -9
and restart of the one process. At the end every chart is accounted for, the payer's own count says
one original claim a billing event, and fsck is clean; else the exit code is 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pika
from pika.exceptions import AMQPError

from config.settings import Settings
from config.wiring import open_store
from messages.path import Stage
from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.fsck import fsck
from services.adapters.store.migrate import upgrade
from services.adapters.store.reads import line_state
from services.chart.failures import Outage
from services.chart.ports import Store
from services.chart.rows import ChartRow, ClaimRow, DeadLetterRow, MessageRow
from tests.chaos.processes import Processes, procfile
from tests.servers import PostgresServer, RabbitServer
from workers.broker import hand_over, queue_of
from workers.demo.load import charts
from workers.door import Delivery, accept

STALL_S = 240.0
RATE = 25.0  # charts a second that the engine sends, so that there is time to break things


@dataclass
class Soak:
    """One run over one size of the line."""

    name: str
    settings: Settings
    processes: Processes
    count: int
    random: Random
    faults: dict[str, Callable[[], None]]
    pause_s: tuple[float, float]
    happened: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0

    def run(self) -> list[tuple[str, object]]:
        """Feed, break, wait, count; returns the rows of the table."""
        store = open_store(self.settings)
        self.processes.start()
        began = time.monotonic()
        try:
            self._feed(store)
            self._settle(store)
            codes = self.processes.stop()
            return [*self._verdict(store, codes), ("seconds", round(time.monotonic() - began))]
        finally:
            self.processes.stop()
            store.close()

    # -- feeding and breaking -----------------------------------------------------------------

    def _feed(self, store: Store) -> None:
        """Send every message in chart order, charts interleaved; resend and break on the way."""
        queues = [
            list(messages) for messages in charts(self.count, seed=self.random.randrange(9**9))
        ]
        window: list[list[Any]] = []
        sent: list[Any] = []
        began = time.monotonic()
        next_fault = began + 3
        while queues or window:
            done = self.count - len(queues) - len(window)
            if done > (time.monotonic() - began) * RATE:
                time.sleep(0.01)
            while queues and len(window) < 60:
                window.append(queues.pop(0))
            chart = self.random.choice(window)
            sent.append(chart.pop(0))
            window = [chart for chart in window if chart]
            self._send(store, sent[-1])
            if self.random.random() < 0.1:
                self.happened["engine resends"] += 1
                self._send(store, self.random.choice(sent[-500:]))
            if time.monotonic() >= next_fault:
                self._break()
                next_fault = time.monotonic() + self.random.uniform(*self.pause_s)

    def _send(self, store: Store, message: Any) -> None:
        """What a good engine does: no acknowledgement, so send again."""
        delivery = Delivery(message.content, message.content_type, message.feed)
        while True:
            try:
                accept(store, SystemClock(), SystemIds(), [delivery])
            except Outage:
                self.happened["engine waits for an outage"] += 1
                time.sleep(0.3)
            else:
                self.acknowledged += 1
                return

    def _break(self) -> None:
        what = self.random.choice(sorted(self.faults))
        self.happened[what] += 1
        self.faults[what]()
        for name in self.processes.revive():
            self.happened[f"{name} had ended by itself"] += 1

    def _settle(self, store: Store) -> None:
        """Go on breaking for a while, then wait until everything has come to its end."""
        best, since, rounds = -1, time.monotonic(), 0
        while True:
            try:
                state = line_state(store, SystemClock().now_ms())
            except Outage:
                time.sleep(0.5)
                continue
            paid = state.claims.get("paid", 0)
            if paid >= self.count and state.busy <= 1:
                return
            if paid > best:
                best, since = paid, time.monotonic()
            if time.monotonic() - since > STALL_S:
                print(f"  stalled at {paid} of {self.count}: {state.dead_letters} {state.stages}")
                return
            rounds += 1
            if rounds % 8 == 0 and paid < self.count * 0.8:
                self._break()
            self.processes.revive()
            time.sleep(0.5)

    # -- counting -----------------------------------------------------------------------------

    def _verdict(self, store: Store, codes: dict[str, int]) -> list[tuple[str, object]]:
        verdict = fsck(store)
        payer = SimulatedClearinghouse(self.settings.data_dir / "clearinghouse.sqlite")
        paid = sum(store.count(ClaimRow, {"state": "paid"}).values())
        finished = sum(store.count(ChartRow, {"outcome": "paid"}).values())
        late = {"state": "open", "code": "remittance.changed-after-claim"}
        overtaken = sum(store.count(DeadLetterRow, late).values())
        originals = payer.originals()
        lost = self.count - verdict.charts
        doubled = len(payer.double_billed())
        slow = [name for name, code in codes.items() if code != 0]
        self.bad = bool(lost or doubled or verdict.faults or paid != self.count or slow)
        self.bad |= finished + overtaken != self.count
        self.bad |= len(originals) != self.count
        for fault in verdict.faults[:20]:
            print(f"  fsck: {fault}")
        return [
            *((f"fault: {what}", number) for what, number in sorted(self.happened.items())),
            ("messages acknowledged", self.acknowledged),
            ("charts", verdict.charts),
            ("claims paid and posted", paid),
            ("charts finished", finished),
            ("paid, changed by an overtaken message: for a biller", overtaken),
            ("lost", lost),
            ("billing events as the payer counts them", len(originals)),
            ("double-billed", doubled),
            ("fsck faults", len(verdict.faults)),
            ("processes that did not drain in 10 s", ", ".join(slow) or 0),
        ]


def distributed(count: int, seed: int, folder: Path) -> tuple[list[tuple[str, object]], bool]:
    """RabbitMQ and PostgreSQL, every process of the Procfile, and everything killed."""
    random = Random(seed)
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        settings = _settings(folder, store_url=postgres.url, broker_url=rabbit.url)
        upgrade(settings.store)
        processes = Processes(settings, procfile(), folder / "processes.log")
        store = open_store(settings)

        def one() -> None:
            processes.kill(random.choice(sorted(processes.commands)))

        def two() -> None:
            for stage in random.sample(list(Stage), 2):
                processes.kill(stage)

        def server(which: PostgresServer | RabbitServer) -> None:
            which.kill()
            which.restart()

        faults: dict[str, Callable[[], None]] = {
            "kill -9 of a process": one,
            "kill -9 of two workers": two,
            "kill -9 and restart of RabbitMQ": lambda: server(rabbit),
            "kill -9 and restart of PostgreSQL": lambda: server(postgres),
            "broker messages doubled, out of order": lambda: _double(store, rabbit.url, random),
        }
        soak = Soak("distributed", settings, processes, count, random, faults, (0.8, 2.5))
        rows = soak.run()
        store.close()
        return rows, soak.bad


def _double(store: Store, url: str, random: Random) -> None:
    """Publish messages for rows that are due already, in any order: each comes twice."""
    try:
        rows = store.select(MessageRow, {}, limit=200)
        random.shuffle(rows)
        connection = pika.BlockingConnection(pika.URLParameters(url))
        channel = connection.channel()
        for row in rows:
            body = hand_over(row.stage, [row.message_id]).encode()
            channel.basic_publish("", queue_of(row.stage), body)
        connection.close()
    except (Outage, AMQPError):
        return


def embedded(count: int, seed: int, folder: Path) -> tuple[list[tuple[str, object]], bool]:
    """One process, killed again and again."""
    settings = _settings(folder)
    processes = Processes(settings, {"up": ["chartline", "up"]}, folder / "processes.log")
    faults: dict[str, Callable[[], None]] = {
        "kill -9 of the one process": lambda: processes.kill("up")
    }
    soak = Soak("embedded", settings, processes, count, Random(seed), faults, (0.5, 2.0))
    rows = soak.run()
    return rows, soak.bad


def _settings(folder: Path, **changes: Any) -> Settings:
    return Settings(
        data_dir=folder,
        lease_ms=15_000,
        mailbox_poll_ms=300,
        batch_window_ms=500,
        outage_wait_ms=1_000,
        log_level="WARNING",
        **changes,
    )


def main() -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charts", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", choices=("embedded", "distributed", "both"), default="both")
    chosen = parser.parse_args()
    bad = False
    for size, play in (("embedded", embedded), ("distributed", distributed)):
        if chosen.size not in {size, "both"}:
            continue
        with tempfile.TemporaryDirectory(prefix="chartline-soak-") as folder:
            rows, is_bad = play(chosen.charts, chosen.seed, Path(folder))
        bad |= is_bad
        print(f"\n{size}: {chosen.charts} charts, seed {chosen.seed}")
        for label, value in rows:
            print(f"  {label:52s} {value}")
        print(f"  {'verdict':52s} {'FAILED' if is_bad else 'nothing lost, nothing twice'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
