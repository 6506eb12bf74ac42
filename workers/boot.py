"""Boot: settings become a running process. Importing this does nothing; each function starts one.

`steps` is the one place that knows which function runs which stage.
"""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from random import SystemRandom
from typing import Any

import structlog

from config import logging as log_setup
from config.settings import Settings
from config.wiring import Line, build_line, open_store
from messages.path import STAGE_THAT_TAKES, Stage
from messages.submission import MailboxDue
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.work import UnitOfWork
from services.chart.ports import Conflict, Store
from workers.embedded import RUN_ON, EmbeddedLine
from workers.runtime import RetryRule, Runtime, Step

WHOLE_LINE = frozenset(Stage)
GRACE_S = 1.0  # after the time to drain, before a process is cut off
CUT_OFF = 1  # its exit code then


def steps(stages: Iterable[str]) -> dict[str, Step]:
    """The function of each stage: `workers/<stage>.py:step`."""
    return {stage: importlib.import_module(f"workers.{stage}").step for stage in stages}


def rule_of(settings: Settings) -> RetryRule:
    """The retry rule; with a real broker, the broker counts what ends its worker."""
    return RetryRule(
        attempts=settings.retry_attempts,
        first_wait_ms=settings.retry_first_wait_ms,
        most_wait_ms=settings.retry_most_wait_ms,
        outage_wait_ms=settings.outage_wait_ms,
        sends_poison=10**9 if settings.is_distributed else RetryRule().sends_poison,
    )


def build_runtime(settings: Settings, store: Store, line: Line, stages: Collection[str]) -> Runtime:
    """A runtime for these stages; facts between them run on in the same commit."""
    ours = frozenset(stages)
    return Runtime(
        backend=store,
        clock=SystemClock(),
        ids=SystemIds(),
        steps=steps(ours),
        line=line,
        random=SystemRandom(),
        report=reporter(),
        rule=rule_of(settings),
        ahead=frozenset(kind for kind in RUN_ON if STAGE_THAT_TAKES[kind] in ours),
    )


def reporter() -> Callable[..., None]:
    """Log events through structlog; what a person must see is a warning."""
    log = structlog.get_logger()

    def report(event: str, **values: Any) -> None:
        ended = values.get("ended", "")
        if ended in {"stopped", "defect"} or event.endswith("outage"):
            log.warning(event, **values)
        elif values.get("kind") == MailboxDue.__name__:
            log.debug(event, **values)  # every few seconds, for ever
        else:
            log.info(event, **values)

    return report


@contextmanager
def open_runtime(settings: Settings, stages: Collection[str]) -> Iterator[Runtime]:
    """Logging, store and line for a process; closed again at the end."""
    log_setup.configure(settings.log_level, as_json=settings.log_json)
    store = open_store(settings)
    line = build_line(settings, stages)
    try:
        yield build_runtime(settings, store, line, stages)
    finally:
        line.close()
        store.close()


@contextmanager
def open_embedded(settings: Settings) -> Iterator[EmbeddedLine]:
    """The whole line in this process, started; drained at the end."""
    with open_runtime(settings, WHOLE_LINE) as runtime:
        line = EmbeddedLine(
            runtime=runtime,
            batch_size=settings.batch_size,
            lease_ms=settings.lease_ms,
            idle_wait_ms=settings.idle_wait_ms,
        )
        start_mailboxes(runtime)
        line.start()
        try:
            yield line
        finally:
            line.stop(settings.drain_ms / 1_000)


def start_mailboxes(runtime: Runtime) -> None:
    """Every mailbox is looked into from now on; its timer then renews itself."""
    work = UnitOfWork(runtime.backend, runtime.clock, runtime.ids, runtime.cache)
    work.begin(None, "boot")
    for mailbox in sorted(runtime.line.clearinghouses):
        work.remind(MailboxDue(mailbox=mailbox), runtime.clock.now_ms(), "look for answers")
    work.keep()
    try:
        work.commit()
    except Conflict:
        return  # another process was faster, which is as good


def stop_on_signals(drain_ms: int = 0) -> threading.Event:
    """An event that SIGTERM and SIGINT set.

    With `drain_ms`, a process that has not ended a moment after that time is cut off. For a server
    that is silent, and not gone, can hold a call for minutes. It is as safe as any crash: what was
    not committed is due again. A handler that set the event itself could meet its own thread
    inside the event's lock; a `SimpleQueue` may be put to from anywhere.
    """
    stop, asked = threading.Event(), SimpleQueue[int]()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.put(number))
    watch = threading.Thread(target=_end, args=(asked, stop, drain_ms), name="end", daemon=True)
    watch.start()
    return stop


def _end(asked: SimpleQueue[int], stop: threading.Event, drain_ms: int) -> None:
    asked.get()
    stop.set()
    if drain_ms:
        time.sleep(drain_ms / 1_000 + GRACE_S)
        os._exit(CUT_OFF)
