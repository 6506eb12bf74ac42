"""The distributed line on a real RabbitMQ: relay, workers, poison, outages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from dramatiq import Worker
from dramatiq.common import xq_name
from pika.exceptions import NackError

from messages.path import Stage
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.fsck import fsck
from services.adapters.store.postgres import PostgresBackend
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, RawRow
from tests.bench.engine import STEPS
from tests.servers import RabbitServer
from workers.broker import DELIVERY_LIMIT, QuorumBroker, hand_over, queue_of
from workers.distributed import declare_actor
from workers.door import Delivery, accept
from workers.outbox import Outbox
from workers.rejected import RejectedQueues
from workers.runtime import Runtime

pytestmark = pytest.mark.servers


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


class Distributed:
    """Outbox, one worker for all stages and the rejected queues, in threads."""

    def __init__(self, store: PostgresBackend, url: str, *, lease_ms: int = 3_000) -> None:
        from random import Random

        self.store, self.url = store, url
        self.stop = threading.Event()
        self.runtime = Runtime(
            backend=store,
            clock=SystemClock(),
            ids=SystemIds(),
            steps=STEPS,
            line=None,
            random=Random(),
            report=lambda *_, **__: None,
        )
        self.lease_ms = lease_ms
        self.broker = QuorumBroker(url)
        for stage in STEPS:
            declare_actor(self.broker, stage, self.runtime, self.stop)
        self.worker = Worker(self.broker, worker_threads=1, worker_timeout=100)
        self.threads = [
            threading.Thread(target=self._relay, daemon=True),
            threading.Thread(
                target=RejectedQueues(self.runtime, url).run, args=(self.stop,), daemon=True
            ),
        ]

    def _relay(self) -> None:
        broker = QuorumBroker(self.url)
        Outbox(
            store=self.store,
            broker=broker,
            clock=SystemClock(),
            report=lambda *_, **__: None,
            lease_ms=self.lease_ms,
            batch_size=10,
            ahead=2,
            gather_ms=5,
            idle_wait_ms=50,
        ).run(self.stop)
        broker.close()

    def start(self, *, working: bool = True) -> None:
        for thread in self.threads:
            thread.start()
        if working:
            self.worker.start()

    def close(self) -> None:
        self.stop.set()
        self.worker.stop(timeout=5_000)
        for thread in self.threads:
            thread.join(5)
        self.broker.close()

    def send(self, count: int) -> None:
        deliveries = [Delivery(f"{n}".encode()) for n in range(count)]
        accept(self.store, SystemClock(), SystemIds(), deliveries)

    def finished(self) -> int:
        return sum(self.store.count(ChartRow, {"place": "finished"}).values())


@contextmanager
def running(postgres_url: str, rabbit_url: str, **options: Any) -> Iterator[Distributed]:
    store = PostgresBackend(postgres_url)
    line = Distributed(store, rabbit_url, **options)
    try:
        yield line
    finally:
        line.close()
        store.close()


@contextmanager
def channel_to(url: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    yield connection.channel()
    connection.close()


def publish(channel: Any, queue: str, body: bytes) -> None:
    """With confirms: a quorum queue that was just declared may refuse its first messages."""
    channel.confirm_delivery()
    while True:
        try:
            channel.basic_publish("", queue, body)
        except NackError:
            time.sleep(0.1)
        else:
            return


def test_charts_go_through_every_queue(postgres_url: str, rabbit_url: str) -> None:
    with running(postgres_url, rabbit_url) as line:
        line.start()
        line.send(50)
        until(lambda: line.finished() == 50)
        assert line.store.count(MessageRow, {}) == {(): 0}
        assert fsck(line.store).clean


def test_what_the_broker_lost_comes_again_when_its_lease_ends(
    postgres_url: str, rabbit_url: str
) -> None:
    with running(postgres_url, rabbit_url, lease_ms=1_000) as line:
        for stage in STEPS:
            line.broker.declare_queue(queue_of(stage), ensure=True)
        line.start(working=False)
        line.send(20)

        def arrived() -> bool:
            with channel_to(rabbit_url) as channel:
                found = channel.queue_declare(queue_of(Stage.INTAKE), passive=True)
                return bool(found.method.message_count)

        until(arrived)
        with channel_to(rabbit_url) as channel:
            channel.queue_purge(queue_of(Stage.INTAKE))
        line.worker.start()
        until(lambda: line.finished() == 20)


def test_doubled_messages_do_nothing_twice(postgres_url: str, rabbit_url: str) -> None:
    with running(postgres_url, rabbit_url) as line:
        line.send(10)
        ids = [row.message_id for row in line.store.select(MessageRow, {})]
        for _ in range(3):
            line.broker.enqueue(hand_over(Stage.INTAKE, ids))
        line.start()
        until(lambda: line.finished() == 10)
        assert fsck(line.store).charts == 10


@pytest.mark.parametrize(
    "body",
    [b"\x00\xff not ours", b'{"queue_name": "x"}', b"[]", b'{"kwargs": {"message_ids": [1]}}'],
    ids=["no text", "other fields", "a list", "no ids"],
)
def test_a_message_that_is_none_of_ours_becomes_a_dead_letter_with_its_bytes(
    postgres_url: str, rabbit_url: str, body: bytes
) -> None:
    with running(postgres_url, rabbit_url) as line:
        line.start()
        with channel_to(rabbit_url) as channel:
            until(lambda: bool(line.worker.consumers))
            channel.queue_declare(
                xq_name(queue_of(Stage.CODING)), durable=True, arguments={"x-queue-type": "quorum"}
            )
            publish(channel, xq_name(queue_of(Stage.CODING)), body)
        until(lambda: line.store.count(DeadLetterRow, {}) == {(): 1})
        (letter,) = line.store.select(DeadLetterRow, {})
        assert letter.code == "engine.poison"
        (raw,) = line.store.select(RawRow, {"raw_id": letter.subject})
        assert raw.content == body
        line.send(5)
        until(lambda: line.finished() == 5)


def test_options_null_does_not_stop_the_queue(postgres_url: str, rabbit_url: str) -> None:
    """A message that ends dramatiq's consumer is rejected after its deliveries; the rest go on."""
    with running(postgres_url, rabbit_url) as line:
        line.broker.declare_queue(queue_of(Stage.INTAKE), ensure=True)
        good = hand_over(Stage.INTAKE, ["m_none"]).encode()
        with channel_to(rabbit_url) as channel:
            publish(
                channel, queue_of(Stage.INTAKE), good.replace(b'"options":{}', b'"options":null')
            )
        line.start()
        line.send(10)
        until(lambda: line.finished() == 10, seconds=20 + 5 * DELIVERY_LIMIT)


