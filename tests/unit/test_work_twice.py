"""A message that comes twice in one batch: the second finds its work done."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from messages.envelope import Fact
from messages.path import Stage
from services.chart.rows import JournalRow, MessageRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.door import Delivery, accept
from workers.runtime import Runtime


def intake(fact: Any, work: Any, _line: Any) -> Iterator[Fact]:
    work.note(fact.raw_id, "read")
    return iter(())


def test_a_message_that_is_twice_in_one_batch_is_done_once() -> None:
    store, clock, ids = MemoryBackend(), FakeClock(), CountingIds()
    runtime = Runtime(
        backend=store,
        clock=clock,
        ids=ids,
        steps={Stage.INTAKE: intake},
        line=None,
        random=Random(1),
        report=lambda *_, **__: None,
    )
    accept(store, clock, ids, [Delivery(b"x")])
    rows = store.lease(list(Stage), clock.ms, clock.ms + 60_000, 10)
    assert runtime.run([*rows, *rows]) == {"done": 1, "seen": 1}
    assert [entry.what for entry in store.select(JournalRow, {})] == ["read"]
    assert store.select(MessageRow, {}) == []
