"""Outbox: leases what is due in the store and hands it to the broker, with confirms.

Many facts travel in one broker message, so that one confirm serves them all. A stage has at most
`ahead` leases before it; until one is done, what becomes due gathers in the store and goes with
the next. So a message carries one fact when little is due and many when much is, and a
backlog waits in the store. It survives broker and store: what was not confirmed is given back.
Several outboxes at once are safe: a lease is exclusive.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass

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
    batch_size: int  # facts in one broker message, at most
    ahead: int  # leases of a stage that may be under way
    gather_ms: int  # how long to let facts gather, when many come
    idle_wait_ms: int
    sends_alone: int = ALONE

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop`; an outage of either side is waited out."""
        while not stop.is_set():
            try:
                self._next(stop)
            except Outage:
                self.report("outbox.store-outage")
                stop.wait(1.0)
            except BrokerError:
                self.report("outbox.broker-outage")
                stop.wait(1.0)

    def _next(self, stop: threading.Event) -> None:
        moved = self.turn()
        if not moved:
            self.store.wait_for_message(self.idle_wait_ms / 1_000)
        if moved < self.batch_size:
            busy = min(1.0, moved * 4 / self.batch_size)
            stop.wait(self.gather_ms * busy / 1_000)

    def turn(self) -> int:
        """Lease and hand over one batch; returns how many facts it had.

        Raises:
            Outage: the store does not answer.
            BrokerError: the broker did not confirm; the rest of the batch is due again.
        """
        now = self.clock.now_ms()
        held = self.store.count_leased(now)
        stages = [stage for stage in Stage if held.get(stage, 0) < self.ahead]
        limit = self.batch_size * len(stages)
        rows = self.store.lease(stages, now, now + self.lease_ms, limit)
        waiting = {row.message_id for row in rows}
        try:
            for stage, ids in self._chunks(rows):
                self.broker.enqueue(hand_over(stage, ids))
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
            else:
                together[row.stage].append(row.message_id)
        size = self.batch_size
        chunks += [
            (stage, ids[first : first + size])
            for stage, ids in together.items()
            for first in range(0, len(ids), size)
        ]
        return chunks