def test_a_fact_that_is_rejected_alone_is_poison_and_its_neighbours_go_on(
    postgres_url: str, rabbit_url: str
) -> None:
    with running(postgres_url, rabbit_url) as line:
        line.send(5)
        rows = line.store.select(MessageRow, {}, order_by="message_id")
        rejected = RejectedQueues(line.runtime, rabbit_url)
        rejected.take(Stage.INTAKE, hand_over(Stage.INTAKE, [r.message_id for r in rows]).encode())
        alone = line.store.select(MessageRow, {})
        assert {row.sends for row in alone} == {line.runtime.rule.sends_alone + 1}
        rejected.take(Stage.INTAKE, hand_over(Stage.INTAKE, [rows[0].message_id]).encode())
        rejected.take(Stage.INTAKE, hand_over(Stage.INTAKE, [rows[0].message_id]).encode())
        line.start()
        until(lambda: line.finished() == 4)
        (letter,) = line.store.select(DeadLetterRow, {})
        assert (letter.code, letter.subject) == ("engine.poison", rows[0].subject)
        assert fsck(line.store).clean


def test_relay_and_workers_survive_the_broker(postgres_url: str) -> None:
    with RabbitServer() as rabbit, running(postgres_url, rabbit.url, lease_ms=5_000) as line:
        line.start()
        line.send(20)
        until(lambda: line.finished() >= 1)
        rabbit.kill()
        line.send(20)
        rabbit.restart()
        until(lambda: line.finished() == 40, seconds=60)
        assert fsck(line.store).clean
