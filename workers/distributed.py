"""The processes of the distributed line: stage workers, outbox, timers, rejected queues."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import dramatiq
from dramatiq import Worker

from config.settings import Settings
from services.chart.failures import Outage
from services.chart.rows import MessageRow
from workers.boot import open_runtime, start_mailboxes, stop_on_signals
from workers.broker import ACTOR, QuorumBroker, queue_of
from workers.outbox import Outbox
from workers.rejected import RejectedQueues
from workers.runtime import Runtime
from workers.timers import fire_due


def work(settings: Settings, stages: Sequence[str]) -> None:
    """A stage worker: consumes the queues of these stages until SIGTERM, then drains."""
    stop = stop_on_signals(settings.drain_ms)
    with open_runtime(settings, stages) as runtime:
        broker = QuorumBroker(settings.broker_url)
        for stage in stages:
            declare_actor(broker, stage, runtime, stop)
        worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=200)
        worker.start()
        for stage in stages:
            broker.declare_queue(queue_of(stage))
        stop.wait()
        worker.stop(timeout=settings.drain_ms)
        broker.close()


def declare_actor(
    broker: QuorumBroker, stage: str, runtime: Runtime, stop: threading.Event
) -> None:
    """The actor of a stage: reads the rows that the message names and runs them."""

    def run(message_ids: list[str]) -> None:
        """Whoever returns has the message acked: so what was taken is done, also while draining.

        Only an outage at that time leaves it undone; its rows are due again when the lease ends.
        """
        while True:
            try:
                rows = runtime.backend.select(MessageRow, {"message_id": message_ids})
                runtime.run(rows)
            except Outage:
                runtime.report("store.outage", stage=stage)
                if stop.wait(1.0):
                    return
            else:
                return

    named = dramatiq.actor(actor_name=f"{ACTOR}_{stage}", queue_name=queue_of(stage), broker=broker)
    named(run)


def outbox(settings: Settings) -> None:
    """The relay from the store to the broker."""
    stop = stop_on_signals(settings.drain_ms)
    with open_runtime(settings, ()) as runtime:
        broker = QuorumBroker(settings.broker_url)
        relay = Outbox(
            store=runtime.backend,
            broker=broker,
            clock=runtime.clock,
            report=runtime.report,
            lease_ms=settings.lease_ms,
            batch_size=settings.batch_size,
            ahead=settings.messages_ahead,
            gather_ms=settings.gather_ms,
            idle_wait_ms=settings.idle_wait_ms,
        )
        relay.run(stop)
        broker.close()


def timers(settings: Settings) -> None:
    """Fires timers; starts the mailboxes."""
    stop = stop_on_signals(settings.drain_ms)
    with open_runtime(settings, ()) as runtime:
        started = False
        while not stop.is_set():
            try:
                if not started:
                    start_mailboxes(runtime)
                    started = True
                fired = fire_due(runtime)
            except Outage:
                runtime.report("store.outage", process="timers")
                fired = 0
            if not fired:
                stop.wait(settings.idle_wait_ms / 1_000)


def rejected(settings: Settings) -> None:
    """Turns what RabbitMQ gave up on into dead letters."""
    stop = stop_on_signals(settings.drain_ms)
    with open_runtime(settings, ()) as runtime:
        RejectedQueues(runtime, settings.broker_url).run(stop)
