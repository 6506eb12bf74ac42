"""Rejected: what RabbitMQ gave up on becomes a dead letter in the store, raw bytes and all.

A message lands in a stage's rejected queue when it cannot be decoded or when it ended its worker
too often. If it can be read, its facts go back to the store: alone, so that the innocent go on and
the poison shows itself; a fact that comes here alone is a dead letter `engine.poison`.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from dataclasses import dataclass, replace

import orjson
import pika
from dramatiq.common import xq_name
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from messages.intake import MessageStored
from messages.path import Stage
from services.adapters.store.work import UnitOfWork
from services.chart.failures import Outage, Poison
from services.chart.ports import Changes, Conflict
from services.chart.rows import MessageRow, RawRow
from workers.broker import queue_of
from workers.runtime import Runtime


@dataclass(slots=True)
class RejectedQueues:
    """Consumes the rejected queues of all stages; acks after the store's commit."""

    runtime: Runtime
    url: str

    def run(self, stop: threading.Event) -> None:
        """Consume until `stop`; an outage of either side is waited out."""
        while not stop.is_set():
            try:
                self._consume(stop)
            except (AMQPError, Outage, OSError):
                self.runtime.report("rejected.outage")
                stop.wait(1.0)

    def _consume(self, stop: threading.Event) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        try:
            channel = connection.channel()
            while not stop.is_set():
                if not sum(self._drain(channel, stage) for stage in Stage):
                    connection.process_data_events(time_limit=0.5)
        finally:
            if connection.is_open:
                connection.close()

    def _drain(self, channel: BlockingChannel, stage: str) -> int:
        """Take what one rejected queue has; returns how many messages that were."""
        name, taken = xq_name(queue_of(stage)), 0
        channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
        while True:
            method, _, body = channel.basic_get(name)
            if method is None or body is None:
                return taken
            self.take(stage, body)
            channel.basic_ack(method.delivery_tag)
            taken += 1

    def take(self, stage: str, body: bytes) -> None:
        """One rejected message: its facts alone again, or a dead letter."""
        rows = self._rows_of(body)
        if rows is None:
            self._keep_bytes(stage, body)
        elif len(rows) > 1:
            self._send_alone(rows)
        elif rows:
            self._stop(rows[0])

    def _rows_of(self, body: bytes) -> list[MessageRow] | None:
        """The rows that the message names and that are still due; None: not our message."""
        try:
            ids = orjson.loads(body)["kwargs"]["message_ids"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return None
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            return None
        return self.runtime.backend.select(MessageRow, {"message_id": ids})

    def _send_alone(self, rows: list[MessageRow]) -> None:
        now = self.runtime.clock.now_ms()
        often = self.runtime.rule.sends_alone + 1
        for row in rows:
            changes = Changes(updates=[(row, replace(row, due_ms=now, sends=often))])
            try:
                self.runtime.backend.apply(changes)
            except Conflict:
                continue

    def _stop(self, row: MessageRow) -> None:
        """The poison itself."""
        failure = Poison("RabbitMQ gave this message up: it ended its worker again and again.")
        work = self._work()
        work.begin(row, "rejected")
        work.stop_message(row, failure, [])
        work.keep()
        try:
            work.commit()
        except Conflict:
            return

    def _keep_bytes(self, stage: str, body: bytes) -> None:
        """A message that is none of ours: its bytes, once."""
        digest = hashlib.sha256(body).hexdigest()
        raw_id = f"r_rejected_{digest[:20]}"
        if self.runtime.backend.select(RawRow, {"raw_id": raw_id}):
            return
        work = self._work()
        work.begin(None, "rejected")
        now = self.runtime.clock.now_ms()
        feed = f"queue:{queue_of(stage)}"
        work.put(RawRow(raw_id, feed, "", digest, "", now, "stored", "", body))
        failure = Poison(f"A message in the queue of {stage} is none of Chartline's.")
        work.stop_subject(raw_id, failure, MessageStored(raw_id=raw_id))
        work.keep()
        with suppress(Conflict):  # another process keeps the same bytes
            work.commit()

    def _work(self) -> UnitOfWork:
        runtime = self.runtime
        return UnitOfWork(runtime.backend, runtime.clock, runtime.ids, runtime.cache)
