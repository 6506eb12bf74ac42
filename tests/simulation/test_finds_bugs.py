"""The simulation finds bugs: each promise is broken on purpose, and some seed says so.

No part of Chartline is patched: a broken one is handed in. Each test prints the first seed that
found the bug (`pytest -s`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from messages.envelope import Fact
from services.adapters.store.scratch import key_of
from services.adapters.store.work import UnitOfWork
from services.chart.ports import Backend, Changes, Clock, Conflict, Ids
from services.chart.rows import JournalRow, MessageRow, Row
from tests.fakes.backend import MemoryBackend, no_hook
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.simulation.play import world_of
from tests.simulation.world import Crash
from workers.door import Delivery, Receipt, accept
from workers.embedded import RUN_ON
from workers.runtime import Runtime

SEEDS = 100
YEAR_MS = 365 * 86_400_000
Parts = Callable[[], dict[str, Any]]


class NoSeenMark(MemoryBackend):
    """A message stays due although its work is done."""

    def apply(self, changes: Changes) -> None:
        kept: list[Row] = [row for row in changes.deletes if not isinstance(row, MessageRow)]
        super().apply(replace(changes, deletes=kept))


class TwoCommits(MemoryBackend):
    """What goes is committed before what comes."""

    def apply(self, changes: Changes) -> None:
        super().apply(Changes(deletes=changes.deletes))
        super().apply(replace(changes, deletes=[]))


class NoJournal(MemoryBackend):
    """The end of a chart is not written down."""

    def apply(self, changes: Changes) -> None:
        kept = [
            row
            for row in changes.inserts
            if not (isinstance(row, JournalRow) and row.what == "chart.finished")
        ]
        super().apply(replace(changes, inserts=kept))


class LastWriterWins(MemoryBackend):
    """A commit stands, whatever has changed since it was read; only entries are not rewritten."""

    def apply(self, changes: Changes) -> None:
        hook = self.before_apply
        hook(changes)
        self.before_apply = no_hook
        try:
            super().apply(self._as_if_read_now(changes))
        finally:
            self.before_apply = hook

    def _as_if_read_now(self, changes: Changes) -> Changes:
        new = [r for r in changes.inserts if not (isinstance(r, JournalRow) and self._stored(r))]
        updates = [(self._stored(before) or before, after) for before, after in changes.updates]
        return Changes(new, updates, [row for row in map(self._stored, changes.deletes) if row])

    def _stored(self, row: Row) -> Any:
        return self.rows[type(row)].get(key_of(row))


class EndlessLeases(MemoryBackend):
    """What a dead process or a lost broker message held is never given to another."""

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        return super().lease(stages, now_ms, until_ms + YEAR_MS, limit)

    def release(self, message_ids: Collection[str], due_ms: int) -> None:
        """Nothing is given back."""


class NewEnvelopeForARetry(FakeClearinghouse):
    """A second upload gets a name and an interchange number that the payer does not know."""

    def send(self, name: str, content: bytes) -> None:
        if name in self.files:
            number = content[90:99]  # ISA13 stands at a fixed place
            content = content.replace(number, b"%09d" % (900_000_000 + self.uploads))
            name = f"{self.uploads}-{name}"
        super().send(name, content)


def acknowledges_first(
    backend: Backend, clock: Clock, ids: Ids, deliveries: Sequence[Delivery]
) -> list[Receipt]:
    """A door that has said "stored" when the process dies in the commit."""
    try:
        return accept(backend, clock, ids, deliveries)
    except Crash:
        return [Receipt(ids.new("r"), clock.now_ms(), "") for _ in deliveries]


def takes_away_then_says(runtime: Runtime) -> int:
    """Timers in two steps: a timer that is taken away is not said yet."""
    timers = runtime.backend.due_timers(runtime.clock.now_ms(), 10)
    for timer in timers:
        work = UnitOfWork(runtime.backend, runtime.clock, runtime.ids)
        work.begin(None, "timers")
        with suppress(Conflict):
            runtime.backend.apply(Changes(deletes=[timer]))
            work.say(Fact.registry[timer.kind].model_validate_json(timer.body))
            work.keep()
            work.commit()
    return len(timers)


BUGS: dict[str, Parts] = {
    "the seen-mark is lost": lambda: {"backend": NoSeenMark()},
    "one commit is two": lambda: {"backend": TwoCommits()},
    "an end is not in the journal": lambda: {"backend": NoJournal()},
    "the last writer wins": lambda: {"backend": LastWriterWins()},
    "a lease never ends": lambda: {"backend": EndlessLeases()},
    "the payer does not know a second upload": lambda: {"payer": NewEnvelopeForARetry()},
    "the door acknowledges first": lambda: {"door": acknowledges_first},
    "a timer goes before its fact is said": lambda: {"fire": takes_away_then_says},
    "a file is sent before it is durable": lambda: {"ahead": RUN_ON | {"BatchBuilt"}},
}


def found_by(seed: int, parts: Parts) -> list[str]:
    """What the seed finds: the promises that do not hold, or how the day could not end."""
    world = world_of(seed, **parts())
    try:
        world.run()
    except AssertionError as error:
        return [str(error)]
    return world.faults_found()


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_found(bug: str) -> None:
    for seed in range(SEEDS):
        found = found_by(seed, BUGS[bug])
        if found:
            print(f"\n{bug}: seed {seed} found {found[0]}")
            return
    pytest.fail(f"{SEEDS} seeds have not found it")


def test_what_is_not_broken_is_not_found() -> None:
    assert not any(found_by(seed, dict[str, Any]) for seed in range(10))
