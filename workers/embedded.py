"""The embedded line: every stage in one process, the store's message table as the queue.

Two lanes, each a thread: `inner` for the stages that only touch the store, `outer` for the stage
that talks to the clearinghouse, so that a slow payer does not hold up the charts. A third thread
fires timers. A lane sleeps until a commit says something or a timer is due.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from messages.path import Stage
from services.chart.failures import Outage
from workers.runtime import Runtime
from workers.timers import fire_due

OUTER = frozenset({Stage.SUBMISSION})
INNER = frozenset(Stage) - OUTER
RUN_ON = frozenset(
    {
        "ChartReceived",
        "ChartChanged",
        "ChartComplete",
        "CodesAssigned",
        "ClaimAssembled",
        "ClaimAccepted",
        "QueryRaised",
        "QueryAnswered",
        "AckReceived",
        "RemittanceReceived",
    }
)  # not BatchBuilt: a file must be durable before it is sent


@dataclass(slots=True)
class EmbeddedLine:
    """Starts, runs and drains the line in this process."""

    runtime: Runtime
    batch_size: int
    lease_ms: int
    idle_wait_ms: int
    tally: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start the lanes. What a dead process held is due at once: it held it alone."""
        self.runtime.backend.forget_leases(self.runtime.clock.now_ms())
        for name, stages in (("inner", INNER), ("outer", OUTER)):
            self._spawn(name, self._lane, stages)
        self._spawn("timers", self._timers)

    def _spawn(self, name: str, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def stop(self, timeout_s: float) -> bool:
        """Take no more, end what was begun; True when every lane has ended in time."""
        self._stop.set()
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _lane(self, stages: frozenset[str]) -> None:
        while not self._stop.is_set():
            try:
                if not self.turn(stages):
                    self.runtime.backend.wait_for_message(self.idle_wait_ms / 1_000)
            except Outage:
                self._stop.wait(self.idle_wait_ms / 1_000)

    def turn(self, stages: frozenset[str]) -> int:
        """Lease one batch and run it; returns how many messages it had."""
        now = self.runtime.clock.now_ms()
        rows = self.runtime.backend.lease(stages, now, now + self.lease_ms, self.batch_size)
        if rows:
            self.tally += self.runtime.run(rows)
        return len(rows)

    def _timers(self) -> None:
        while not self._stop.is_set():
            try:
                fired = fire_due(self.runtime)
            except Outage:
                fired = 0
            if not fired:
                self._stop.wait(min(self.idle_wait_ms, 100) / 1_000)
