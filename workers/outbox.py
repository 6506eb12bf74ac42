"""Outbox: leases what is due in the store and hands it to the broker, with confirms.

Many facts travel in one broker message, so that one confirm serves them all; when little is due a
message carries one fact and nothing waits. At most `window` facts of a stage are in the broker, so
a backlog waits in the store. It survives broker and store: what was not confirmed is given back.
Several outboxes at once are safe: a lease is exclusive.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from dramatiq.errors import BrokerError

from messages.path import Stage
from services.chart.failures import Outage
from services.chart.ports import Clock, Store
from services.chart.rows import MessageRow
from workers.broker import QuorumBroker, hand_over
from workers.runtime import Report, RetryRule

ALONE = RetryRule().sends_alone


@dataclass(slots=True)
class Outbox:
    """One relay. `turn` moves one batch; `run` goes on until it is told to stop."""

    store: Store
    broker: QuorumBroker
    clock: Clock
    report: Report
    lease_ms: int
    batch_size: int
    window: int
    idle_wait_ms: int
    sends_alone: int = ALONE
    _full: frozenset[str] = frozenset()
    _counted_ms: int = 0
    _sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop`; an outage of either side is waited out."""
        while not stop.is_set():
            try:
                if not self.turn():
                    self.store.wait_for_message(self.idle_wait_ms / 1_000)
            except Outage:
                self.report("outbox.store-outage")
                stop.wait(1.0)
            except BrokerError:
                self.report("outbox.broker-outage")
                stop.wait(1.0)

    def turn(self) -> int:
        """Lease and hand over one batch; returns how many facts it had.

        Raises:
            Outage: the store does not answer.
            BrokerError: the broker did not confirm; the rest of the batch is due again.
        """
        stages = self._open_stages()
        now = self.clock.now_ms()
        rows = self.store.lease(stages, now, now + self.lease_ms, self.batch_size * len(Stage))
        waiting = {row.message_id for row in rows}
        try:
            for stage, ids in self._chunks(rows):
                self.broker.enqueue(hand_over(stage, ids))
                self._sent[stage] += len(ids)
                waiting.difference_update(ids)
        finally:
            if waiting:
                self.store.release(waiting, now)
        return len(rows)

    def _chunks(self, rows: list[MessageRow]) -> list[tuple[str, list[str]]]:
        """Batches by stage; a row that was sent often goes alone, for it may be poison."""
        chunks: list[tuple[str, list[str]]] = []
        together: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if row.sends > self.sends_alone:
                chunks.append((row.stage, [row.message_id]))
                continue
            ids = together[row.stage]
            ids.append(row.message_id)
            if len(ids) == self.batch_size:
                chunks.append((row.stage, together.pop(row.stage)))
        return chunks + list(together.items())

    def _open_stages(self) -> list[str]:
        """Stages whose window is not full; counted when enough was sent to matter."""
        now = self.clock.now_ms()
        matters = self._full or any(n >= self.window // 2 for n in self._sent.values())
        if matters and now - self._counted_ms >= self.idle_wait_ms // 5:
            held = self.store.count_leased(now)
            self._full = frozenset(s for s, n in held.items() if n >= self.window)
            self._counted_ms = now
            self._sent.clear()
        return [stage for stage in Stage if stage not in self._full]
