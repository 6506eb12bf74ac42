"""Chartline's engine alone: stages that do nothing, six hops a chart, on RabbitMQ and PostgreSQL.

The runtime, the unit of work, the outbox and the workers are the real ones; a hop still moves a
chart's row, writes its journal and its seen-mark. `python -m tests.bench.engine worker` runs one
worker process; settings come from the environment as in production.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from random import SystemRandom
from typing import Any

from dramatiq import Worker

from config import settings as settings_of
from config.settings import Settings
from config.wiring import open_store
from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.intake import ChartReceived, MessageStored
from messages.path import Stage
from messages.submission import ClaimAccepted
from services.adapters.clock import SystemClock, SystemIds
from services.chart.model import Chart, Patient
from services.chart.places import Outcome
from workers.boot import rule_of, stop_on_signals
from workers.broker import QuorumBroker
from workers.distributed import declare_actor
from workers.runtime import Runtime


def intake(fact: MessageStored, work: Any, _line: Any) -> Iterator[Fact]:
    chart = Chart(
        chart_id=work.ids.new("c"), facility="BENCH", account=fact.raw_id, patient=Patient(mrn="1")
    )
    work.add_chart(chart)
    work.put(replace(work.raw(fact.raw_id), state="filed", chart_id=chart.chart_id))
    yield ChartReceived(chart_id=chart.chart_id)


def completeness(fact: ChartReceived, _work: Any, _line: Any) -> Iterator[Fact]:
    yield ChartComplete(chart_id=fact.chart_id)


def coding(fact: ChartComplete, _work: Any, _line: Any) -> Iterator[Fact]:
    yield CodesAssigned(chart_id=fact.chart_id)


def assembly(fact: CodesAssigned, _work: Any, _line: Any) -> Iterator[Fact]:
    yield ClaimAssembled(chart_id=fact.chart_id, claim_id="none")


def submission(fact: ClaimAssembled, _work: Any, _line: Any) -> Iterator[Fact]:
    yield ClaimAccepted(chart_id=fact.chart_id, claim_id="none")


def remittance(fact: ClaimAccepted, work: Any, _line: Any) -> Iterator[Fact]:
    work.finish(fact.chart_id, Outcome.PAID)
    return iter(())


STEPS: dict[str, Any] = {
    Stage.INTAKE: intake,
    Stage.COMPLETENESS: completeness,
    Stage.CODING: coding,
    Stage.ASSEMBLY: assembly,
    Stage.SUBMISSION: submission,
    Stage.REMITTANCE: remittance,
}


def runtime_of(settings: Settings) -> Runtime:
    return Runtime(
        backend=open_store(settings),
        clock=SystemClock(),
        ids=SystemIds(),
        steps=STEPS,
        line=None,
        random=SystemRandom(),
        report=lambda *_, **__: None,
        rule=rule_of(settings),
    )


def worker() -> None:
    """One worker process for all stages; every hop goes through the broker."""
    settings = settings_of.load()
    stop = stop_on_signals()
    runtime = runtime_of(settings)
    broker = QuorumBroker(settings.broker_url)
    for stage in STEPS:
        declare_actor(broker, stage, runtime, stop)
    pool = Worker(broker, worker_threads=1, worker_timeout=200)
    pool.start()
    stop.wait()
    pool.stop(timeout=8_000)


if __name__ == "__main__":
    assert sys.argv[1] == "worker"
    worker()
