"""The peers: bare pika, Celery and procrastinate doing the same hops at equal durability.

Every hop commits one row in PostgreSQL and hands the chart to the next hop: persistent messages,
publisher confirms, quorum queues, acknowledged after the work. Two worker processes each. Run as
`python -m tests.bench.peers NAME`, with the addresses in the environment.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import pika
import psycopg

HOPS = 6
TABLE = "CREATE TABLE IF NOT EXISTS effect (chart text, hop int, PRIMARY KEY (chart, hop))"
INSERT = "INSERT INTO effect VALUES (%s, %s) ON CONFLICT DO NOTHING"
POSTGRES_URL = os.environ.get("BENCH_POSTGRES_URL", "")  # noqa: TID251 - a bench's own process
RABBIT_URL = os.environ.get("BENCH_RABBIT_URL", "")  # noqa: TID251 - a bench's own process
ROOT = Path(__file__).resolve().parents[2]


def prepare(url: str) -> None:
    """The table of effects, empty."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute("TRUNCATE effect")


def done(connection: psycopg.Connection[Any]) -> int:
    """How many charts have had their last hop."""
    row = connection.execute("SELECT count(*) FROM effect WHERE hop = %s", (HOPS,)).fetchone()
    return int(row[0]) if row else 0


# -- bare pika --------------------------------------------------------------------------------


def pika_queue(hop: int) -> str:
    return f"bare.{hop}"


def pika_channel(url: str) -> Any:
    channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
    for hop in range(1, HOPS + 1):
        arguments = {"x-queue-type": "quorum"}
        channel.queue_declare(pika_queue(hop), durable=True, arguments=arguments)
    channel.confirm_delivery()
    channel.basic_qos(prefetch_count=20)
    return channel


def pika_send(channel: Any, hop: int, chart: str) -> None:
    persistent = pika.BasicProperties(delivery_mode=2)
    channel.basic_publish("", pika_queue(hop), chart.encode(), persistent, mandatory=True)


def pika_worker() -> None:
    """Consume all hops: commit, publish with its confirm, ack."""
    channel = pika_channel(RABBIT_URL)
    with psycopg.connect(POSTGRES_URL) as connection:

        def on_message(hop: int, tag: int, body: bytes) -> None:
            connection.execute(INSERT, (body.decode(), hop))
            connection.commit()
            if hop < HOPS:
                pika_send(channel, hop + 1, body.decode())
            channel.basic_ack(tag)

        for hop in range(1, HOPS + 1):
            channel.basic_consume(
                pika_queue(hop),
                lambda _c, method, _p, body, hop=hop: on_message(hop, method.delivery_tag, body),
            )
        channel.start_consuming()


# -- Celery -----------------------------------------------------------------------------------


def celery_app() -> Any:
    from celery import Celery
    from kombu.entity import Queue

    app = Celery("bench", broker=RABBIT_URL.replace("amqp://", "pyamqp://"))
    app.conf.update(
        task_queues=[
            Queue(f"celery.{hop}", queue_arguments={"x-queue-type": "quorum"})
            for hop in range(1, HOPS + 1)
        ],
        task_default_queue="celery.1",
        task_acks_late=True,
        task_ignore_result=True,
        broker_transport_options={"confirm_publish": True},
        worker_prefetch_multiplier=10,
        broker_connection_retry_on_startup=True,
        worker_hijack_root_logger=False,
    )
    state: dict[str, psycopg.Connection[Any]] = {}

    @app.task(name="hop", acks_late=True)
    def hop_task(chart: str, hop: int) -> None:
        connection = state.get("connection")
        if connection is None:
            connection = state["connection"] = psycopg.connect(POSTGRES_URL)
        connection.execute(INSERT, (chart, hop))
        connection.commit()
        if hop < HOPS:
            hop_task.apply_async((chart, hop + 1), queue=f"celery.{hop + 1}")

    app.hop_task = hop_task
    return app


def celery_worker() -> None:
    """Prefork with two processes."""
    queues = ",".join(f"celery.{hop}" for hop in range(1, HOPS + 1))
    celery_app().worker_main(
        ["worker", "-c", "2", "-P", "prefork", "-Q", queues, "-l", "ERROR", "--without-gossip",
         "--without-mingle", "--without-heartbeat"]
    )  # fmt: skip


# -- procrastinate ----------------------------------------------------------------------------


def procrastinate_app() -> Any:
    import procrastinate

    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=POSTGRES_URL))
    state: dict[str, psycopg.AsyncConnection[Any]] = {}

    @app.task(name="hop", queue="hops")
    async def hop_task(chart: str, hop: int) -> None:
        connection = state.get("connection")
        if connection is None:
            connection = await psycopg.AsyncConnection.connect(POSTGRES_URL)
            state["connection"] = connection
        await connection.execute(INSERT, (chart, hop))
        await connection.commit()
        if hop < HOPS:
            await hop_task.defer_async(chart=chart, hop=hop + 1)

    app.hop_task = hop_task  # type: ignore[attr-defined]
    return app


def procrastinate_worker() -> None:
    """One process; the bench starts two."""

    async def run() -> None:
        app = procrastinate_app()
        async with app.open_async():
            await app.run_worker_async(
                queues=["hops"], concurrency=1, install_signal_handlers=False
            )

    asyncio.run(run())


def procrastinate_fill(count: int) -> None:
    """The schema, and the first hop of every chart."""

    async def run() -> None:
        app = procrastinate_app()
        async with app.open_async():
            if count == 0:
                await app.schema_manager.apply_schema_async()
                return
            jobs = [{"chart": f"{secrets.token_hex(4)}{n}", "hop": 1} for n in range(count)]
            await app.hop_task.batch_defer_async(*jobs)

    asyncio.run(run())


def celery_fill(count: int) -> None:
    """The first hop of every chart."""
    app = celery_app()
    with app.pool.acquire(block=True) as connection:
        producer = app.amqp.Producer(connection)
        for number in range(count):
            app.hop_task.apply_async(
                (f"{secrets.token_hex(4)}{number}", 1), queue="celery.1", producer=producer
            )


def pika_fill(count: int) -> None:
    """The first hop of every chart."""
    channel = pika_channel(RABBIT_URL)
    for number in range(count):
        pika_send(channel, 1, f"{secrets.token_hex(4)}{number}")
    channel.connection.close()


COMMANDS = {
    "pika": pika_worker,
    "celery": celery_worker,
    "procrastinate": procrastinate_worker,
}
FILLS = {"pika": pika_fill, "celery": celery_fill, "procrastinate": procrastinate_fill}

if __name__ == "__main__":
    if sys.argv[1] == "fill":
        FILLS[sys.argv[2]](int(sys.argv[3]))
    else:
        COMMANDS[sys.argv[1]]()
